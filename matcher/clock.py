"""The only reader of time: aware UTC inside, the programme's own zone at the edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def today(zone: ZoneInfo = AMSTERDAM) -> date:
    """The calendar day as people in ``zone`` live it."""
    return now().astimezone(zone).date()


def school_year(day: date | None = None) -> str:
    """The Dutch school year of a day, August to July: "2026-27"."""
    day = day or today()
    first = day.year if day.month >= 8 else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def school_year_span(year: str) -> tuple[datetime, datetime]:
    """When a school year ("2026-27") begins and when the next one does, at midnight there."""
    first = int(year[:4])
    begins, ends = (datetime.combine(date(y, 8, 1), time()) for y in (first, first + 1))
    return utc(begins), utc(ends)


def term(day: date | None = None) -> str:
    """Half a school year: "2026-27/1" runs August to January, "/2" February to July."""
    day = day or today()
    half = 1 if day.month >= 8 or day.month == 1 else 2
    return f"{school_year(day)}/{half}"


def month(day: date | None = None) -> str:
    """The month a visit counts in: "2027-02"."""
    day = day or today()
    return f"{day.year}-{day.month:02d}"


def local(moment: datetime, zone: ZoneInfo = AMSTERDAM) -> datetime:
    """A moment on the wall clock of ``zone``."""
    return moment.astimezone(zone)


def utc(wall: datetime, zone: ZoneInfo = AMSTERDAM) -> datetime:
    """A wall-clock time of ``zone`` (naive) as aware UTC; ValueError when that time does not exist.

    The hour skipped in spring is refused; the hour doubled in autumn is read as its first pass.
    """
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise ValueError(f"{wall:%Y-%m-%d %H:%M} does not exist in {zone.key}")
    return moment
