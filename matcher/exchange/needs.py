"""Requests from a file, by the school's own reference, with the words and rules of the form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher.errors import Invalid
from matcher.exchange import cells
from matcher.exchange.columns import Column, Record
from matcher.exchange.names import by_code, by_name, own_number, reference_column
from matcher.exchange.outcome import Line, Verdict, differences
from matcher.exchange.scope import Scope, rows_by, school_of
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.need import Need, NeedState, PlaceKind
from matcher.models.organisation import School
from matcher.needs import service
from matcher.web.names import KINDS, LANGUAGES, NEED_STATES, PLACES, SUPPORT

KEPT = (
    "title",
    "goal",
    "hook",
    "language",
    "subject",
    "levels",
    "other_levels",
    "years",
    "groups",
    "group_size",
    "support",
    "kinds",
    "place",
    "travel_km",
    "languages",
    "class_profile",
    "lesson_minutes",
    "visits_wanted",
    "remarks",
    "alerts",
)
NEVER_EMPTY = {"language", "place", "groups", "visits_wanted"}


def columns(scope: Scope) -> tuple[Column, ...]:
    """The columns of a file of requests."""
    return (
        reference_column("request"),
        Column(
            "school",
            _l("School (code)"),
            cells.line(40),
            asked=True,
            also=("brin", "schoolcode", "school"),
            example="01AB00",
        ),
        Column(
            "teacher",
            _l("Teacher (mail address)"),
            cells.mail_address,
            asked=True,
            also=("docent", "teacher", "leraar"),
            example="a.deboer@school.nl",
        ),
        Column("state", _l("State"), cells.one_of(by_code(NEED_STATES)), example="open"),
        Column("title", _l("Title"), cells.line(120), asked=True, also=("titel",)),
        Column("goal", _l("What pupils take home"), cells.prose(2000), also=("doel",)),
        Column("hook", _l("Chapter, and what the class knows already"), cells.prose(2000)),
        Column(
            "subject",
            _l("Subject"),
            cells.one_of(by_name(scope.system.subjects)),
            also=("vak",),
            example="natuurkunde",
        ),
        *_class_columns(scope),
        *_when_columns(scope),
    )


def _class_columns(scope: Scope) -> tuple[Column, ...]:
    """Who sits in the class, and what suits it."""
    levels, some = by_name(scope.system.levels), cells.some_of
    return (
        Column("language", _l("Language of the text"), cells.one_of(by_code(LANGUAGES))),
        Column(
            "levels",
            _l("Levels"),
            some(levels),
            also=("niveau",),
            example="havo-bovenbouw",
        ),
        Column("other_levels", _l("Other levels that are fine"), some(levels)),
        Column("years", _l("Years"), cells.numbers(1, 8), also=("leerjaar",), example="4"),
        Column("groups", _l("Classes together"), cells.whole(1, 10)),
        Column(
            "group_size",
            _l("How many pupils"),
            cells.whole(1, 1000),
            also=("aantal leerlingen", "leerlingen"),
            example="28",
        ),
        Column("support", _l("What the class asks of a guest"), some(by_code(SUPPORT))),
        Column("kinds", _l("Kinds of visit"), some(by_code(KINDS)), example="lecture; tour"),
        Column("place", _l("Where"), cells.one_of(by_code(PLACES))),
        Column("travel_km", _l("Travels for a tour (km)"), cells.whole(1, 500)),
        Column("languages", _l("In which languages"), some(by_code(LANGUAGES))),
        Column("lesson_minutes", _l("How many minutes"), cells.whole(10, 600), example="50"),
        Column("visits_wanted", _l("How many visits"), cells.whole(1, 10)),
    )


def _when_columns(scope: Scope) -> tuple[Column, ...]:
    """What else there is to say, and when."""
    system, zone = scope.system, ZoneInfo(scope.system.time_zone)
    return (
        Column("remarks", _l("Remarks"), cells.prose(1000)),
        Column(
            "class_profile", _l("Class profile"), cells.shares(by_name(system.kinds_of_profile))
        ),
        Column("alerts", _l("Mail on new offers"), cells.yes_no),
        Column(
            "windows",
            _l("Days and times"),
            cells.moments(zone),
            also=("data en tijden", "momenten"),
            example="2027-03-01 09:00-10:00; 2027-03-02 13:30-15:10",
        ),
    )


def cells_of(need: Need, zone: ZoneInfo) -> dict[str, Any]:
    """A request as the row that would give it."""
    row: dict[str, Any] = {
        "reference": need.reference or own_number(need.id),
        "school": need.school.register_code,
        "teacher": need.teacher.email,
        "state": need.state.value,
    }
    row |= {name: getattr(need, name) for name in KEPT}
    spans = [(window.starts_at, window.ends_at, None) for window in need.windows]
    return row | {"windows": cells.told_moments(spans, zone)}


class Needs:
    """Brings requests in line with a file."""

    def __init__(self, scope: Scope, found: Sequence[Record]) -> None:
        self.scope, self.zone = scope, ZoneInfo(scope.system.time_zone)
        self.schools = rows_by(School.register_code, _texts(found, "school"))
        self.people = rows_by(Person.email, _texts(found, "teacher"))

    @staticmethod
    def key(record: Record) -> object:
        reference = str(record.get("reference") or "")
        return reference if own_number(reference) else (record.get("school"), reference)

    @staticmethod
    def is_told_twice(record: Record, first: Record) -> bool:
        return record.values == first.values

    def take(self, record: Record) -> Line:
        """Add, change or leave one request."""
        school = school_of(record.values["school"].upper(), self.schools)
        self.scope.insist(school.region_id, "school")
        reference = record.values["reference"]
        need = self._find(reference, school)
        label = f"{reference}: {record.values['title']}"
        is_new = need is None
        before = cells_of(need, self.zone) if need is not None else {}
        if need is None:
            need = self._begin(record, school)
        self._write(need, record)
        self._move(need, record.get("state", ""), is_new=is_new)
        db.session.flush()
        if is_new:
            write_journal("import", need, by=self.scope.by)
            return Line(record.row, label, Verdict.NEW)
        changes = differences(before, cells_of(need, self.zone))
        return Line(record.row, label, Verdict.CHANGED if changes else Verdict.SAME, changes)

    def _find(self, reference: str, school: School) -> Need | None:
        number = own_number(reference)
        if number is None:
            return db.session.scalar(
                select(Need).where(Need.school_id == school.id, Need.reference == reference)
            )
        need = db.session.get(Need, number)
        if need is None or need.school_id != school.id:
            text = _("There is no request %(number)s of this school here. Give it a reference.")
            raise Invalid(text % {"number": reference}, field="reference")
        return need

    def _begin(self, record: Record, school: School) -> Need:
        teacher = self._teacher(record, school)
        need = Need(
            teacher_id=teacher.id,
            reference=record.values["reference"],
            language=teacher.language,
            languages=[teacher.language],
            levels=[],
            other_levels=[],
            years=[],
            support=[],
            kinds=["lecture"],
            class_profile={},
            rhythm={},
            lesson_minutes=school.lesson_minutes,
            place=PlaceKind.BOTH,
            state=NeedState.DRAFT,
        )
        need.school, need.region, need.teacher = school, school.region, teacher
        db.session.add(need)
        db.session.flush()
        return need

    def _teacher(self, record: Record, school: School) -> Person:
        found = self.people.get(record.values["teacher"])
        if found is None or school.id not in found.school_ids:
            raise Invalid(
                _("Nobody with this address teaches at this school. Bring the people in first."),
                field="teacher",
            )
        person: Person = found
        return person

    def _write(self, need: Need, record: Record) -> None:
        """Only what differs is handed to the form's own verb."""
        wanted = {name: record.values[name] for name in KEPT if record.has(name)}
        wanted = {n: v for n, v in wanted.items() if v not in (None, "") or n not in NEVER_EMPTY}
        if "place" in wanted:
            wanted["place"] = PlaceKind(wanted["place"])
        if need.teacher.email != record.values["teacher"]:
            teacher = self._teacher(record, need.school)
            service.save(need, {"teacher_id": teacher.id}, by=self.scope.acting)
            need.teacher = teacher
        differing = differences({name: getattr(need, name) for name in wanted}, wanted)
        if record.has("windows"):
            self._write_windows(need, record.values["windows"])
        if differing:
            service.save(need, {name: wanted[name] for name in differing}, by=self.scope.acting)

    def _write_windows(self, need: Need, wanted: list[tuple[Any, Any, Any]]) -> None:
        spans = {(start, end) for start, end, _seats in wanted}
        if spans != {(window.starts_at, window.ends_at) for window in need.windows}:
            service.set_windows(need, sorted(spans), by=self.scope.acting)

    def _move(self, need: Need, state: str, *, is_new: bool) -> None:
        wanted = state or (NeedState.OPEN.value if is_new else need.state.value)
        if wanted == need.state.value:
            return
        if wanted == NeedState.OPEN.value and need.state == NeedState.DRAFT:
            service.publish(need, by=self.scope.acting)
        elif wanted == NeedState.WITHDRAWN.value and not is_new:
            service.withdraw(need, by=self.scope.acting, reasons=["other"])
        else:
            raise Invalid(
                _(
                    "A file can open a draft or withdraw a request, not make it %(state)s.",
                    state=state,
                ),
                field="state",
            )


def _texts(found: Iterable[Record], name: str) -> list[str]:
    return [str(record.get(name)) for record in found if record.get(name)]
