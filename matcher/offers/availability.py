"""When somebody can be booked: recurring wall-clock hours worked out into dated moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from flask_babel import lazy_gettext as _l

from matcher import clock
from matcher.errors import Invalid

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
EARLIEST, LATEST = time(7), time(22)
SHORTEST = timedelta(minutes=15)
LONGEST_SERIES = timedelta(days=400)
MOST_DATES = 150

Period = tuple[datetime, datetime]


class Verdict(StrEnum):
    """What becomes of one date of a series."""

    MADE = "made"
    HOLIDAY = "holiday"
    CLASH = "clash"  # overlaps a moment that is there already
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Weekdays (0 is Monday) and hours on the wall clock that come back every so many weeks."""

    weekdays: frozenset[int]
    first_day: date
    until: date
    starts: time
    ends: time
    every: int = 1  # weeks
    skip_holidays: bool = True

    @property
    def rule(self) -> str:
        days = ",".join(WEEKDAYS[day] for day in sorted(self.weekdays))
        return f"FREQ=WEEKLY;INTERVAL={self.every};BYDAY={days}"


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """One date of a series before it is stored, and what will become of it."""

    starts_at: datetime
    ends_at: datetime
    verdict: Verdict
    holiday: str = ""

    @property
    def is_made(self) -> bool:
        return self.verdict == Verdict.MADE


def period_on(day: date, starts: time, ends: time, zone: ZoneInfo) -> Period:
    """The hours of one day in UTC; refused when they make no sense to a school."""
    _refuse_hours(starts, ends)
    return clock.utc(datetime.combine(day, starts), zone), clock.utc(
        datetime.combine(day, ends), zone
    )


def days_of(recurrence: Recurrence) -> list[date]:
    """The calendar days the rule names, first and last included."""
    _refuse_span(recurrence)
    start = datetime.combine(recurrence.first_day, time())
    rule = rrulestr(recurrence.rule, dtstart=start)
    days = [
        moment.date()
        for moment in rule.between(start, datetime.combine(recurrence.until, time()), inc=True)
    ]
    if not days:
        raise Invalid(_l("None of these weekdays falls in this period."), field="weekdays")
    if len(days) > MOST_DATES:
        raise Invalid(
            _l("This makes more than %(most)d dates. Choose a shorter period.", most=MOST_DATES),
            field="until",
        )
    return days


def plan(
    recurrence: Recurrence,
    zone: ZoneInfo,
    *,
    now: datetime,
    days_off: Mapping[date, str],
    occupied: Iterable[Period],
) -> list[PlannedSlot]:
    """Every date of the series with its verdict; storing keeps exactly those that are MADE.

    Each day's hours are read on its own wall clock, so 09:30 stays 09:30 on both sides of a
    change to or from summer time, and an hour's difference in UTC.
    """
    busy = sorted(occupied)
    planned = []
    for day in days_of(recurrence):
        period = period_on(day, recurrence.starts, recurrence.ends, zone)
        holiday = days_off.get(day, "") if recurrence.skip_holidays else ""
        planned.append(PlannedSlot(*period, _verdict(period, now, holiday, busy), holiday))
    return planned


def overlaps(period: Period, others: Iterable[Period]) -> bool:
    """Whether it shares time with one of the others; touching ends do not count."""
    return any(period[0] < end and start < period[1] for start, end in others)


def _verdict(period: Period, now: datetime, holiday: str, busy: list[Period]) -> Verdict:
    if period[0] <= now:
        return Verdict.PAST
    if holiday:
        return Verdict.HOLIDAY
    return Verdict.CLASH if overlaps(period, busy) else Verdict.MADE


def _refuse_hours(starts: time, ends: time) -> None:
    # These bounds also keep every slot away from the hour that summer time skips or doubles.
    if starts < EARLIEST or ends > LATEST:
        raise Invalid(_l("Choose hours between 07:00 and 22:00."), field="starts")
    anchor = date(2000, 1, 1)
    if datetime.combine(anchor, ends) - datetime.combine(anchor, starts) < SHORTEST:
        raise Invalid(_l("The end must be at least 15 minutes after the start."), field="ends")


def _refuse_span(recurrence: Recurrence) -> None:
    if not recurrence.weekdays:
        raise Invalid(_l("Choose at least one weekday."), field="weekdays")
    if not 1 <= recurrence.every <= 4:
        raise Invalid(_l("Choose every 1, 2, 3 or 4 weeks."), field="every")
    if recurrence.until < recurrence.first_day:
        raise Invalid(_l("The last day must not be before the first day."), field="until")
    if recurrence.until - recurrence.first_day > LONGEST_SERIES:
        raise Invalid(_l("Choose a period of at most a year."), field="until")
    _refuse_hours(recurrence.starts, recurrence.ends)
