"""Days and lessons told in the reader's language: weekdays, bell times, why there is no school."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Protocol

from babel.dates import get_day_names
from flask_babel import gettext as _

from matcher import clock
from matcher.models.organisation import School
from matcher.reference.holidays import Stretch, day_off, days_off_between
from matcher.web.names import language


class Ringing(Protocol):
    """A lesson of a school's bell times."""

    @property
    def name(self) -> str: ...
    @property
    def starts(self) -> time: ...
    @property
    def ends(self) -> time: ...


def weekday_name(day: int) -> str:
    """Monday for 0, as it stands alone."""
    return str(get_day_names("wide", "stand-alone", locale=language())[day])


def lesson_name(name: str) -> str:
    """ "lesson 3"; what a school calls otherwise is told as it calls it."""
    return _("lesson %(number)s", number=name) if name.isdigit() else name


def day_off_name(day: date, school: School) -> str:
    """The holiday on this day where this school is; empty when there is school."""
    code = school.region.programme.code
    return day_off(day, school.holiday_region, code, language()) or ""


def days_off_at(school: School, first: date, last: date) -> list[Stretch]:
    """School and public holidays that touch these days, in order."""
    code = school.region.programme.code
    return days_off_between(first, last, school.holiday_region, code, language=language())


def in_lessons(starts: datetime, ends: datetime, bells: Sequence[Ringing]) -> str:
    """ "lesson 3", "lesson 3 to lesson 4"; empty where the times are not those of the bells."""
    begins, until = clock.local(starts).time(), clock.local(ends).time()
    first = next((bell for bell in bells if bell.starts == begins), None)
    last = next((bell for bell in bells if bell.ends == until), None)
    if first is None or last is None or last.starts < first.starts:
        return ""
    if first == last:
        return lesson_name(first.name)
    return _("%(first)s to %(last)s", first=lesson_name(first.name), last=lesson_name(last.name))
