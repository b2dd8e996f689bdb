"""A calendar into taken stretches: rules, exceptions, zones, what is free, what is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from matcher.offers.calendars_read import Look, NotACalendar, busy_in

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LOOK = Look(AMSTERDAM, datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 12, 1, tzinfo=UTC))


def calendar(*events: str) -> bytes:
    inside = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{inside}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def read(*events: str, look: Look = LOOK) -> list[tuple[str, str]]:
    """On the wall clock there."""
    return [
        (f"{a.astimezone(AMSTERDAM):%m-%d %H:%M}", f"{b.astimezone(AMSTERDAM):%m-%d %H:%M}")
        for a, b in busy_in(calendar(*events), look)
    ]


ONE = "UID:1\nSUMMARY:Geheim\nDTSTART:20270310T090000Z\nDTEND:20270310T100000Z"


def test_one_appointment_in_three_ways_of_writing() -> None:
    there = [("03-10 10:00", "03-10 11:00")]
    assert read(ONE) == there
    zoned = "UID:1\nDTSTART;TZID=Europe/Amsterdam:20270310T100000\nDURATION:PT1H"
    assert read(zoned) == there
    assert read("UID:1\nDTSTART:20270310T100000\nDTEND:20270310T110000") == there  # floating


@pytest.mark.parametrize(
    "free",
    ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"],
)
def test_what_takes_no_time(free: str) -> None:
    assert read(f"{ONE}\n{free}") == []
    assert read("UID:1\nDTSTART:20270310T090000Z") == []


def test_a_whole_day_is_a_day_there() -> None:
    assert read("UID:1\nDTSTART;VALUE=DATE:20270328") == [("03-28 00:00", "03-29 00:00")]


@pytest.mark.parametrize(
    ("sunday", "before", "after"),
    [("0328", "03-21", "04-04"), ("1031", "10-24", "11-07")],
)
def test_a_weekly_hour_keeps_its_hour_over_the_change_of_clocks(
    sunday: str, before: str, after: str
) -> None:
    first = before.replace("-", "")
    series = (
        f"UID:1\nDTSTART;TZID=Europe/Amsterdam:2027{first}T093000\nDURATION:PT1H\n"
        "RRULE:FREQ=WEEKLY;COUNT=3"
    )
    days = (before, f"{sunday[:2]}-{sunday[2:]}", after)
    assert read(series) == [(f"{day} 09:30", f"{day} 10:30") for day in days]


def test_exceptions_moved_dates_and_ends_of_a_series() -> None:
    series = (
        "UID:1\nDTSTART;TZID=Europe/Amsterdam:20270301T090000\nDURATION:PT1H\n"
        "RRULE:FREQ=DAILY;UNTIL=20270305T080000Z\n"
        "EXDATE;TZID=Europe/Amsterdam:20270302T090000\n"
        "RDATE;TZID=Europe/Amsterdam:20270309T090000"
    )
    moved = (
        "UID:1\nRECURRENCE-ID;TZID=Europe/Amsterdam:20270303T090000\n"
        "DTSTART;TZID=Europe/Amsterdam:20270303T140000\nDURATION:PT1H"
    )
    off = (
        "UID:1\nRECURRENCE-ID;TZID=Europe/Amsterdam:20270304T090000\nSTATUS:CANCELLED\n"
        "DTSTART;TZID=Europe/Amsterdam:20270304T090000\nDURATION:PT1H"
    )
    assert read(series, moved, off) == [
        ("03-01 09:00", "03-01 10:00"),
        ("03-03 14:00", "03-03 15:00"),
        ("03-05 09:00", "03-05 10:00"),
        ("03-09 09:00", "03-09 10:00"),
    ]


def test_what_touches_is_told_as_one_and_what_is_out_of_sight_not_at_all() -> None:
    def hour(uid: int, start: str) -> str:
        return f"UID:{uid}\nDTSTART:2027{start}00Z\nDURATION:PT1H"

    events = [
        hour(1, "0310T0900"),
        hour(2, "0310T1000"),
        hour(3, "0310T0930"),
        hour(4, "0101T0900"),
    ]
    assert read(*events) == [("03-10 10:00", "03-10 12:00")]


def test_our_own_visits_do_not_block_themselves() -> None:
    look = Look(LOOK.zone, LOOK.first, LOOK.last, own={"1"})
    assert read(ONE, look=look) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Sign in</body></html>",
        b"BEGIN:VCARD\r\nEND:VCARD\r\n",
        calendar(ONE)[:120],
        calendar(ONE).replace(b"20270310T090000Z", b"tomorrow"),
        calendar(ONE).replace(b"END:VEVENT\r\n", b""),
    ],
)
def test_what_is_no_calendar(body: bytes) -> None:
    with pytest.raises(NotACalendar):
        busy_in(body, LOOK)


def test_rules_without_end_end_at_the_horizon() -> None:
    """One a day; one that never comes true; one by the second, which is no appointment."""
    daily = "UID:1\nDTSTART:20100101T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"
    never = "UID:2\nDTSTART:20100101T090000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5"
    fast = "UID:3\nDTSTART:20270301T090000Z\nRRULE:FREQ=SECONDLY\nDURATION:PT1S"
    found = busy_in(calendar(daily, never, fast), LOOK)
    assert len(found) == (LOOK.last - LOOK.first).days
    assert found[-1][0] < LOOK.last <= found[-1][0] + timedelta(days=1)


def test_a_rule_of_many_dates_a_day_is_refused() -> None:
    every = ",".join(str(n) for n in range(60))
    rule = f"RRULE:FREQ=DAILY;BYMINUTE={every};BYSECOND={every}"
    many = f"UID:1\nDTSTART:20270301T000000Z\nDURATION:PT1S\n{rule}"
    with pytest.raises(NotACalendar):
        busy_in(calendar(many), LOOK)
