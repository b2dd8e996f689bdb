"""Inputs as bytes and back, so that a stored run can be done again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from matcher.matching.result import canonical, plain
from matcher.matching.types import Demand, Person, Pin, Place, Slot, Supply, Text, Window

Standing = tuple[str, str, str | None]
Synonym = tuple[str, str, str]  # concept, language, label


@dataclass(frozen=True)
class Inputs:
    """Everything ``propose`` reads but the settings, in the order of its keys."""

    demands: tuple[Demand, ...]
    supplies: tuple[Supply, ...]
    people: tuple[Person, ...]
    pins: tuple[Pin, ...] = ()
    standing: tuple[Standing, ...] = ()
    synonyms: tuple[Synonym, ...] = ()  # labels that a region adds to the thesaurus


def in_order(
    demands: Iterable[Demand],
    supplies: Iterable[Supply],
    people: Iterable[Person],
    pins: Iterable[Pin] = (),
    standing: Iterable[Standing] = (),
    *,
    synonyms: Iterable[Synonym] = (),
) -> Inputs:
    """The same inputs, whatever order they came in. ValueError when a key stands twice."""
    made = Inputs(
        tuple(_windows_in_order(d) for d in sorted(demands, key=lambda d: d.key)),
        tuple(_slots_in_order(s) for s in sorted(supplies, key=lambda s: s.key)),
        tuple(sorted(people, key=lambda p: p.key)),
        tuple(sorted(pins, key=lambda p: (p.demand, p.supply, p.forbid))),
        tuple(sorted(((a, b, c) for a, b, c in standing), key=lambda t: (t[0], t[1], t[2] or ""))),
        tuple(sorted({(a, b, c) for a, b, c in synonyms})),
    )
    for name, entries in (
        ("need", made.demands),
        ("offer", made.supplies),
        ("person", made.people),
    ):
        keys = [entry.key for entry in entries]  # type: ignore[attr-defined]
        if len(set(keys)) < len(keys):
            raise ValueError(f"a {name}'s key stands twice")
    return made


def _windows_in_order(demand: Demand) -> Demand:
    windows = tuple(sorted(demand.windows, key=lambda w: (w.start, w.end)))
    return demand if windows == demand.windows else replace(demand, windows=windows)


def _slots_in_order(supply: Supply) -> Supply:
    slots = tuple(sorted(supply.slots, key=lambda s: (s.start, s.key)))
    return supply if slots == supply.slots else replace(supply, slots=slots)


def inputs_json(
    demands: Iterable[Demand],
    supplies: Iterable[Supply],
    people: Iterable[Person],
    pins: Iterable[Pin] = (),
    standing: Iterable[Standing] = (),
    *,
    synonyms: Iterable[Synonym] = (),
) -> str:
    """Canonical JSON of the inputs."""
    made = in_order(demands, supplies, people, pins, standing, synonyms=synonyms)
    return canonical(plain(made))


def inputs_from_json(text: str) -> Inputs:
    """What ``inputs_json`` wrote."""
    raw = json.loads(text)
    return Inputs(
        tuple(_demand(row) for row in raw["demands"]),
        tuple(_supply(row) for row in raw["supplies"]),
        tuple(_person(row) for row in raw["people"]),
        tuple(Pin(**row) for row in raw["pins"]),
        tuple((a, b, c) for a, b, c in raw["standing"]),
        tuple((a, b, c) for a, b, c in raw.get("synonyms", ())),  # older runs had none
    )


def _demand(row: Mapping[str, Any]) -> Demand:
    return Demand(
        **{
            **row,
            "text": Text(**row["text"]),
            "subjects": tuple(row["subjects"]),
            "levels": tuple(row["levels"]),
            "kinds": frozenset(row["kinds"]),
            "languages": frozenset(row["languages"]),
            "partners": frozenset(row["partners"]),
            "location": _place(row["location"]),
            "windows": tuple(_window(w) for w in row["windows"]),
            "open_on": date.fromisoformat(row["open_on"]) if row["open_on"] else None,
        }
    )


def _supply(row: Mapping[str, Any]) -> Supply:
    return Supply(
        **{
            **row,
            "text": Text(**row["text"]),
            "subjects": tuple(row["subjects"]),
            "levels": tuple(row["levels"]),
            "languages": frozenset(row["languages"]),
            "location": _place(row["location"]),
            "slots": tuple(
                Slot(**{**s, "start": _moment(s["start"]), "end": _moment(s["end"])})
                for s in row["slots"]
            ),
        }
    )


def _person(row: Mapping[str, Any]) -> Person:
    return Person(
        **{
            **row,
            "languages": frozenset(row["languages"]),
            "location": _place(row["location"]),
            "busy": tuple((_window(window), _place(place)) for window, place in row["busy"]),
        }
    )


def _place(row: Mapping[str, Any] | None) -> Place | None:
    return Place(**row) if row else None


def _window(row: Mapping[str, Any]) -> Window:
    return Window(_moment(row["start"]), _moment(row["end"]))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
