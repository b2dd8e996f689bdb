"""Chosen meetings as pairings, with the facts behind each part of the score."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher import clock
from matcher.matching import travel
from matcher.matching.columns import moment
from matcher.matching.engine import Board
from matcher.matching.scoring import PARTS
from matcher.matching.text import TextSpace
from matcher.matching.types import Demand, Pairing, Reason

Array = NDArray[Any]
FULL_TEXT = 0.58  # what half of the pairs that teachers graded best reach: nothing left to wish


def pairings(board: Board, rows: Iterable[int], space: TextSpace, rank: int = 0) -> list[Pairing]:
    """The pairings of some meetings, in order."""
    return [pairing(board, int(row), space, rank) for row in rows]


def pairing(board: Board, row: int, space: TextSpace, rank: int) -> Pairing:
    """One meeting with its score, whose reasons' points add up to it."""
    pair, slot = int(board.found.pair[row]), int(board.found.slot[row])
    demand = board.inputs.demands[int(board.d[pair])]
    supply = board.inputs.supplies[int(board.s[pair])]
    shares = board.settings.shares
    reasons = tuple(
        Reason(
            part,
            round(float(board.scored.parts[row, place]), 6),
            round(shares[part], 9),
            _facts(board, row, part, space),
        )
        for place, part in enumerate(PARTS)
    )
    weak = max(reasons, key=lambda r: (_lack(r), r.part))
    person = int(board.diary.person[row])
    return Pairing(
        demand=demand.key,
        supply=supply.key,
        slot=board.field.supply.slot_keys[slot] if slot >= 0 else None,
        professional=board.inputs.people[person].key if person >= 0 else None,
        start=moment(int(board.found.start[row])) if slot >= 0 else None,
        end=moment(int(board.found.end[row])) if slot >= 0 else None,
        score=sum(reason.points for reason in reasons),
        reasons=reasons,
        weak_point=weak.part,
        rank=rank,
    )


def _lack(reason: Reason) -> float:
    """How much a reader misses in this part: what it lacks, softened by how little it weighs."""
    full = FULL_TEXT if reason.part == "text" else 1.0
    return max(0.0, 1 - reason.value / full) * math.sqrt(reason.weight)


def _facts(board: Board, row: int, part: str, space: TextSpace) -> dict[str, object]:
    """What a sentence about this part needs."""
    pair = int(board.found.pair[row])
    demand = board.inputs.demands[int(board.d[pair])]
    supply = board.inputs.supplies[int(board.s[pair])]
    if part == "text":
        shared = space.shared(demand.text, supply.text)
        names = {
            language: [space.thesaurus.label(key, language) for key in shared]
            for language in ("nl", "en")
        }
        return {"concepts": list(shared), **names}
    online = demand.place in {"online", "both"} and supply.place in {"online", "both"}
    simple: dict[str, dict[str, object]] = {
        "subject": {"wanted": list(demand.subjects), "given": list(supply.subjects)},
        "level": {"wanted": list(demand.levels), "given": list(supply.levels)},
        "kind": {"kind": supply.kind},
        "language": {"wanted": demand.text.language, "given": sorted(supply.languages)},
        "distance": {
            "km": round(float(board.scored.km[pair])),
            "minutes": _travel(board, pair),
            "online": online or supply.on_demand,
            "on_demand": supply.on_demand,
            "kind": supply.kind,
        },
        "time": {
            "margin": int(board.found.margin[row]),
            "on_demand": supply.on_demand,
            "days": _days_ahead(board, row, demand),
        },
        "profile": {"mix": dict(demand.class_profile), "angles": sorted(supply.angles)},
        "freshness": {"days": supply.days_since_confirmed},
        "novelty": {
            "visits": demand.visits_last_year,
            "given": sum(supply.company_taken.values()),
        },
        "partner": {"known": supply.company in demand.partners},
    }
    return simple[part]


def _days_ahead(board: Board, row: int, demand: Demand) -> int | None:
    """Days from the run to the meeting; None where either is not known."""
    if demand.open_on is None or board.found.slot[row] < 0:
        return None
    day = clock.local(moment(int(board.found.start[row]))).date()
    return (day - demand.open_on).days


def _travel(board: Board, pair: int) -> int:
    """The band of estimated travel time: within so many minutes; 0 for longer than any band."""
    km = board.scored.km[[pair]]
    return travel.band(float(travel.minutes(km, board.settings.travel_kmh)[0]))


def alternates(board: Board, chosen: Array, space: TextSpace) -> list[Pairing]:
    """For each need the best other offers, each at its best time that is still free."""
    many = board.settings.alternates
    used = set(board.market.slot[chosen].tolist()) - {-1}
    taken = {slot for slot in used if board.market.slot_cap[slot] <= 1}
    chosen_pairs = set(board.found.pair[chosen].tolist())
    order = np.lexsort((board.market.tie, -np.round(board.scored.score, 9), board.market.need))
    given: dict[int, list[int]] = defaultdict(list)
    seen: set[int] = set()
    for row in order.tolist():
        need, pair = int(board.market.need[row]), int(board.found.pair[row])
        if len(given[need]) >= many or pair in seen or pair in chosen_pairs:
            continue
        if int(board.market.slot[row]) in taken:
            continue
        seen.add(pair)
        given[need].append(row)
    return [
        pairing(board, row, space, rank)
        for need in sorted(given)
        for rank, row in enumerate(given[need], 1)
    ]
