"""A class's own lessons worked out into days: no holidays, blocks as one, summer time kept."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from matcher import clock
from matcher.errors import Invalid
from matcher.models.need import NeedState
from matcher.needs import service
from matcher.needs.rhythm import (
    LEAD,
    Lesson,
    Rhythm,
    is_day_off,
    read_lesson,
    rhythm_from,
    usual_weeks,
    windows_of,
)
from tests.cast import Cast, make_need
from tests.proposals.scenes import at

THIRD = Lesson(1, time(10, 20), time(11, 10))  # Tuesday
FOURTH = Lesson(1, time(11, 10), time(12, 0))
LATE = Lesson(3, time(14, 0), time(14, 50))  # Thursday


def told(windows: list) -> list[str]:
    return [f"{clock.local(a):%a %d-%m %H:%M}-{clock.local(b):%H:%M}" for a, b in windows]


@pytest.fixture(autouse=True)
def _autumn():
    with at(datetime(2026, 9, 1, 8, tzinfo=clock.now().tzinfo)):
        yield


def test_every_week_less_the_holidays_of_the_region(cast: Cast) -> None:
    rhythm = Rhythm((THIRD, LATE), date(2026, 10, 12), date(2026, 11, 3))
    assert told(windows_of(rhythm, cast.lorentz)) == [
        "Tue 13-10 10:20-11:10",
        "Thu 15-10 14:00-14:50",
        "Tue 27-10 10:20-11:10",  # the week of the 19th is the south's autumn holiday
        "Thu 29-10 14:00-14:50",
        "Tue 03-11 10:20-11:10",
    ]
    cast.lorentz.holiday_region = "NO"
    assert len(windows_of(rhythm, cast.lorentz)) == 5
    assert told(windows_of(rhythm, cast.lorentz))[0] == "Tue 20-10 10:20-11:10"


def test_a_public_holiday_is_no_lesson_and_clock_changes_keep_the_wall_clock(cast: Cast) -> None:
    tuesdays = Rhythm((THIRD,), date(2027, 3, 23), date(2027, 4, 6))
    starts = [start.hour for start, _end in windows_of(tuesdays, cast.lorentz)]
    assert starts == [9, 8, 8]  # in UTC; summer time begins on the 28th
    monday = Lesson(0, time(9), time(10))
    easter = Rhythm((monday,), date(2027, 3, 29), date(2027, 3, 29))
    assert windows_of(easter, cast.lorentz) == []


def test_lessons_one_after_the_other_are_one_stretch(cast: Cast) -> None:
    rhythm = Rhythm((FOURTH, THIRD, LATE), date(2026, 9, 7), date(2026, 9, 11))
    assert told(windows_of(rhythm, cast.lorentz)) == [
        "Tue 08-09 10:20-12:00",
        "Thu 10-09 14:00-14:50",
    ]


def test_what_has_passed_and_what_is_too_far_is_left_out(cast: Cast) -> None:
    rhythm = Rhythm((THIRD,), date(2026, 8, 25), date(2027, 12, 31))
    days = [clock.local(start).date() for start, _end in windows_of(rhythm, cast.lorentz)]
    assert days[0] == date(2026, 9, 1)
    assert days[-1] < date(2026, 8, 25) + timedelta(days=190)


def test_codes_and_records_are_read_back_and_nonsense_is_none(cast: Cast) -> None:
    assert read_lesson(THIRD.code) == THIRD
    for wrong in (
        "",
        "1",
        "5|09:00|10:00",
        "1|10:00|09:00",
        "1|9:00|10:00",
        "x|09:00|10:00",
        "1||",
    ):
        assert read_lesson(wrong) is None
    rhythm = Rhythm((THIRD, LATE), date(2026, 9, 7), date(2026, 9, 11))
    assert rhythm_from(rhythm.as_record()) == rhythm
    assert rhythm_from({}) is None


@pytest.mark.parametrize("today", [date(2026, 9, 1), date(2026, 12, 1), date(2027, 7, 1)])
def test_usual_weeks_leave_companies_time_and_begin_on_a_school_day(
    cast: Cast, today: date
) -> None:
    with at(datetime.combine(today, time(8), tzinfo=clock.now().tzinfo)):
        first, last = usual_weeks(cast.lorentz)
    assert first >= today + LEAD
    assert last > first
    assert not is_day_off(first, cast.lorentz)


def test_a_need_keeps_its_rhythm_beside_single_days(any_cast: Cast) -> None:
    need = make_need(
        any_cast.anna, any_cast.lorentz, state=NeedState.DRAFT, published_at=None, title="Wind"
    )
    single = (
        clock.utc(datetime(2026, 9, 11, 9)),
        clock.utc(datetime(2026, 9, 11, 11)),
    )
    rhythm = Rhythm((THIRD,), date(2026, 9, 7), date(2026, 9, 18))
    service.set_windows(need, [single], rhythm=rhythm, by=any_cast.anna)
    assert [(w.weekly, f"{clock.local(w.starts_at):%d}") for w in need.windows] == [
        (True, "08"),
        (False, "11"),
        (True, "15"),
    ]
    assert rhythm_from(need.rhythm) == rhythm
    service.set_windows(need, [single], by=any_cast.anna)
    assert ([w.weekly for w in need.windows], need.rhythm) == ([False], {})


def test_more_lessons_than_anybody_can_mean_are_refused(cast: Cast) -> None:
    many = tuple(
        Lesson(day, time(8 + 2 * n), time(9 + 2 * n)) for day in range(5) for n in range(5)
    )
    rhythm = Rhythm(many, date(2026, 9, 1), date(2027, 2, 1))
    with pytest.raises(Invalid):
        service.set_windows(cast.need, [], rhythm=rhythm, by=cast.anna)
    assert len(cast.need.windows) == 1
