"""Verbs on moments: add one, add a series, add a webinar's date, withdraw."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from matcher import clock, policies
from matcher.errors import Invalid, NotAllowed, Taken, WrongState
from matcher.extensions import db
from matcher.models.moves import LIVE, ProposalState
from matcher.models.offer import OfferState
from matcher.models.professional import Slot, SlotSeries
from matcher.models.proposal import Proposal
from matcher.offers.availability import (
    Period,
    PlannedSlot,
    Recurrence,
    days_of,
    overlaps,
    period_on,
    plan,
)
from matcher.offers.daysoff import days_off_for
from matcher.offers.kinds import Booking, booking_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matcher.models.account import Person
    from matcher.models.offer import Offer
    from matcher.models.organisation import Company
    from matcher.models.professional import Professional

FARTHEST = timedelta(days=550)
MOST_SEATS = 2000
NO_ACCESS = _l("Only this professional and a contact of the company can do this.")


def zone_of(company: Company) -> ZoneInfo:
    """The wall clock that people of this company's programme live by."""
    return ZoneInfo(company.region.programme.time_zone)


def add_slot(
    professional: Professional, day: date, starts: time, ends: time, *, by: Person
) -> Slot:
    """One moment in which this professional can be booked."""
    _may_edit(professional, by)
    period = period_on(day, starts, ends, zone_of(professional.company))
    _refuse_when(period)
    if overlaps(period, occupied(professional, *period)):
        raise Taken(_l("This overlaps a moment that is there already."), field="starts")
    return _store(professional, [period])[0]


def add_series(
    professional: Professional, recurrence: Recurrence, *, by: Person, seen: str | None = None
) -> SlotSeries:
    """Store what the preview showed; ``seen`` is the fingerprint of the preview looked at."""
    _may_edit(professional, by)
    planned = preview(professional, recurrence)
    made = [slot for slot in planned if slot.is_made]
    if not made:
        raise Invalid(_l("No date is left to add in this period."), field="until")
    if seen is not None and seen != fingerprint(planned):
        raise WrongState(_l("The dates have changed meanwhile. Look at them again."))
    series = SlotSeries(
        professional_id=professional.id,
        rule=recurrence.rule,
        first_day=recurrence.first_day,
        until=recurrence.until,
        starts=f"{recurrence.starts:%H:%M}",
        ends=f"{recurrence.ends:%H:%M}",
    )
    db.session.add(series)
    db.session.flush()
    _store(professional, [(slot.starts_at, slot.ends_at) for slot in made], series=series)
    return series


def count_of(series: SlotSeries) -> int:
    """How many moments the series made."""
    query = select(func.count(Slot.id)).where(Slot.series_id == series.id)
    return db.session.scalar(query) or 0


def preview(professional: Professional, recurrence: Recurrence) -> list[PlannedSlot]:
    """Exactly the dates that ``add_series`` will make, and those it will leave out."""
    zone = zone_of(professional.company)
    days = days_of(recurrence)
    _refuse_when(period_on(days[-1], recurrence.starts, recurrence.ends, zone), field="until")
    first = clock.utc(datetime.combine(days[0], recurrence.starts), zone)
    last = clock.utc(datetime.combine(days[-1], recurrence.ends), zone)
    return plan(
        recurrence,
        zone,
        now=clock.now(),
        days_off=days_off_for(professional, days[0], days[-1]),
        occupied=occupied(professional, first, last),
    )


def fingerprint(planned: Sequence[PlannedSlot]) -> str:
    """The dates that will be made, in a few letters, to notice that they have changed."""
    made = "|".join(
        f"{slot.starts_at.isoformat()}/{slot.ends_at.isoformat()}"
        for slot in planned
        if slot.is_made
    )
    return hashlib.sha256(made.encode()).hexdigest()[:16]


def add_date(offer: Offer, day: date, starts: time, ends: time, *, seats: int, by: Person) -> Slot:
    """A date of a webinar, with the classes it has room for."""
    if not policies.may_edit_offer(by, offer):
        raise NotAllowed(_l("Only a contact of this company can do this."))
    if booking_of(offer) != Booking.DATE:
        raise WrongState(_l("Only a webinar has dates of its own."))
    if not 1 <= seats <= MOST_SEATS:
        raise Invalid(_l("Choose between 1 and %(most)d seats.", most=MOST_SEATS), field="seats")
    period = period_on(day, starts, ends, zone_of(offer.company))
    _refuse_when(period)
    standing = [(date.starts_at, date.ends_at) for date in offer.dates if not date.withdrawn_at]
    if overlaps(period, standing):
        raise Taken(_l("This overlaps a date that is there already."), field="starts")
    slot = Slot(offer_id=offer.id, starts_at=period[0], ends_at=period[1], seats=seats)
    offer.dates.append(slot)
    db.session.flush()
    return slot


def withdraw_slot(slot: Slot, *, by: Person) -> None:
    """Take one moment back; a visit agreed on it has to be cancelled first."""
    if slot.professional is not None:
        _may_edit(slot.professional, by)
    elif slot.offer is not None and not policies.may_edit_offer(by, slot.offer):
        raise NotAllowed(_l("Only a contact of this company can do this."))
    if slot.withdrawn_at is not None:
        raise WrongState(_l("This moment was withdrawn already."))
    states = {state for (state,) in _live_states(slot)}
    if ProposalState.CONFIRMED in states or slot.taken:
        raise Taken(_l("A visit is agreed at this moment. Cancel the visit first."))
    if states - {ProposalState.SUGGESTED}:
        raise Taken(_l("A school has been asked for this moment. Answer that proposal first."))
    if slot.offer is not None and _is_last_date(slot):
        raise WrongState(_l("This is the last date. Pause the webinar, or add another date first."))
    slot.withdrawn_at = clock.now()


def occupied(professional: Professional, start: datetime, end: datetime) -> list[Period]:
    """The professional's standing moments that touch this stretch of time."""
    rows = db.session.execute(
        select(Slot.starts_at, Slot.ends_at)
        .where(
            Slot.professional_id == professional.id,
            Slot.withdrawn_at.is_(None),
            Slot.starts_at < end,
            Slot.ends_at > start,
        )
        .order_by(Slot.starts_at)
    )
    return [(row.starts_at, row.ends_at) for row in rows]


def _may_edit(professional: Professional, by: Person) -> None:
    if not policies.may_edit_professional(by, professional):
        raise NotAllowed(NO_ACCESS)


def _refuse_when(period: Period, *, field: str = "day") -> None:
    if period[0] <= clock.now():
        raise Invalid(_l("Choose a moment in the future."), field=field)
    if period[0] > clock.now() + FARTHEST:
        raise Invalid(_l("Choose a moment within a year and a half."), field=field)


def _store(
    professional: Professional, periods: list[Period], *, series: SlotSeries | None = None
) -> list[Slot]:
    """Add these moments; one withdrawn earlier with the same start stands up again."""
    starts = [start for start, _end in periods]
    rows = db.session.scalars(
        select(Slot).where(Slot.professional_id == professional.id, Slot.starts_at.in_(starts))
    )
    withdrawn = {slot.starts_at: slot for slot in rows}
    slots = []
    for start, end in periods:
        slot = withdrawn.get(start) or Slot(professional_id=professional.id, starts_at=start)
        slot.ends_at, slot.withdrawn_at = end, None
        slot.series_id = series.id if series else None
        db.session.add(slot)
        slots.append(slot)
    db.session.flush()
    return slots


def _live_states(slot: Slot) -> Sequence[tuple[ProposalState]]:
    found = select(Proposal.state).where(Proposal.slot_id == slot.id, Proposal.state.in_(LIVE))
    return [(row[0],) for row in db.session.execute(found.distinct())]


def _is_last_date(slot: Slot) -> bool:
    """A published webinar keeps at least one date to come."""
    offer = slot.offer
    if offer is None or offer.state != OfferState.PUBLISHED or slot.starts_at <= clock.now():
        return False
    return not any(
        date.id != slot.id and date.withdrawn_at is None and date.starts_at > clock.now()
        for date in offer.dates
    )
