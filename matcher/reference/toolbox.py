"""Resources that come with the service: named by public sources, read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from matcher.reference.system import DATA, read_entries


@dataclass(frozen=True)
class ResourceEntry:
    """One resource; ``url`` is empty where only its name and publisher are known."""

    code: str
    title: str
    kind: str
    language: str
    themes: tuple[str, ...]
    levels: tuple[str, ...]
    about: str
    url: str
    licence: str
    source: str


@cache
def resources(programme: str) -> tuple[ResourceEntry, ...]:
    """A programme's own; none where it has no file."""
    return read_entries(DATA / programme / "toolbox.json", ResourceEntry)
