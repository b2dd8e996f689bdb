"""A visit as a calendar file: stable, updated by its sequence, without contact details."""

from __future__ import annotations

from datetime import timedelta

from icalendar import Calendar, Event

from matcher import clock
from matcher.models.moves import ProposalState
from matcher.models.visit import Visit

GONE = {ProposalState.CANCELLED, ProposalState.NOT_HELD}


def as_calendar(visit: Visit, *, summary: str, place: str, url: str) -> bytes:
    """One event in the programme's time zone, as iCalendar (RFC 5545)."""
    proposal = visit.proposal
    calendar = Calendar()
    calendar.add("prodid", "-//Lesbrug//visits//NL")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if proposal.state in GONE else "PUBLISH")
    event = Event()
    event.add("uid", visit.calendar_uid)
    event.add("sequence", visit.calendar_sequence)
    event.add("dtstamp", clock.now())
    event.add("summary", summary)
    event.add("status", "CANCELLED" if proposal.state in GONE else "CONFIRMED")
    event.add("url", url)
    if place:
        event.add("location", place)
    if proposal.starts_at is not None and proposal.ends_at is not None:
        event.add("dtstart", clock.local(proposal.starts_at))
        event.add("dtend", clock.local(proposal.ends_at))
    else:
        day = clock.local(proposal.confirmed_at or clock.now()).date()
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()
