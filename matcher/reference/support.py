"""Support measures for small and medium companies as dated reference: rounds, rules, figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from matcher.reference.system import DATA, BrokenReference, Named, Names, read_json


class MeasureState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"  # nothing found that says so


@dataclass(frozen=True)
class Figure:
    """One fact with who says it and of when; what is not verified is kept, never shown."""

    label: Names
    value: Names
    source: str
    date: str
    verified: bool


@dataclass(frozen=True)
class Rules:
    """What a round asked and gave, in whole euros, months and shares; None: not found."""

    company_max: int
    consortium_max: int
    advance_share: float | None
    most_participants: int | None
    most_months: int | None
    least_sme_share: float | None
    own_contribution: bool


@dataclass(frozen=True)
class Round(Named):
    """One window for applications; without ``rules`` where its amounts were not found."""

    code: str
    names: Names
    opened: str
    closed: str
    technical_only: bool
    rules: Rules | None
    facts: tuple[Figure, ...]
    note: Names


@dataclass(frozen=True)
class Measure(Named):
    """A scheme as it was known at ``as_of``."""

    code: str
    names: Names
    state: MeasureState
    as_of: str
    about: Names
    rounds: tuple[Round, ...]
    figures: tuple[Figure, ...]
    aims: tuple[Names, ...]


@cache
def measures(programme: str) -> tuple[Measure, ...]:
    """A programme's own; none where it has no file."""
    path = DATA / programme / "support_measures.json"
    if not path.exists():
        return ()
    try:
        return tuple(_measure(entry) for entry in read_json(path))
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenReference(f"{path.name}: {error}") from error


def measure(code: str, programme: str) -> Measure | None:
    return next((one for one in measures(programme) if one.code == code), None)


def _measure(entry: Mapping[str, Any]) -> Measure:
    parts = {
        "state": MeasureState(entry["state"]),
        "rounds": tuple(_round(one) for one in entry["rounds"]),
        "figures": _figures(entry["figures"]),
        "aims": tuple(entry["aims"]),
    }
    return Measure(**{**entry, **parts})


def _round(entry: Mapping[str, Any]) -> Round:
    rules = Rules(**entry["rules"]) if entry["rules"] else None
    return Round(**{**entry, "rules": rules, "facts": _figures(entry["facts"])})


def _figures(entries: Any) -> tuple[Figure, ...]:
    return tuple(Figure(**entry) for entry in entries)
