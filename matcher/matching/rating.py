"""Candidate pairs into possible meetings with scores, a stretch of pairs at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching import clashes, scoring
from matcher.matching.constraints import Field, Meetings, meetings
from matcher.matching.encoded import Encoded
from matcher.matching.inputs import Inputs
from matcher.matching.market import standing
from matcher.matching.text import TextSpace
from matcher.matching.working import mapped

PAIRS_AT_ONCE = 50_000  # all their slots and windows stand in memory together
Array = NDArray[Any]


@dataclass(frozen=True)
class Vectors:
    """The texts of both sides as vectors of one space."""

    space: TextSpace
    needs: Encoded
    offers: Encoded

    @property
    def counted(self) -> dict[str, int]:
        """How many texts were on the shelf, and how many had to be read."""
        anew = self.needs.anew + self.offers.anew
        return {"kept": len(self.needs) + len(self.offers) - anew, "anew": anew}

    def similarity(self, d: Array, s: Array) -> Array:
        """In [0, 1] of each pair; shape (len(d),)."""
        return np.asarray(self.space.pairwise(self.needs, self.offers, d, s), dtype=float)


@dataclass(frozen=True)
class Pairs:
    """Candidate pairs: need and offer by index, and whether a coordinator forced them."""

    d: Array
    s: Array
    forced: Array

    def take(self, rows: Any) -> Pairs:
        return Pairs(self.d[rows], self.s[rows], self.forced[rows])

    def __len__(self) -> int:
        return len(self.d)


@dataclass(frozen=True)
class Measured:
    """Pairs on the topic with all their possible meetings, and parts that no weight touches."""

    pairs: Pairs
    found: Meetings
    parts: dict[str, Array]  # by pair
    km: Array  # by pair
    stood: Array  # by meeting


def rate(
    inputs: Inputs, field: Field, sides: scoring.Sides, vectors: Vectors, pairs: Pairs
) -> tuple[Pairs, Meetings, scoring.Scored]:
    """The pairs on the topic, their possible meetings in order, and those meetings' scores."""

    def part(start: int) -> tuple[Pairs, Meetings, scoring.Scored]:
        some = pairs.take(slice(start, start + PAIRS_AT_ONCE))
        return _weigh(measure(inputs, field, sides, vectors, some), field)

    return _joined(mapped(part, range(0, max(1, len(pairs)), PAIRS_AT_ONCE)))


def in_stretches(pairs: Pairs) -> list[Pairs]:
    """The pairs as ``rate`` takes them."""
    starts = range(0, max(1, len(pairs)), PAIRS_AT_ONCE)
    return [pairs.take(slice(start, start + PAIRS_AT_ONCE)) for start in starts]


def weigh(measured: Sequence[Measured], field: Field) -> tuple[Pairs, Meetings, scoring.Scored]:
    """What ``rate`` gives of the same pairs, to the last bit, under the field's weights."""
    return _joined(mapped(lambda one: _weigh(one, field), measured))


def _joined(
    parts: Iterable[tuple[Pairs, Meetings, scoring.Scored]],
) -> tuple[Pairs, Meetings, scoring.Scored]:
    kept, found, scored = zip(*parts, strict=True)
    return _joined_pairs(kept), _joined_meetings(found, kept), _joined_scores(scored)


def measure(
    inputs: Inputs, field: Field, sides: scoring.Sides, vectors: Vectors, pairs: Pairs
) -> Measured:
    """One stretch of pairs, before anything is weighed."""
    text = vectors.similarity(pairs.d, pairs.s)
    kept = np.nonzero((text >= field.settings.text_floor) | pairs.forced)[0]
    pairs, text = pairs.take(kept), text[kept]
    parts, km = scoring.pair_parts(sides, field, pairs.d, pairs.s)
    found = meetings(field, pairs.d, pairs.s)
    if sides.is_busy:
        diary = clashes.make_diary(field, found, pairs.d, pairs.s)
        found = found.take(np.nonzero(~clashes.is_busy(diary, inputs.people))[0])
    stood = standing(inputs, field, pairs.d[found.pair], pairs.s[found.pair], found)
    return Measured(pairs, found, {"text": text} | parts, km, stood)


def _weigh(one: Measured, field: Field) -> tuple[Pairs, Meetings, scoring.Scored]:
    scored = scoring.score(field, one.parts, one.found, one.km)
    rows = _best_slots(one.found, scored, one.stood, field.settings.slots_per_pair)
    return one.pairs, one.found.take(rows), scored.take(rows)


def _best_slots(found: Meetings, scored: scoring.Scored, stood: Array, many: int) -> Array:
    """Rows of the best ``many`` slots of each pair and of what stood, by pair and slot."""
    order = np.lexsort((found.slot, -np.round(scored.score, 9), found.pair))
    pair = found.pair[order]
    first = np.searchsorted(pair, pair)
    rows = np.sort(order[(np.arange(len(order)) - first < many) | stood[order]])
    return rows[np.lexsort((found.slot[rows], found.pair[rows]))]


def _joined_pairs(parts: tuple[Pairs, ...]) -> Pairs:
    return Pairs(
        np.concatenate([part.d for part in parts], dtype=np.int32, casting="same_kind"),
        np.concatenate([part.s for part in parts], dtype=np.int32, casting="same_kind"),
        np.concatenate([part.forced for part in parts]),
    )


def _joined_meetings(parts: tuple[Meetings, ...], pairs: tuple[Pairs, ...]) -> Meetings:
    """Pairs are counted on from one stretch to the next; in 32 bits, for there are many."""
    before = np.cumsum([0, *(len(part) for part in pairs)])
    columns = (
        [part.pair + int(n) for part, n in zip(parts, before, strict=False)],
        [part.slot for part in parts],
        [part.start for part in parts],
        [part.end for part in parts],
        [part.margin for part in parts],
    )
    return Meetings(
        *(np.concatenate(column, dtype=np.int32, casting="same_kind") for column in columns)
    )


def _joined_scores(parts: tuple[scoring.Scored, ...]) -> scoring.Scored:
    return scoring.Scored(
        np.concatenate([part.parts for part in parts]),
        np.concatenate([part.score for part in parts]),
        np.concatenate([part.km for part in parts]),
    )
