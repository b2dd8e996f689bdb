"""Days without school: school holidays of a region, and public holidays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from matcher.reference.system import programme

Window = tuple[datetime, datetime]
Stretch = tuple[date, date, str]  # first day, last day, name


@cache
def _public(country: str, subdivision: str, year: int, language: str) -> dict[date, str]:
    import holidays

    known = {told[:2]: told for told in holidays.country_holidays(country).supported_languages}
    return dict(
        holidays.country_holidays(
            country, subdiv=subdivision or None, years=year, language=known.get(language)
        )
    )


def public_holiday(day: date, code: str = "nl", language: str = "") -> str | None:
    """The name of the public holiday on that day, if it is one; in the programme's own language."""
    system = programme(code)
    told = language or system.languages[0]
    return _public(system.country, system.subdivision, day.year, told).get(day)


def day_off(day: date, holiday_region: str, code: str = "nl", language: str = "") -> str | None:
    """Why there is no school on that day: weekend aside, a holiday's name; None when there is."""
    for first, last, name in programme(code).holidays(holiday_region, language):
        if first <= day <= last:
            return name
    return public_holiday(day, code, language)


def days_off_between(
    first: date, last: date, holiday_region: str, code: str = "nl", *, language: str = ""
) -> list[Stretch]:
    """Stretches of school days without school that touch these days, in order, by name."""
    found: list[Stretch] = [
        stretch
        for stretch in programme(code).holidays(holiday_region, language)
        if stretch[0] <= last and stretch[1] >= first
    ]
    day = first
    while day <= last:
        name = public_holiday(day, code, language)
        inside = any(start <= day <= end for start, end, _name in found)
        if name and day.weekday() < 5 and not inside:
            found.append((day, day, name))
        day += timedelta(days=1)
    return sorted(found)


def without_holidays(
    windows: Iterable[Window], holiday_region: str, code: str = "nl"
) -> list[Window]:
    """The windows less every local day without school; a window may fall apart into several.

    Windows are aware UTC (start, end); days are those of the programme's time zone.
    """
    zone = ZoneInfo(programme(code).time_zone)
    kept: list[Window] = []
    for start, end in windows:
        begun: datetime | None = start
        for midnight in _midnights(start, end, zone):
            day = midnight.astimezone(zone).date()
            off = day_off(day, holiday_region, code) is not None
            at = max(start, midnight)
            if off and begun is not None:
                if at > begun:
                    kept.append((begun, at))
                begun = None
            elif not off and begun is None:
                begun = at
        if begun is not None and end > begun:
            kept.append((begun, end))
    return kept


def _midnights(start: datetime, end: datetime, zone: ZoneInfo) -> Iterable[datetime]:
    """The local midnights at or before ``start`` and up to ``end``."""
    day = start.astimezone(zone).date()
    while True:
        midnight = datetime.combine(day, time(0), tzinfo=zone).astimezone(start.tzinfo)
        if midnight >= end:
            return
        yield midnight
        day += timedelta(days=1)
