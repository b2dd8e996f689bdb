"""A programme's school system, read from its folder under data/ and checked once."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

DATA = Path(__file__).parent / "data"
Names = Mapping[str, str]
T = TypeVar("T")


class BrokenReference(ValueError):
    """A reference file does not say what it must; names the file and the entry."""


def told(names: Names, language: str) -> str:
    """In the language asked for, else English, else whatever there is."""
    return names.get(language) or names.get("en") or next(iter(names.values()), "")


class Named:
    """What has a name in each of the programme's languages."""

    code: str
    names: Names

    def name(self, language: str) -> str:
        return told(self.names, language)


@dataclass(frozen=True)
class Level(Named):
    """A school level; ``rank`` orders levels by how far along pupils are.

    ``ages`` are its pupils' usual first and last; ``tracks`` say how theoretical it is, from 1 for
    practical education to 6 for what leads to university; empty where all pupils are together.
    """

    code: str
    sector: str
    years: tuple[int, ...]
    rank: int
    names: Names
    ages: tuple[int, int]
    tracks: tuple[int, ...]  # none, or the first and the last


@dataclass(frozen=True)
class Subject(Named):
    """A school subject."""

    code: str
    names: Names


@dataclass(frozen=True)
class Nearness:
    """How close two subjects are, in (0, 1), and why; ``b`` is "*" for any other subject."""

    a: str
    b: str
    closeness: float
    why: str


@dataclass(frozen=True)
class ProfileType(Named):
    """A type of the class profile, who they are, and a tip for reaching them."""

    code: str
    names: Names
    who: Names
    tip: Names
    share: float | None  # None: not found published
    tips: tuple[Names, ...] = ()
    statements: tuple[Names, ...] = ()  # of the self-test: what reaches them


@dataclass(frozen=True)
class RegionEntry(Named):
    """A region with the provinces it covers and its usual holiday region."""

    code: str
    names: Names
    provinces: tuple[str, ...]
    holiday_region: str


@dataclass(frozen=True)
class Holiday(Named):
    """A school holiday, first and last day included, in some holiday regions."""

    code: str
    first: date
    last: date
    regions: tuple[str, ...]
    names: Names


@dataclass(frozen=True)
class SchoolSystem(Named):
    """Everything a programme says about its schools."""

    code: str
    names: Names
    time_zone: str
    country: str
    subdivision: str
    languages: tuple[str, ...]
    lesson_minutes: tuple[int, ...]
    identifiers: Mapping[str, str]
    levels: tuple[Level, ...]
    subjects: tuple[Subject, ...]
    near_subjects: tuple[Nearness, ...]
    regions: tuple[RegionEntry, ...]
    kinds_of_profile: tuple[ProfileType, ...]
    school_holidays: tuple[Holiday, ...]
    levels_of_kinds: Mapping[str, tuple[str, ...]]  # a school's kind in the register -> levels

    def levels_at(self, kind: str) -> tuple[Level, ...]:
        """What a school of this kind teaches, by the parts of the register's word for it; all
        levels where that says nothing."""
        parts = [kind, *re.split(r"[/() ]+", kind)]
        taught = {code for part in parts for code in self.levels_of_kinds.get(part, ())}
        return tuple(level for level in self.levels if level.code in taught) or self.levels

    def level(self, code: str) -> Level:
        return _one(self.levels, code)

    def subject(self, code: str) -> Subject:
        return _one(self.subjects, code)

    def holidays(self, holiday_region: str, language: str = "") -> list[tuple[date, date, str]]:
        """First day, last day and name of each school holiday of these regions, told in the
        programme's own language unless another is asked for."""
        return [
            (h.first, h.last, h.name(language or self.languages[0]))
            for h in self.school_holidays
            if set(holiday_region.split(",")) & set(h.regions)
        ]

    def is_identifier(self, kind: str, text: str) -> bool:
        """Whether a school's or company's register code has the right shape."""
        return re.fullmatch(self.identifiers[kind], text) is not None


@cache
def programme(code: str = "nl") -> SchoolSystem:
    """The school system of a programme; BrokenReference when its files do not fit together."""
    folder = DATA / code
    if not re.fullmatch(r"[a-z]{2,5}", code) or not (folder / "system.json").exists():
        raise BrokenReference(f"there is no programme {code!r}")
    general = read_json(folder / "system.json")
    system = SchoolSystem(
        code=general["code"],
        names=general["names"],
        time_zone=general["time_zone"],
        country=general["country"],
        subdivision=general.get("subdivision", ""),
        languages=tuple(general["languages"]),
        lesson_minutes=tuple(general["lesson_minutes"]),
        identifiers=general["identifiers"],
        levels=read_entries(folder / "levels.json", Level),
        subjects=read_entries(folder / "subjects.json", Subject),
        near_subjects=_nearness(folder / "subjects_near.csv"),
        regions=read_entries(folder / "regions.json", RegionEntry),
        kinds_of_profile=read_entries(folder / "class_profile.json", ProfileType),
        school_holidays=_holidays(folder / "school_holidays.json"),
        levels_of_kinds={k: tuple(v) for k, v in general.get("levels_of_kinds", {}).items()},
    )
    _check(system)
    return system


def _one(entries: tuple[T, ...], code: str) -> T:
    for entry in entries:
        if entry.code == code:  # type: ignore[attr-defined]
            return entry
    raise KeyError(code)


def read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BrokenReference(f"{path.name}: {error}") from error


def read_entries(path: Path, kind: type) -> tuple[Any, ...]:
    """Each entry as ``kind``; a programme may lack a file."""
    if not path.exists():
        return ()
    made = []
    for entry in read_json(path):
        values = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
        try:
            made.append(kind(**values))
        except TypeError as error:
            raise BrokenReference(f"{path.name}, {entry.get('code')}: {error}") from error
    return tuple(made)


def _nearness(path: Path) -> tuple[Nearness, ...]:
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Nearness(row["a"], row["b"], float(row["closeness"]), row["why"])
            for row in csv.DictReader(file)
        )


def _holidays(path: Path) -> tuple[Holiday, ...]:
    if not path.exists():
        return ()
    return tuple(
        Holiday(
            code=f"{row['first']}/{'-'.join(row['regions'])}",
            first=date.fromisoformat(row["first"]),
            last=date.fromisoformat(row["last"]),
            regions=tuple(row["regions"]),
            names=row["names"],
        )
        for row in read_json(path)
    )


def _check(system: SchoolSystem) -> None:
    """Codes once each, names in each language, neighbours that exist, days in order."""
    for entries in (system.levels, system.subjects, system.regions, system.kinds_of_profile):
        codes = [entry.code for entry in entries]
        if len(codes) != len(set(codes)):
            raise BrokenReference(f"{system.code}: a code stands twice")
        for entry in entries:
            if missing := set(system.languages) - set(entry.names):
                raise BrokenReference(f"{system.code}: {entry.code} has no name in {missing}")
    _check_nearness(system)
    levels = {level.code for level in system.levels}
    for kind, taught in system.levels_of_kinds.items():
        if strangers := set(taught) - levels:
            raise BrokenReference(f"{system.code}: {kind} teaches unknown {strangers}")
    for holiday in system.school_holidays:
        if holiday.last < holiday.first:
            raise BrokenReference(f"{system.code}: holiday {holiday.code} ends before it starts")


def _check_nearness(system: SchoolSystem) -> None:
    """Subjects that exist, each two once, and nearer than nothing and further than the same."""
    known, seen = {subject.code for subject in system.subjects}, set()
    for near in system.near_subjects:
        pair = frozenset((near.a, near.b))
        if not {near.a, near.b} <= known | {"*"} or len(pair) < 2 or pair in seen:
            raise BrokenReference(f"{system.code}: {near.a} is near {near.b}, once too often")
        if not 0 < near.closeness < 1:
            raise BrokenReference(f"{system.code}: {near.a} is {near.closeness} near {near.b}")
        seen.add(pair)
