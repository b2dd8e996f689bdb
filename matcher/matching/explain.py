"""Which meetings are told: those proposed, and for each need the best others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.engine import Board
from matcher.matching.market import unsure_rows
from matcher.matching.reasons import Teller
from matcher.matching.types import Pairing

Array = NDArray[Any]


def alternates(board: Board, chosen: Array, teller: Teller) -> list[Pairing]:
    """For each need the best other offers, each at its best time that still has room."""
    market, pairs = board.market, np.zeros(len(board.d), dtype=bool)
    pairs[board.found.pair[chosen]] = True
    free = _has_room(board, chosen) & ~pairs[market.pair]
    unsure = unsure_rows(board.inputs, board.field, board.found)
    worth = np.round(board.scored.score - board.settings.maybe_cost * unsure, 9)
    order = np.lexsort((market.tie, -worth, market.need))
    order = order[free[order]]
    _, first = np.unique(market.pair[order], return_index=True)
    rows = order[np.sort(first)]
    rank = np.arange(len(rows)) - np.searchsorted(market.need[rows], market.need[rows]) + 1
    kept = rank <= board.settings.alternates
    return teller.tell(rows[kept], rank[kept].tolist())


def _has_room(board: Board, chosen: Array) -> Array:
    """By row: whether a meeting fits beside the chosen ones, its own need's not counted."""
    market = board.market
    room = np.ones(len(market.need), dtype=bool)
    for group, caps in (
        (market.slot, market.slot_cap),
        (market.month, market.groups.month_cap),
        (market.term, market.groups.term_cap),
        (market.company, market.groups.company_cap),
    ):
        if not len(caps):
            continue
        in_use = chosen[group[chosen] >= 0]
        used = np.bincount(group[in_use], minlength=len(caps))
        key = market.need.astype(np.int64) * len(caps) + group
        own = np.isin(key, key[in_use])
        place = np.maximum(group, 0)
        room &= (group < 0) | (used[place] - own < caps[place])
    return room
