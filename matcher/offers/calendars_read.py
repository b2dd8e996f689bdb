"""A calendar file into stretches of time that are taken; nothing else of it is looked at."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar

Stretch = tuple[datetime, datetime]
MOST_DATES = 200_000  # that the rules of one file may give
MOST_STRETCHES = 5_000
SECONDS = 20.0
OLDEST = 1990  # a rule that began earlier is no appointment
_TOO_FINE = {"SECONDLY", "MINUTELY", "HOURLY"}
_FREE = {"FREE", "WORKINGELSEWHERE"}  # as Outlook marks what blocks nothing


class NotACalendar(ValueError):
    """What came is no calendar, only half of one, or one that never ends."""


@dataclass(frozen=True, slots=True)
class Look:
    """Which part of a calendar is wanted, and in which zone its floating times are."""

    zone: ZoneInfo
    first: datetime
    last: datetime
    own: Collection[str] = ()  # UIDs of our own visits, which would otherwise block themselves


def busy_in(body: bytes, look: Look) -> list[Stretch]:
    """The taken stretches between two moments, in order and merged where they touch.

    What is cancelled or marked as free takes no time; a whole day takes that day of its zone.
    """
    calendar = _parsed(body)
    started, budget, found = monotonic(), MOST_DATES, list[Stretch]()
    events = calendar.walk("VEVENT")
    moved = {(str(e.get("UID")), _key(e["RECURRENCE-ID"].dt, look)) for e in _instances(events)}
    for event in events:
        if monotonic() - started > SECONDS:
            raise NotACalendar
        for start, end in _times(event, look, moved):
            budget -= 1
            if budget < 0:
                raise NotACalendar
            if start < look.last and end > look.first and _takes_time(event, look):
                found.append((start, end))
    return _merged(found)[:MOST_STRETCHES]


def _parsed(body: bytes) -> Calendar:
    text = body.strip()
    if not text.startswith(b"BEGIN:VCALENDAR") and not text.startswith(b"\xef\xbb\xbfBEGIN:VCAL"):
        raise NotACalendar
    if not text.endswith(b"END:VCALENDAR"):
        raise NotACalendar  # the file broke off
    try:
        return Calendar.from_ical(body)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise NotACalendar from error


def _instances(events: list[Any]) -> Iterator[Any]:
    """The single dates of a series that were changed."""
    yield from (event for event in events if "RECURRENCE-ID" in event and "DTSTART" in event)


def _takes_time(event: Any, look: Look) -> bool:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return False
    if str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() in _FREE:
        return False
    return str(event.get("UID", "")) not in look.own


def _times(event: Any, look: Look, moved: set[tuple[str, datetime]]) -> Iterator[Stretch]:
    """Start and end of every date of an event, without those that stand for themselves."""
    if "DTSTART" not in event:
        return
    try:
        begins = event["DTSTART"].dt
        length = _length(event, look)
        zone = _zone_of(begins, look)
        wall, timed = _wall(begins), isinstance(begins, datetime)
        uid, is_single = str(event.get("UID")), "RECURRENCE-ID" in event
        for day in _dates(event, wall, zone, look):
            start = _moment(day, zone)
            if is_single or (uid, start) not in moved:
                ends = start + length if timed else _moment(day + length, zone)
                yield start, ends
    except (ValueError, TypeError, OverflowError, KeyError, AttributeError) as error:
        raise NotACalendar from error


def _length(event: Any, look: Look) -> timedelta:
    begins = event["DTSTART"].dt
    zone = _zone_of(begins, look)
    if "DURATION" in event:
        return max(timedelta(0), event["DURATION"].dt)
    if "DTEND" not in event:
        return timedelta(0) if isinstance(begins, datetime) else timedelta(days=1)
    ends = event["DTEND"].dt
    if not isinstance(begins, datetime):
        return _wall(ends) - _wall(begins)  # in days, however long those are
    until = _moment(_wall(ends), _zone_of(ends, look) if isinstance(ends, datetime) else zone)
    return max(timedelta(0), until - _moment(_wall(begins), zone))


def _dates(event: Any, wall: datetime, zone: ZoneInfo, look: Look) -> Iterator[datetime]:
    """On the wall clock of the event's zone: the first date, those of its rules, no exceptions."""
    without = {_wall_in(value.dt, zone) for value in _listed(event, "EXDATE")}
    if wall not in without:
        yield wall
    for value in _listed(event, "RDATE"):
        moment = value.dt[0] if isinstance(value.dt, tuple) else value.dt
        if (day := _wall_in(moment, zone)) not in without:
            yield day
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        for day in _ruled(rule, wall, zone, look):
            if day != wall and day not in without:
                yield day


def _ruled(rule: Any, wall: datetime, zone: ZoneInfo, look: Look) -> Iterator[datetime]:
    if wall.year < OLDEST or str(rule.get("FREQ", [""])[0]).upper() in _TOO_FINE:
        return
    last = _wall_in(look.last, zone)
    until = [_wall_in(value, zone) for value in rule.get("UNTIL", [])]
    parts = [part for part in rule.to_ical().decode().split(";") if not part.startswith("UNTIL=")]
    with warnings.catch_warnings():
        # A count and an end together are unusual; without the end a rule that never comes true
        # would be looked for until the year 9999.
        warnings.simplefilter("ignore", DeprecationWarning)
        series = rrulestr(";".join(parts), dtstart=wall).replace(until=min([last, *until]))
        yield from islice(series, MOST_DATES + 1)


def _listed(event: Any, name: str) -> Iterator[Any]:
    held = event.get(name, [])
    for one in held if isinstance(held, list) else [held]:
        yield from one.dts


def _zone_of(value: date, look: Look) -> ZoneInfo:
    """The zone a value's wall clock is in; floating times and whole days are in the reader's."""
    named = getattr(value, "tzinfo", None)
    if named is None:
        return look.zone
    return named if isinstance(named, ZoneInfo) else ZoneInfo("UTC") if named is UTC else named


def _wall(value: date) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value, time())


def _wall_in(value: date, zone: ZoneInfo) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(zone).replace(tzinfo=None)
    return _wall(value)


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """An hour that spring skips is read as the one after it."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _key(value: date, look: Look) -> datetime:
    return _moment(_wall(value), _zone_of(value, look))


def _merged(stretches: list[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for start, end in sorted(s for s in stretches if s[1] > s[0]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
