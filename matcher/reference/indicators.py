"""National indicators as published: each figure with its year and where it was read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from matcher.reference.system import DATA, BrokenReference, Named

UNITS = {"percent", "people", "companies"}
THEMES = ("choosing", "learning", "working")  # of the Dutch Technology Pact


@dataclass(frozen=True)
class Source(Named):
    """A publication and its address."""

    code: str
    names: Mapping[str, str]
    address: str


@dataclass(frozen=True, slots=True)
class Value:
    """One figure: of which year, or edition of the publication."""

    year: str
    value: float
    source: Source


@dataclass(frozen=True)
class Indicator(Named):
    """One series, the oldest first."""

    code: str
    theme: str
    unit: str
    names: Mapping[str, str]
    values: tuple[Value, ...]


@cache
def indicators(code: str) -> tuple[Indicator, ...]:
    """Those of a programme, in the order of the themes; none where it has no file. Every figure
    names a source, or the file is refused with BrokenReference."""
    path = DATA / code / "indicators.json"
    if not re.fullmatch(r"[a-z]{2,5}", code) or not path.exists():
        return ()
    told = json.loads(path.read_text(encoding="utf-8"))
    sources = {key: Source(key, **entry) for key, entry in told["sources"].items()}
    found = []
    for entry in told["indicators"]:
        strangers = {source for _year, _value, source in entry["values"]} - set(sources)
        if strangers or entry["unit"] not in UNITS or entry["theme"] not in THEMES:
            raise BrokenReference(f"{path.name}: {entry['code']} has no known source or unit")
        values = tuple(Value(y, value, sources[source]) for y, value, source in entry["values"])
        found.append(Indicator(**{**entry, "values": values}))
    return tuple(sorted(found, key=lambda one: THEMES.index(one.theme)))
