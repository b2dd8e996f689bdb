"""What a class can have anyway: the ladder of the last run as it stands now, and the click."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.need import Need
from matcher.models.offer import Offer, OfferState
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.models.run import UnmatchedNeed
from matcher.needs import service
from matcher.proposals import queries
from matcher.proposals import service as proposals
from matcher.proposals.times import visit_time
from matcher.web.names import language

MOST_VISITS = 10


@dataclass(frozen=True)
class Rung:
    """An offer that can be had now; ``starts_now`` when nobody has to be asked first."""

    offer: Offer
    slot: Slot | None
    when: tuple[object, object]
    seats_left: int
    topics: str
    starts_now: bool


def rungs(need: Need, unmatched: UnmatchedNeed) -> list[Rung]:
    """In the order of the run, without what has gone since; in two queries."""
    told = unmatched.instead
    offers = _published(row["offer"] for row in told)
    slots = _free(row["slot"] for row in told if row["slot"] is not None)
    found = []
    for row in told:
        offer, slot = offers.get(row["offer"]), slots.get(row["slot"])
        if offer is None or (row["slot"] is not None and slot is None):
            continue
        topics = row["topics"].get(language()) or row["topics"].get("nl") or []
        found.append(
            Rung(
                offer=offer,
                slot=slot,
                when=visit_time(need, offer, slot),
                seats_left=slot.seats - slot.taken if slot else 0,
                topics=", ".join(topics),
                starts_now=not offer.ask_first,
            )
        )
    return found


def take(
    need: Need, offer: Offer, slot: Slot | None, *, keep_looking: bool, by: Person
) -> Proposal:
    """Invite the offer; ``keep_looking`` asks for one visit more, so that the search goes on."""
    if keep_looking:
        service.save(need, {"visits_wanted": min(MOST_VISITS, need.visits_wanted + 1)}, by=by)
    return proposals.invite(need, offer, slot, by=by)


def _published(ids: Iterable[int]) -> dict[int, Offer]:
    found = (
        select(Offer)
        .where(Offer.id.in_(sorted(ids)), Offer.state == OfferState.PUBLISHED)
        .options(joinedload(Offer.company))
    )
    return {offer.id: offer for offer in db.session.scalars(found.order_by(Offer.id))}


def _free(ids: Iterable[int]) -> dict[int | None, Slot]:
    found = queries.free_slots().where(Slot.id.in_(sorted(ids))).order_by(Slot.id)
    return {slot.id: slot for slot in db.session.scalars(found)}
