"""What the clock asks of visits: reminders before, and afterwards whether they took place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import ProposalState, Side
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.proposals import letters
from matcher.visits import closing

AT_ONCE = 500  # visits per firing; the next firing takes the rest
WEEK = timedelta(days=7)
ASKED_AGAIN_AFTER = timedelta(days=4)
ASKED_FOR = timedelta(days=30)  # an older visit that nobody spoke of is the coordinator's
SIDES = (Side.SCHOOL, Side.COMPANY)


def remind_of_visits() -> int:
    """Tell both sides a week ahead and the day before, each once. How many visits were told.

    A visit agreed within the week, or a firing that was missed, is caught up on: the reminder of
    the week until two days before, that of the day until it begins.
    """
    today = clock.today()
    after, week = _midnight(today + timedelta(days=2)), _midnight(today + timedelta(days=8))
    told = 0
    for visit in _agreed(Proposal.starts_at >= after, Proposal.starts_at < week):
        if visit.created_at <= (visit.proposal.starts_at or clock.now()) - WEEK:
            told += _tell(visit, "week", "visit_next_week", SIDES)
    for visit in _agreed(Proposal.starts_at >= clock.now(), Proposal.starts_at < after):
        told += _tell(visit, "tomorrow", "visit_tomorrow", SIDES)
    db.session.flush()
    return told


def ask_if_held() -> int:
    """The day after: did it take place? Four days later once more, to who is silent."""
    over = Proposal.ends_at < _midnight(clock.today())
    lately = Proposal.ends_at >= clock.now() - ASKED_FOR
    asked = 0
    for visit in _agreed(over, lately):
        silent = [side for side in SIDES if side not in {r.side for r in visit.reports}]
        asked += _tell(visit, "held", "visit_held_asked", silent)
        if (visit.proposal.ends_at or clock.now()) < clock.now() - ASKED_AGAIN_AFTER:
            asked += _tell(visit, "held_again", "visit_held_asked", silent)
    db.session.flush()
    return asked


def settle_reported() -> int:
    """Close what both sides agree on, and what one side said some days ago unopposed."""
    spoken = Visit.reports.any()
    closed = sum(closing.settle_if_clear(visit) for visit in _agreed(spoken))
    db.session.flush()
    return closed


def _agreed(*conditions: ColumnElement[bool]) -> Iterator[Visit]:
    visits = (
        select(Visit)
        .join(Proposal, Proposal.id == Visit.proposal_id)
        .options(
            joinedload(Visit.proposal).joinedload(Proposal.need).joinedload(Need.teacher),
            joinedload(Visit.proposal).joinedload(Proposal.offer).joinedload(Offer.company),
            joinedload(Visit.proposal).joinedload(Proposal.professional),
            selectinload(Visit.reports),
        )
        .where(Proposal.state == ProposalState.CONFIRMED, *conditions)
        .order_by(Proposal.starts_at, Visit.id)
        .limit(AT_ONCE)
    )
    yield from db.session.scalars(visits).all()


def _tell(visit: Visit, name: str, message: str, sides: tuple[Side, ...] | list[Side]) -> int:
    """One mail per side and day of the visit; a visit moved to another day is told anew."""
    if name in visit.reminded or not sides:
        return 0
    day = visit.proposal.starts_at or visit.created_at
    for side in sides:
        letters.write(message, visit.proposal, side, key=f"{name}.{day.date().isoformat()}")
    visit.reminded = visit.reminded | {name: clock.now().isoformat()}
    return 1


def _midnight(day: date, zone: ZoneInfo = clock.AMSTERDAM) -> datetime:
    """When a day begins on the wall clock: the days of clock change have 23 or 25 hours."""
    return clock.utc(datetime.combine(day, time()), zone)
