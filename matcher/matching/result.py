"""What a run gives, and its bytes: the same inputs give the same, whatever their order."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from matcher.matching.types import Pairing, Unmatched


@dataclass(frozen=True)
class Result:
    """Proposals, alternates by need, the unmatched, figures.

    How it was done is no part of its bytes: ``timings``, seconds by stage, and ``texts``, how many
    were on the shelf and how many were read anew.
    """

    proposals: tuple[Pairing, ...]
    alternates: tuple[Pairing, ...]
    unmatched: tuple[Unmatched, ...]
    statistics: Mapping[str, Any]
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)
    texts: Mapping[str, int] = field(default_factory=dict, compare=False)

    def as_json(self) -> str:
        """Canonical JSON of what was found."""
        return canonical(
            {
                "proposals": [plain(p) for p in self.proposals],
                "alternates": [plain(p) for p in self.alternates],
                "unmatched": [plain(u) for u in self.unmatched],
                "statistics": plain(dict(self.statistics)),
            }
        )


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def plain(value: Any) -> Any:
    """Dataclasses, sets and moments as JSON has them; floats to nine digits."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(entry) for entry in value)
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, 9)
    return value
