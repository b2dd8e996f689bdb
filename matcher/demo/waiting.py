"""Classes in the demo's other provinces, for which nobody has been found: what recruits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from matcher import clock
from matcher.demo.people import grant, invented_name, make_person
from matcher.demo.schools import texts
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.need import Need, NeedState, NeedWindow, PlaceKind
from matcher.models.organisation import Region, School

CLASSES = {"NL-ZE": 13, "NL-LI": 7, "NL-GE": 11, "NL-UT": 5, "NL-NH": 8, "NL-FL": 2}
CLASSES |= {"NL-OV": 6, "NL-DR": 3, "NL-FR": 4, "NL-GR": 9}
ALIKE = 4  # that ask for the same subject in the same month
FIRST_NAME = 200  # of the invented ones, after those of the two regions


def let_wait(regions: dict[str, Region]) -> None:
    """Three schools a province; flushed, not committed."""
    number = 0
    for place, (code, many) in enumerate(CLASSES.items()):
        if code not in regions:
            continue
        schools = _schools(regions[code])
        teachers = [_teacher(school, FIRST_NAME + number + i) for i, school in enumerate(schools)]
        for turn in range(many):
            at = turn % len(schools)
            text = _text(place * 3 + turn // ALIKE)
            db.session.add(_need(text, schools[at], teachers[at], turn))
        number += len(schools)
    db.session.flush()


def _schools(region: Region) -> Sequence[School]:
    return db.session.scalars(
        select(School)
        .where(
            School.region_id == region.id,
            School.kind.contains("VBO"),
            func.length(School.name) < 40,
        )
        .order_by(School.register_code)
        .limit(3)
    ).all()


def _teacher(school: School, number: int) -> Person:
    person = make_person(invented_name(number))
    grant(person, Role.TEACHER, school=school)
    return person


def _text(number: int) -> dict[str, Any]:
    known = [text for text in texts() if not text["level"].startswith("po")]
    return known[(number * 5) % len(known)]


def _need(text: dict[str, Any], school: School, teacher: Person, turn: int) -> Need:
    asked = clock.now() - timedelta(days=5 + turn * 4)
    need = Need(
        school_id=school.id,
        region_id=school.region_id,
        teacher_id=teacher.id,
        state=NeedState.OPEN,
        title=text["title"],
        goal=text["description"],
        language=text["language"],
        subject=text["subject"],
        levels=[text["level"]],
        group_size=text["group_size"],
        kinds=["lecture", "tour"],
        place=PlaceKind.ONSITE,
        languages=text["accepts_languages"],
        lesson_minutes=50,
        published_at=asked,
        created_at=asked,
        matched_at=clock.now(),
        alerts=False,
    )
    day = clock.today() + timedelta(days=30 + turn // ALIKE * 31)
    day -= timedelta(days=max(0, day.weekday() - 4))
    start, end = (clock.utc(datetime.combine(day, time(hour))) for hour in (8, 16))
    need.windows = [NeedWindow(starts_at=start, ends_at=end)]
    return need
