"""Recurring hours worked out into moments, against a calendar computed another way."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from matcher.errors import Invalid
from matcher.offers.availability import (
    PlannedSlot,
    Recurrence,
    Verdict,
    days_of,
    overlaps,
    period_on,
    plan,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2027, 1, 4, 12, tzinfo=UTC)


def last_sunday(year: int, month: int) -> date:
    """The European rule, from the directive: the last Sunday of March and of October."""
    day = date(year, month, 31)
    while day.isoweekday() != 7:
        day -= timedelta(days=1)
    return day


def oracle(day: date, hour: int, minute: int) -> datetime:
    """Dutch school hours in UTC without any time zone database."""
    summer = last_sunday(day.year, 3) <= day < last_sunday(day.year, 10)
    hours = 2 if summer else 1
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=hours)


def every_weekday(first: date, until: date) -> Recurrence:
    return Recurrence(frozenset(range(7)), first, until, time(9, 30), time(11))


def planned(recurrence: Recurrence, **more: object) -> list[PlannedSlot]:
    given: dict[str, object] = {"now": NOW, "days_off": {}, "occupied": []}
    return plan(recurrence, AMSTERDAM, **(given | more))  # type: ignore[arg-type]


@pytest.mark.parametrize("sunday", [date(2027, 3, 28), date(2027, 10, 31)])
def test_plan_keeps_the_wall_clock_over_a_change_of_time(sunday: date) -> None:
    first, until = sunday - timedelta(days=7), sunday + timedelta(days=7)
    slots = planned(every_weekday(first, until))
    days = [first + timedelta(days=step) for step in range(15)]
    assert [slot.starts_at for slot in slots] == [oracle(day, 9, 30) for day in days]
    assert [slot.ends_at for slot in slots] == [oracle(day, 11, 0) for day in days]
    local = {slot.starts_at.astimezone(AMSTERDAM).time() for slot in slots}
    assert local == {time(9, 30)}
    assert {slot.ends_at - slot.starts_at for slot in slots} == {timedelta(minutes=90)}
    offsets = [slot.starts_at.hour for slot in slots]
    assert offsets[:7] != offsets[8:][:7]


@pytest.mark.parametrize("zone", ["Europe/Copenhagen", "Europe/Madrid", "Europe/Amsterdam"])
def test_plan_agrees_with_the_oracle_on_every_day_of_two_years(zone: str) -> None:
    for first in (date(2027, 1, 5), date(2027, 6, 1), date(2027, 10, 1), date(2028, 2, 1)):
        rule = every_weekday(first, first + timedelta(days=140))
        slots = plan(rule, ZoneInfo(zone), now=NOW, days_off={}, occupied=[])
        days = [first + timedelta(days=step) for step in range(141)]
        assert [slot.starts_at for slot in slots] == [oracle(day, 9, 30) for day in days]


@pytest.mark.parametrize("every", [1, 2, 3, 4])
@pytest.mark.parametrize("weekdays", [{0}, {1, 3}, {0, 2, 4}, {6}])
def test_days_of_agrees_with_counting_weeks_by_hand(every: int, weekdays: set[int]) -> None:
    first, until = date(2027, 2, 3), date(2027, 6, 30)
    week = first - timedelta(days=first.weekday())
    expected = [
        day
        for step in range((until - first).days + 1)
        if (day := first + timedelta(days=step)).weekday() in weekdays
        and ((day - week).days // 7) % every == 0
    ]
    rule = Recurrence(frozenset(weekdays), first, until, time(9), time(10), every=every)
    assert days_of(rule) == expected


def test_plan_says_why_a_date_is_left_out() -> None:
    rule = Recurrence(
        frozenset({0}), date(2027, 1, 4), date(2027, 2, 1), time(9), time(10, 30), every=1
    )
    busy = (datetime(2027, 1, 18, 9, 15, tzinfo=UTC), datetime(2027, 1, 18, 10, tzinfo=UTC))
    slots = planned(rule, days_off={date(2027, 1, 11): "Break"}, occupied=[busy])
    assert [(slot.verdict, slot.holiday) for slot in slots] == [
        (Verdict.PAST, ""),
        (Verdict.HOLIDAY, "Break"),
        (Verdict.CLASH, ""),
        (Verdict.MADE, ""),
        (Verdict.MADE, ""),
    ]


def test_plan_makes_dates_in_holidays_when_asked() -> None:
    rule = Recurrence(
        frozenset({0}),
        date(2027, 1, 11),
        date(2027, 1, 11),
        time(9),
        time(10),
        skip_holidays=False,
    )
    slots = planned(rule, days_off={date(2027, 1, 11): "Break"})
    assert [slot.verdict for slot in slots] == [Verdict.MADE]


def test_overlaps_when_ends_touch_is_no() -> None:
    start = datetime(2027, 1, 5, 9, tzinfo=UTC)
    hour = timedelta(hours=1)
    period = (start, start + hour)
    assert not overlaps(period, [(start - hour, start), (start + hour, start + 2 * hour)])
    assert overlaps(period, [(start + hour / 2, start + 2 * hour)])
    assert overlaps(period, [(start - hour, start + 3 * hour)])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekdays": frozenset()}, "weekdays"),
        ({"every": 0}, "every"),
        ({"every": 5}, "every"),
        ({"until": date(2027, 2, 1)}, "until"),
        ({"until": date(2029, 2, 3)}, "until"),
        ({"weekdays": frozenset(range(7)), "until": date(2027, 8, 1)}, "until"),
        ({"weekdays": frozenset({6}), "until": date(2027, 2, 5)}, "weekdays"),
        ({"starts": time(6, 59)}, "starts"),
        ({"ends": time(22, 1)}, "starts"),
        ({"ends": time(9, 10)}, "ends"),
        ({"ends": time(8)}, "ends"),
    ],
)
def test_days_of_refuses_and_names_the_field(changes: dict[str, object], field: str) -> None:
    given: dict[str, object] = {
        "weekdays": frozenset({2}),
        "first_day": date(2027, 2, 3),
        "until": date(2027, 3, 3),
        "starts": time(9),
        "ends": time(10),
    }
    with pytest.raises(Invalid) as refusal:
        days_of(Recurrence(**(given | changes)))  # type: ignore[arg-type]
    assert refusal.value.field == field


def test_period_on_never_meets_the_hour_that_is_skipped_or_doubled() -> None:
    for day in (date(2027, 3, 28), date(2027, 10, 31)):
        start, end = period_on(day, time(7), time(22), AMSTERDAM)
        assert end - start == timedelta(hours=15)
