"""A what-if's answer as a page shows it: figures beside each other, and who would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from matcher.coordination.lines import Changed, changed
from matcher.models.run import Question


@dataclass(frozen=True)
class Figure:
    """One figure as it stands and as it would be; ``better`` is 1 where more of it is good."""

    name: str
    now: float
    then: float
    better: int

    @property
    def tone(self) -> str:
        if round(self.then, 4) == round(self.now, 4):
            return "neutral"
        return "good" if (self.then - self.now) * self.better > 0 else "warning"


@dataclass(frozen=True)
class WhatIf:
    """All of it; ``figures`` in the order of the page."""

    as_of: datetime
    figures: list[Figure]
    changed: Changed

    @property
    def is_same(self) -> bool:
        return not any(self.changed.counts[group] for group in ("new", "moved", "dropped"))


SHOWN = (
    ("coverage", 1),
    ("gini", -1),
    ("small_company_share", 1),
    ("unserved_school_share", 1),
    ("price_of_fairness", -1),
)


def what_if_of(question: Question) -> WhatIf:
    """In two queries, however many requests would change."""
    now, then = (_with_coverage(question.answer[name]) for name in ("now", "then"))
    return WhatIf(
        datetime.fromisoformat(question.answer["as_of"]),
        [Figure(name, now[name], then[name], better) for name, better in SHOWN],
        changed(question.answer["changes"]),
    )


def _with_coverage(figures: dict[str, float]) -> dict[str, float]:
    needs = figures["needs"]
    return figures | {"coverage": figures["matched"] / needs if needs else 0.0}
