"""Meetings told as pairings: each part of the score with the facts a sentence about it needs.

What many meetings share (the same subjects, the same distance) is told once and pointed to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher import clock
from matcher.matching import travel
from matcher.matching.columns import moment
from matcher.matching.engine import Board
from matcher.matching.scoring import PARTS
from matcher.matching.types import Demand, Pairing, Reason, Supply

Array = NDArray[Any]
FULL_TEXT = 0.54  # what half of the pairs that teachers graded best reach: nothing left to wish
ROWS_AT_ONCE = 5_000
Facts = dict[str, object]


class Teller:
    """Tells meetings of one board."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.space = board.vectors.space
        self.weights = [round(board.settings.shares[part], 9) for part in PARTS]
        self._reasons: dict[Hashable, tuple[Reason, float]] = {}  # with what a reader misses
        self._mixes: dict[int, Hashable] = {}

    def tell(
        self, rows: Sequence[int] | Array, ranks: Sequence[int] | None = None
    ) -> list[Pairing]:
        """Pairings of these meetings, in order; ``ranks``: 0 for proposals, by default all."""
        told: list[Pairing] = []
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = np.asarray(rows[start : start + ROWS_AT_ONCE], dtype=np.int64)
            given = [0] * len(some) if ranks is None else ranks[start : start + ROWS_AT_ONCE]
            told += self._tell(some, given)
        return told

    def _tell(self, rows: Array, ranks: Sequence[int]) -> list[Pairing]:
        board, pair = self.board, self.board.found.pair[rows]
        vectors = board.vectors
        need, offer = board.d[pair], board.s[pair]
        shared = self.space.shared_of(vectors.needs, vectors.offers, need, offer)
        values = board.scored.parts[rows].astype(float).round(6).tolist()
        km = board.scored.km[pair]
        bands = [travel.band(m) for m in travel.minutes(km, board.settings.travel_kmh).tolist()]
        told = []
        for n, row in enumerate(rows.tolist()):
            demand = board.inputs.demands[need[n]]
            supply = board.inputs.supplies[offer[n]]
            keys = self._keys(demand, supply, int(need[n]), row)
            keys["text"] = shared[n]
            keys["distance"] += (round(float(km[n])), bands[n])
            told.append(self._pairing(demand, supply, (row, ranks[n]), values[n], keys))
        return told

    def _keys(self, demand: Demand, supply: Supply, need: int, row: int) -> dict[str, Any]:
        """What the facts of each part follow from."""
        online = demand.place in ONLINE and supply.place in ONLINE
        margin = int(self.board.found.margin[row])
        return {
            "subject": (demand.subjects, supply.subjects),
            "level": (demand.levels, supply.levels),
            "kind": supply.kind,
            "language": (demand.text.language, supply.languages),
            "distance": (online or supply.on_demand, supply.on_demand, supply.kind),
            "time": (margin, supply.on_demand, self._days_ahead(row, demand)),
            "profile": (self._mix(need), tuple(sorted(supply.angles))),
            "freshness": (supply.days_since_confirmed, self._is_unsure(row)),
            "novelty": (demand.visits_last_year, sum(supply.company_taken.values())),
            "partner": supply.company in demand.partners,
        }

    def _is_unsure(self, row: int) -> bool:
        """Whether who would come has said maybe for this year."""
        person = int(self.board.diary.person[row])
        return person >= 0 and self.board.inputs.people[person].maybe

    def _mix(self, need: int) -> Hashable:
        if need not in self._mixes:
            self._mixes[need] = tuple(self.board.inputs.demands[need].class_profile.items())
        return self._mixes[need]

    def _days_ahead(self, row: int, demand: Demand) -> int | None:
        """Days from the run to the meeting; None where either is not known."""
        if demand.open_on is None or self.board.found.slot[row] < 0:
            return None
        day = clock.local(moment(int(self.board.found.start[row]))).date()
        return (day - demand.open_on).days

    def _pairing(
        self,
        demand: Demand,
        supply: Supply,
        place: tuple[int, int],
        values: list[float],
        keys: dict[str, Any],
    ) -> Pairing:
        """One meeting with its score, whose reasons' points add up to it."""
        (row, rank), board = place, self.board
        told = [
            self._reason(part, value, weight, keys[part])
            for part, value, weight in zip(PARTS, values, self.weights, strict=True)
        ]
        slot, person = int(board.found.slot[row]), int(board.diary.person[row])
        dated = slot >= 0
        return Pairing(
            demand=demand.key,
            supply=supply.key,
            slot=board.field.supply.slot_keys[slot] if dated else None,
            professional=board.inputs.people[person].key if person >= 0 else None,
            start=moment(int(board.found.start[row])) if dated else None,
            end=moment(int(board.found.end[row])) if dated else None,
            score=sum(reason.points for reason, _ in told),
            reasons=tuple(reason for reason, _ in told),
            weak_point=max((lack, reason.part) for reason, lack in told)[1],
            rank=rank,
        )

    def _reason(
        self, part: str, value: float, weight: float, key: Hashable
    ) -> tuple[Reason, float]:
        known = self._reasons.get((part, value, key))
        if known is None:
            facts = self._concepts(key) if part == "text" else FACTS[part](key)
            reason = Reason(part, value, weight, facts)
            known = self._reasons[part, value, key] = reason, _lack(reason)
        return known

    def _concepts(self, shared: Any) -> Facts:
        names = {
            language: [self.space.thesaurus.label(key, language) for key in shared]
            for language in ("nl", "en")
        }
        return {"concepts": list(shared), **names}


def _lack(reason: Reason) -> float:
    """How much a reader misses in this part: what it lacks, softened by how little it weighs."""
    full = FULL_TEXT if reason.part == "text" else 1.0
    return max(0.0, 1 - reason.value / full) * math.sqrt(reason.weight)


ONLINE = frozenset({"online", "both"})
FACTS: dict[str, Callable[[Any], Facts]] = {
    "subject": lambda key: {"wanted": list(key[0]), "given": list(key[1])},
    "level": lambda key: {"wanted": list(key[0]), "given": list(key[1])},
    "kind": lambda key: {"kind": key},
    "language": lambda key: {"wanted": key[0], "given": sorted(key[1])},
    "distance": lambda key: {
        "km": key[3],
        "minutes": key[4],
        "online": key[0],
        "on_demand": key[1],
        "kind": key[2],
    },
    "time": lambda key: {"margin": key[0], "on_demand": key[1], "days": key[2]},
    "profile": lambda key: {"mix": dict(key[0]), "angles": list(key[1])},
    "freshness": lambda key: {"days": key[0]} | ({"maybe": True} if key[1] else {}),
    "novelty": lambda key: {"visits": key[0], "given": key[1]},
    "partner": lambda key: {"known": key},
}
