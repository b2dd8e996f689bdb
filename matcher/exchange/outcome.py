"""What reading a file did or would do: row by row, in one report that can be kept and shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any

from matcher.exchange.cells import told
from matcher.exchange.problems import MOST_TOLD, Problem

MOST_LINES = 300
Changes = dict[str, list[Any]]


class Verdict(StrEnum):
    """What became of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ASIDE = "aside"  # left out, with a note why


@dataclass(frozen=True, slots=True)
class Line:
    """One row's outcome; ``changes`` maps a column's name to its cell before and after."""

    row: int
    label: str
    verdict: Verdict
    changes: Changes = field(default_factory=dict)
    note: str = ""


@dataclass(slots=True)
class Report:
    """All rows' outcomes, or what is wrong; with problems nothing was done."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)  # columns nobody knows, not read

    def count(self, verdict: Verdict) -> int:
        return sum(line.verdict == verdict for line in self.lines)

    @property
    def counts(self) -> dict[str, int]:
        return {verdict.value: self.count(verdict) for verdict in Verdict}

    @property
    def changes_nothing(self) -> bool:
        return not (self.count(Verdict.NEW) + self.count(Verdict.CHANGED))

    @property
    def digest(self) -> str:
        """The same for two reports that would do the same."""
        rows = [[line.row, line.verdict, line.label, line.changes] for line in self.lines]
        return sha256(json.dumps(rows, sort_keys=True, default=str).encode()).hexdigest()

    def as_record(self) -> dict[str, Any]:
        """What a page shows: changed rows first, then new ones and those left out."""
        order = [Verdict.CHANGED, Verdict.NEW, Verdict.ASIDE]
        shown = [line for line in self.lines if line.verdict in order]
        shown.sort(key=lambda line: (order.index(line.verdict), line.row))
        return {
            "counts": self.counts,
            "lines": [asdict(line) for line in shown[:MOST_LINES]],
            "more_lines": max(0, len(shown) - MOST_LINES),
            "problems": [asdict(problem) for problem in self.problems[:MOST_TOLD]],
            "more_problems": max(0, len(self.problems) - MOST_TOLD),
            "strangers": self.strangers[:50],
        }


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """Cells that differ; line ends do not count, and empty is empty."""
    found: Changes = {}
    for name, value in after.items():
        old, new = told(before.get(name)), told(value)
        if _plain(old) != _plain(new):
            found[name] = [old, new]
    return found


def _plain(cell: Any) -> Any:
    return cell.replace("\r\n", "\n").strip() if isinstance(cell, str) else cell
