"""The demo's school side: real school locations, invented teachers and their needs."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from matcher import clock
from matcher.demo.people import grant, invented_name, make_person
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.need import Need, NeedState, NeedWindow, PlaceKind
from matcher.models.organisation import Region, School
from matcher.organisations.bell_times import Bell, ring, set_bell_times

DATA = Path(__file__).parent / "data"
PRIMARY = "basisschool"
PROFILES: tuple[dict[str, int], ...] = (
    {"innovator": 30, "social_implementer": 20, "doer": 20, "explorer": 20, "creative_maker": 10},
    {"innovator": 10, "social_implementer": 20, "doer": 40, "explorer": 20, "creative_maker": 10},
    {},
)


def pick_schools(region: Region) -> list[School]:
    """Twenty real locations: six primary schools and fourteen secondary, spread by size of name."""
    picked: list[School] = []
    for primary, many in ((True, 6), (False, 14)):
        kind = School.kind == PRIMARY if primary else School.kind.contains("VBO")
        rows = db.session.scalars(
            select(School)
            .where(School.region_id == region.id, kind, func.length(School.name) < 40)
            .order_by(School.register_code)
            .limit(many * 9)
        ).all()
        picked += rows[:: max(1, len(rows) // many)][:many]
    return picked


def make_teachers(schools: Sequence[School]) -> list[Person]:
    """One teacher a school."""
    people = []
    for number, school in enumerate(schools):
        person = make_person(invented_name(number))
        grant(person, Role.TEACHER, school=school)
        people.append(person)
        db.session.flush()
        set_bell_times(school, _bells(school, number), by=person)
    return people


def _bells(school: School, number: int) -> list[Bell]:
    """Mornings and afternoons at a primary school, lessons elsewhere; not all ring alike."""
    if school.kind == PRIMARY:
        return [Bell("ochtend", time(8, 30), time(12)), Bell("middag", time(12, 45), time(15))]
    start = (time(8, 15), time(8, 30))[number % 2]
    return ring(start, (50, 45, 60)[number % 3], 8, {2: 15, 4: 30})


def build_needs(schools: Sequence[School], teachers: Sequence[Person], *, half: int) -> list[Need]:
    """Every second need of the collection and of the demo's own topics, at fitting schools."""
    primary = [i for i, school in enumerate(schools) if school.kind == PRIMARY]
    secondary = [i for i, school in enumerate(schools) if school.kind != PRIMARY]
    needs = []
    for number, text in list(enumerate(texts()))[half::2]:
        among = primary if text["level"].startswith("po") else secondary
        at = among[(number // 2) % len(among)]
        needs.append(_need(text, schools[at], teachers[at], number))
    db.session.flush()
    return needs


def texts() -> list[dict[str, Any]]:
    lines = (DATA / "needs.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line) for line in lines]
    with (DATA / "topics.csv").open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter=";")):
            texts.append(_from_topic(row, number))
    return texts


def _from_topic(row: dict[str, str], number: int) -> dict[str, Any]:
    return {
        "title": row["title"],
        "description": row["goal"],
        "hook": row["hook"],
        "language": "nl",
        "accepts_languages": ["nl", "en"] if number % 3 == 0 else ["nl"],
        "subject": row["subject"],
        "level": row["level"],
        "format": ("both", "onsite", "online")[number % 3],
        "kinds": (["lecture", "tour"], ["lecture", "challenge"], ["lecture"])[number % 3],
        "group_size": 18 + number % 13,
        "duration_minutes": (50, 60, 90)[number % 3],
    }


def _need(text: dict[str, Any], school: School, teacher: Person, number: int) -> Need:
    need = Need(
        school_id=school.id,
        region_id=school.region_id,
        teacher_id=teacher.id,
        state=NeedState.OPEN,
        title=text["title"],
        goal=text["description"],
        hook=text.get("hook", ""),
        language=text["language"],
        subject=text["subject"],
        levels=[text["level"]],
        group_size=text["group_size"],
        kinds=text["kinds"],
        place=PlaceKind(text["format"]),
        languages=text["accepts_languages"],
        class_profile=PROFILES[number % len(PROFILES)],
        lesson_minutes=text["duration_minutes"],
        published_at=clock.now() - timedelta(days=number % 25, hours=number),
    )
    for turn in range(5):
        day = clock.today() + timedelta(days=24 + turn * 7 + number % 5)
        while day.weekday() > 4:
            day += timedelta(days=1)
        start = clock.utc(datetime.combine(day, time(8, 30)))
        end = clock.utc(datetime.combine(day, time(16, 0)))
        need.windows.append(NeedWindow(starts_at=start, ends_at=end))
    db.session.add(need)
    return need
