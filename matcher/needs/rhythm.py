"""A class's own lessons in some weeks: which they are, and the days they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from matcher import clock
from matcher.models.organisation import School
from matcher.reference.holidays import day_off

WEEKDAYS = range(5)
LONGEST = timedelta(days=183)
ONE_AFTER_THE_OTHER = timedelta(minutes=5)  # what lies between two lessons of one block
LEAD = timedelta(weeks=3)  # what companies need
USUAL_SPAN = timedelta(weeks=5)
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, order=True)
class Lesson:
    """A lesson of the week on the wall clock; 0 is Monday."""

    weekday: int
    starts: time
    ends: time

    @property
    def code(self) -> str:
        return f"{self.weekday}|{self.starts:%H:%M}|{self.ends:%H:%M}"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Lessons that come back every week, first and last day included."""

    lessons: tuple[Lesson, ...]
    first: date
    last: date

    def as_record(self) -> dict[str, Any]:
        return {
            "lessons": [lesson.code for lesson in self.lessons],
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }


def read_lesson(code: str) -> Lesson | None:
    """The lesson of a code; None when it is none."""
    weekday, _bar, clocks = code.partition("|")
    starts, _bar, ends = clocks.partition("|")
    try:
        lesson = Lesson(int(weekday), time.fromisoformat(starts), time.fromisoformat(ends))
    except ValueError:
        return None
    sound = lesson.weekday in WEEKDAYS and lesson.starts < lesson.ends and lesson.code == code
    return lesson if sound else None


def rhythm_from(record: Mapping[str, Any]) -> Rhythm | None:
    """What a need has stored; None where it has no lessons of its own."""
    if not record:
        return None
    lessons = (read_lesson(code) for code in record["lessons"])
    return Rhythm(
        tuple(sorted(lesson for lesson in lessons if lesson is not None)),
        date.fromisoformat(record["first"]),
        date.fromisoformat(record["last"]),
    )


def windows_of(rhythm: Rhythm, school: School) -> list[Window]:
    """Every stretch the lessons make, in UTC: without days off, and blocks as one."""
    found: list[Window] = []
    day = max(rhythm.first, clock.today())
    while day <= min(rhythm.last, rhythm.first + LONGEST):
        if not is_day_off(day, school):
            lessons = [lesson for lesson in rhythm.lessons if lesson.weekday == day.weekday()]
            found += _stretches(day, lessons)
        day += timedelta(days=1)
    return found


def is_day_off(day: date, school: School) -> bool:
    """A weekend, a school holiday of the school's region, or a public holiday."""
    code = school.region.programme.code
    return day.weekday() > 4 or day_off(day, school.holiday_region, code) is not None


def usual_weeks(school: School) -> tuple[date, date]:
    """From the first school day that leaves companies time, some weeks on."""
    first = clock.today() + LEAD
    for _day in range(100):
        if not is_day_off(first, school):
            break
        first += timedelta(days=1)
    return first, first + USUAL_SPAN


def _stretches(day: date, lessons: Iterable[Lesson]) -> list[Window]:
    blocks: list[list[datetime]] = []
    for lesson in sorted(lessons):
        starts, ends = (datetime.combine(day, at) for at in (lesson.starts, lesson.ends))
        if blocks and starts - blocks[-1][1] <= ONE_AFTER_THE_OTHER:
            blocks[-1][1] = max(blocks[-1][1], ends)
        else:
            blocks.append([starts, ends])
    return [(clock.utc(starts), clock.utc(ends)) for starts, ends in blocks]
