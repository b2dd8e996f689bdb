"""Why a pair fits, from the stored parts of its score: sentences, the weak point, the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.models.moves import Side
from matcher.models.proposal import Proposal
from matcher.proposals.view import View
from matcher.proposals.wording import Reader, say, say_lack

LABELS = {
    "text": _l("Topic"),
    "subject": _l("Subject"),
    "level": _l("Level"),
    "kind": _l("Kind"),
    "language": _l("Language"),
    "distance": _l("Distance"),
    "time": _l("Time"),
    "profile": _l("Class mix"),
    "freshness": _l("Up to date"),
    "novelty": _l("New to visits"),
    "partner": _l("Know each other"),
}
FEWEST, MOST = 3, 5  # sentences
# Which school it is could be told from these, while its name is not yet to be told.
OF_THE_SCHOOL = frozenset({"distance", "novelty", "partner"})
DESK = Reader(Side.COORDINATOR)


@dataclass(frozen=True)
class Told:
    """One row of figures; the points of all rows add up to the score, also as they are shown.

    ``shown`` is in tenths of a point of a hundred. ``value`` and ``weight`` are None where several
    parts stand as one. ``start`` and ``length`` are its piece, in percent, of a bar of all parts.
    """

    part: str
    label: str
    value: float | None
    weight: float | None
    points: float
    shown: int
    start: float
    length: float
    is_weak: bool


@dataclass(frozen=True)
class Explanation:
    """Everything a page says about why: sentences, the one weak point, all figures."""

    parts: list[Told]
    sentences: list[str]
    weak: str
    score: float
    shown: int  # the score in tenths of a point of a hundred


@dataclass(frozen=True)
class _Part:
    name: str
    value: float
    weight: float
    facts: Mapping[str, Any]

    @property
    def points(self) -> float:
        return self.value * self.weight

    @property
    def lack(self) -> float:
        return self.weight - self.points


def explain(proposal: Proposal, view: View) -> Explanation:
    """To the reader of a page, from the stored reasons alone."""
    return explained(proposal.reasons, proposal.weak_point, reader_of(view))


def reader_of(view: View) -> Reader:
    """A company that may not know the school's name yet is told nothing that would give it away."""
    return Reader(view.side, knows_school=bool(view.school), band=view.band)


def explained(
    reasons: Sequence[Mapping[str, Any]], weak_point: str, reader: Reader = DESK
) -> Explanation:
    """The same for stored reasons of whatever kind, by default to a coordinator."""
    parts = [
        _Part(r["part"], float(r["value"]), float(r["weight"]), r.get("facts") or {})
        for r in reasons
        if r["weight"] > 0
    ]
    weak = _weak(parts, weak_point, reader)
    rows = _rows(parts, weak, reader)
    return Explanation(
        parts=rows,
        sentences=_sentences(parts, weak, reader),
        weak=say_lack(weak.name, weak.value, weak.facts, reader) if weak else "",
        score=sum(part.points for part in parts),
        shown=sum(row.shown for row in rows),
    )


def _weak(parts: Sequence[_Part], weak_point: str, reader: Reader) -> _Part | None:
    """The stored weak point; where it may not be told, the next in what it costs."""
    told = [part for part in parts if reader.knows_school or part.name not in OF_THE_SCHOOL]
    named = next((part for part in told if part.name == weak_point), None)
    return named or max(told, key=lambda part: (part.lack, part.name), default=None)


def _sentences(parts: Sequence[_Part], weak: _Part | None, reader: Reader) -> list[str]:
    """The best reasons first; facts fill up where reasons are fewer than three."""
    ordered = sorted(parts, key=lambda part: (-_rank(part, reader), part.name))
    said = [
        say(part.name, part.value, part.facts, reader)
        for part in ordered
        if part is not weak and (reader.knows_school or part.name not in {"novelty", "partner"})
    ]
    reasons = [each.text for each in said if each.is_reason and each.text][:MOST]
    facts = [each.text for each in said if not each.is_reason and each.text]
    return reasons + facts[: max(0, FEWEST - len(reasons))]


def _rank(part: _Part, reader: Reader) -> float:
    """By points; what stands for the school's place must not tell by where it stands."""
    return part.points if reader.knows_school or part.name not in OF_THE_SCHOOL else 0.0


def _rows(parts: Sequence[_Part], weak: _Part | None, reader: Reader) -> list[Told]:
    """Each part as a row; those that would tell which school it is stand as one at the end."""
    told = [part for part in parts if reader.knows_school or part.name not in OF_THE_SCHOOL]
    closed = [part.points for part in parts if part not in told]
    points = [part.points for part in told] + ([sum(closed)] if closed else [])
    starts = [100 * start for start in accumulate(points, initial=0.0)]
    figures = list(zip(points, _tenths(points), starts, (100 * p for p in points), strict=False))
    rows = [
        Told(
            part.name,
            str(LABELS.get(part.name, part.name)),
            part.value,
            part.weight,
            *numbers,
            is_weak=part is weak,
        )
        for part, numbers in zip(told, figures, strict=False)
    ]
    if closed:
        label = _("Of the school, told after a yes")
        rows.append(Told("school", label, None, None, *figures[-1], is_weak=False))
    return rows


def _tenths(points: Sequence[float]) -> list[int]:
    """Whole tenths that add up to the rounded sum: the largest remainders are rounded up."""
    exact = [1000 * value for value in points]
    floors = [int(value) for value in exact]
    missing = round(sum(exact)) - sum(floors)
    by_remainder = sorted(range(len(exact)), key=lambda n: (floors[n] - exact[n], n))
    for number in by_remainder[:missing]:
        floors[number] += 1
    return floors
