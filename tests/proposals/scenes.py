"""Proposals brought to where a test begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

from sqlalchemy import func, select

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import ProposalState, Side
from matcher.models.need import Need
from matcher.models.offer import Offer, OfferKind
from matcher.models.outbox import OutboxMail
from matcher.models.professional import ClaimedQuarter, Load, Slot
from matcher.models.proposal import Alternate, Proposal
from matcher.models.run import MatchRun, RunState
from matcher.proposals import service, times
from tests.cast import Cast, add, make_need


def suggest(need: Need, offer: Offer, slot: Slot | None) -> Proposal:
    """A run's suggestion, as the matcher would have stored it."""
    start, end = times.visit_time(need, offer, slot)
    return add(
        Proposal(
            need=need,
            offer=offer,
            region=need.region,
            slot=slot,
            professional_id=slot.professional_id if slot else None,
            shares_slot=offer.kind == OfferKind.WEBINAR,
            starts_at=start,
            ends_at=end,
            score=0.8,
        )
    )


def ask(cast: Cast, need: Need, offer: Offer, slot: Slot | None) -> Proposal:
    proposal = suggest(need, offer, slot)
    service.release(proposal, by=cast.gea)
    return proposal


def confirm(cast: Cast, need: Need, offer: Offer, slot: Slot | None) -> Proposal:
    """Both sides' yes; without a person on the company side the coordinator says it."""
    proposal = ask(cast, need, offer, slot)
    service.accept(proposal, side=Side.SCHOOL, by=need.teacher)
    if proposal.state == ProposalState.SCHOOL_YES:
        service.accept(proposal, side=Side.COMPANY, by=cast.gea)
    return proposal


def another_need(cast: Cast, **more: Any) -> Need:
    return make_need(cast.bram, cast.vakschool, **({"title": "Techniek in de klas"} | more))


def alternate(
    need: Need, offer: Offer, slot: Slot | None, *, rank: int = 1, score: float = 0.5
) -> Alternate:
    run = db.session.scalar(select(MatchRun).order_by(MatchRun.id)) or add(
        MatchRun(
            region_id=need.region_id,
            state=RunState.DONE,
            finished_at=clock.now(),
            settings={},
            statistics={},
        )
    )
    return add(
        Alternate(
            run_id=run.id,
            need_id=need.id,
            offer_id=offer.id,
            slot_id=slot.id if slot else None,
            professional_id=slot.professional_id if slot else None,
            rank=rank,
            score=score,
            reasons=[],
        )
    )


def mails() -> list[tuple[str, str]]:
    """(message, reader) of all mail queued, in order, and forget it."""
    rows = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()
    told = [(row.message, _reader(row.person)) for row in rows]
    for row in rows:
        db.session.delete(row)
    db.session.flush()
    return told


def _reader(person: Person | None) -> str:
    return person.first_name if person else ""


def loads() -> dict[tuple[str, str], int]:
    found = db.session.execute(select(Load.holder, Load.period, Load.taken).where(Load.taken > 0))
    return {(holder, period): taken for holder, period, taken in found}


def claimed() -> int:
    return db.session.scalar(select(func.count()).select_from(ClaimedQuarter)) or 0


def taken(slot: Slot) -> int:
    return db.session.scalar(select(Slot.taken).where(Slot.id == slot.id)) or 0


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The same code at another moment: the clock is the only reader of time."""
    with patch.object(clock, "now", lambda: moment):
        yield
