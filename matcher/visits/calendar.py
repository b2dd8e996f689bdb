"""Visits as calendar entries: stable, updated by their sequence, without contact details."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event

from matcher import clock
from matcher.models.moves import ProposalState
from matcher.models.visit import Visit

GONE = {ProposalState.CANCELLED, ProposalState.NOT_HELD}
REMINDED_BEFORE = timedelta(days=1)


def as_calendar(visit: Visit, *, summary: str, place: str, url: str) -> bytes:
    """One visit as a calendar file (RFC 5545)."""
    calendar = _empty("CANCEL" if visit.proposal.state in GONE else "PUBLISH")
    calendar.add_component(entry(visit, summary=summary, place=place, url=url))
    return calendar.to_ical()


def as_feed(entries: Iterable[Event], *, name: str) -> bytes:
    """Many entries as one calendar to subscribe to; the same entries give the same bytes."""
    calendar = _empty("PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for one in entries:
        if one["status"] != "CANCELLED":
            one.add_component(_alarm(str(one["summary"])))
        calendar.add_component(one)
    return calendar.to_ical()


def entry(visit: Visit, *, summary: str, place: str, url: str) -> Event:
    """A visit as an entry whose UID never changes and whose sequence only grows.

    Its times are in UTC: every program turns those into its reader's wall clock, while tables of
    time zones that come along are read wrongly by some.
    """
    proposal, event = visit.proposal, Event()
    event.add("uid", visit.calendar_uid)
    event.add("sequence", visit.calendar_sequence)
    event.add("dtstamp", changed_at(visit))
    event.add("summary", summary)
    event.add("status", "CANCELLED" if proposal.state in GONE else "CONFIRMED")
    event.add("url", url)
    if place:
        event.add("location", place)
    if proposal.starts_at is not None and proposal.ends_at is not None:
        event.add("dtstart", proposal.starts_at)
        event.add("dtend", proposal.ends_at)
    else:
        zone = ZoneInfo(proposal.region.programme.time_zone)
        day = clock.local(proposal.confirmed_at or visit.created_at, zone).date()
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
    return event


def changed_at(visit: Visit) -> datetime:
    """When its state last changed."""
    moves = visit.proposal.moves
    return moves[-1].at if moves else visit.created_at


def _empty(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Lesbrug//visits//NL")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _alarm(words: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", -REMINDED_BEFORE)
    return alarm
