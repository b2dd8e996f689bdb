"""A school's bell times: worked out from a few figures, kept by its own teachers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from matcher import policies
from matcher.errors import Invalid, NotAllowed
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.organisation import LessonPeriod, School

MOST = 15
EARLIEST, LATEST = time(7), time(22)
SHORTEST, LONGEST = 10, 240  # minutes
ONE_LESSON = 100  # what is longer is a morning or an afternoon
_ANY_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Bell:
    """One lesson on the wall clock, called as the school calls it: "3", "afternoon"."""

    name: str
    starts: time
    ends: time

    @property
    def minutes(self) -> int:
        return _minutes_between(self.starts, self.ends)


def bells_of(school: School) -> list[Bell]:
    """The school's lessons in the order of the day; none where nobody has filled them in."""
    found = (
        select(LessonPeriod)
        .where(LessonPeriod.school_id == school.id)
        .order_by(LessonPeriod.starts, LessonPeriod.id)
    )
    return [
        Bell(row.name, time.fromisoformat(row.starts), time.fromisoformat(row.ends))
        for row in db.session.scalars(found.limit(MOST))
    ]


def ring(first: time, minutes: int, lessons: int, breaks: Mapping[int, int]) -> list[Bell]:
    """So many lessons of so many minutes; ``breaks`` maps a lesson to the pause after it.

    Invalid where the day would not end before ten in the evening.
    """
    at, rung = datetime.combine(_ANY_DAY, first), []
    for number in range(1, lessons + 1):
        ends = at + timedelta(minutes=minutes)
        if ends.date() != _ANY_DAY or ends.time() > LATEST:
            raise Invalid(_l("The last lesson would end after 22:00."), field="lessons")
        rung.append(Bell(str(number), at.time(), ends.time()))
        at = ends + timedelta(minutes=breaks.get(number, 0))
    return rung


def set_bell_times(school: School, bells: Sequence[Bell], *, by: Person) -> None:
    """Put these lessons in place of what stood. Invalid says which rule they break."""
    if not policies.may_edit_school(by, school):
        raise NotAllowed(_l("Only this school's teachers can change this."))
    ordered = sorted(bells, key=lambda bell: bell.starts)
    _check(ordered)
    before = bells_of(school)
    if before == ordered:
        return
    db.session.execute(delete(LessonPeriod).where(LessonPeriod.school_id == school.id))
    for bell in ordered:
        starts, ends = (f"{clock:%H:%M}" for clock in (bell.starts, bell.ends))
        db.session.add(LessonPeriod(school_id=school.id, name=bell.name, starts=starts, ends=ends))
    lengths = Counter(bell.minutes for bell in ordered if bell.minutes <= ONE_LESSON)
    if lengths:
        school.lesson_minutes = lengths.most_common(1)[0][0]
    changes = {"bells": [[b.name for b in before], [b.name for b in ordered]]}
    write_journal("bell_times", school, by=by, changes=changes)
    db.session.flush()


def _check(bells: Sequence[Bell]) -> None:
    if len(bells) > MOST:
        raise Invalid(_l("At most %(most)d lessons a day.", most=MOST), field="rows")
    names = Counter(bell.name for bell in bells)
    for bell in bells:
        if not bell.name:
            raise Invalid(_l("Give each lesson a number or a name."), field="rows")
        if names[bell.name] > 1:
            raise Invalid(_l("“%(name)s” stands there twice.", name=bell.name), field="rows")
        if bell.starts < EARLIEST or bell.ends > LATEST:
            raise Invalid(_l("Choose times between 7:00 and 22:00."), field="rows")
        if not SHORTEST <= bell.minutes <= LONGEST:
            raise Invalid(
                _l("Lesson %(name)s must take 10 to 240 minutes.", name=bell.name), field="rows"
            )
    for bell, following in pairwise(bells):
        if following.starts < bell.ends:
            told = {"name": following.name, "before": bell.name}
            raise Invalid(
                _l("Lesson %(name)s starts before lesson %(before)s has ended.", **told),
                field="rows",
            )


def _minutes_between(starts: time, ends: time) -> int:
    length = datetime.combine(_ANY_DAY, ends) - datetime.combine(_ANY_DAY, starts)
    return int(length.total_seconds()) // 60
