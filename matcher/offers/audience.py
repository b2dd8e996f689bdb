"""Who comes to a webinar's date, and what a reader has to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from matcher import clock, policies
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import HELD, ProposalState
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.policies import Shown
from matcher.proposals import line

MOST_SHOWN = 300
_SEATED = (ProposalState.CONFIRMED, ProposalState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Date:
    """One date as a teacher who chooses sees it."""

    slot: Slot
    waiting: int
    suits: bool  # lies on the days of the request in mind
    mine: tuple[tuple[str, int, int], ...] = ()  # (class, position, place id) in line

    @property
    def left(self) -> int:
        return self.slot.seats - self.slot.taken

    @property
    def is_full(self) -> bool:
        return self.left <= 0 or self.waiting > 0


def dates_to_come(offer: Offer, need: Need | None, person: Person | None) -> list[Date]:
    """A webinar's dates that can be joined or waited for, in a fixed number of queries."""
    slots = [
        slot for slot in offer.dates if slot.withdrawn_at is None and slot.starts_at > clock.now()
    ][:MOST_SHOWN]
    waiting = line.lengths(slots)
    places = line.places_of(person, slots=slots) if person is not None else []
    return [
        Date(
            slot,
            waiting.get(slot.id, 0),
            need is None or _suits(need, slot),
            tuple((p.need.title, n, p.id) for p, n in places if p.slot_id == slot.id),
        )
        for slot in slots
    ]


def _suits(need: Need, slot: Slot) -> bool:
    return any(w.starts_at <= slot.starts_at and slot.ends_at <= w.ends_at for w in need.windows)


def seats_of(slot: Slot, person: Person | None = None) -> Sequence[Proposal]:
    """The classes that have, or had, a seat; only those of one teacher where one is named."""
    found = (
        select(Proposal)
        .join(Need, Need.id == Proposal.need_id)
        .options(
            joinedload(Proposal.need).joinedload(Need.school),
            joinedload(Proposal.need).joinedload(Need.teacher),
        )
        .where(Proposal.slot_id == slot.id, Proposal.state.in_(HELD))
    )
    if person is not None:
        found = found.where(Need.teacher_id == person.id)
    return db.session.scalars(found.order_by(Proposal.id).limit(MOST_SHOWN)).all()


def gives(person: Person, offer: Offer) -> bool:
    """Works on this webinar: a contact, the region's coordinator, or who gives it."""
    own = any(professional.person_id == person.id for professional in offer.professionals)
    return own or policies.may_edit_offer(person, offer)


def may_open(person: Person, slot: Slot) -> bool:
    """Has something to do with this date."""
    if slot.offer is None:
        return False
    return (
        gives(person, slot.offer) or bool(seats_of(slot, person)) or line.has_waited(person, slot)
    )


def may_join(seats: Sequence[Proposal]) -> bool:
    """The address to join by is for who has a seat, until 30 days after."""
    return any(seat.state in _SEATED and Shown.CONTACTS in policies.shown(seat) for seat in seats)


def may_watch(seats: Sequence[Proposal]) -> bool:
    """The recording is for who had a seat, whether or not the class could be there."""
    return any(seat.state != ProposalState.CANCELLED for seat in seats)


def attended(seats: Sequence[Proposal]) -> list[Proposal]:
    """The seats whose class was there."""
    return [seat for seat in seats if seat.state == ProposalState.DELIVERED]


def pupils_at(slot: Slot) -> int:
    """Pupils counted on the day by all classes together."""
    counted = (
        select(func.sum(Visit.attended))
        .join(Proposal, Proposal.id == Visit.proposal_id)
        .where(Proposal.slot_id == slot.id, Proposal.state == ProposalState.DELIVERED)
    )
    return db.session.scalar(counted) or 0
