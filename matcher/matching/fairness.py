"""The fair choice: load, first visits, and shares kept for those who would go without."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching import assignment
from matcher.matching.engine import Board

Array = NDArray[Any]
BONUS_STEPS = 6
LARGEST_BONUS = 0.12


def choose_fairly(board: Board) -> tuple[Array, dict[str, Any]]:
    """The chosen meetings: the optimum with load, first visits and the small companies' share.

    The share is reached by a bonus found by bisection. Also gives objective, bound, gap, and what
    fairness cost: the plain score lost against the choice that looks at scores alone.
    """
    rows, value, bound = _best(board, board.market)
    if _small_share(board, rows) < board.settings.small_company_share:
        rows, value, bound = _reserve(board, rows, value, bound)
    plain, fair = _plain_optimum(board), _plain(board, rows)
    return rows, {
        "objective": round(value, 6),
        "bound": round(bound, 6),
        "gap": round(max(0.0, (bound - value) / bound), 6) if bound > 0 else 0.0,
        "price_of_fairness": round(max(0.0, (plain - fair) / plain), 6) if plain > 0 else 0.0,
        "small_company_share": round(_small_share(board, rows), 6),
    }


def _best(board: Board, market: assignment.Market) -> tuple[Array, float, float]:
    return assignment.best(
        market,
        board.diary.clashes,
        rounds=board.settings.repair_rounds,
        forced=board.forced,
    )


def _reserve(board: Board, rows: Array, value: float, bound: float) -> tuple[Array, float, float]:
    """The least bonus for small companies that gives them their share, if any does."""
    low, high = 0.0, LARGEST_BONUS
    best = _best(board, assignment.with_bonus(board.market, high))
    wanted = board.settings.small_company_share
    if _small_share(board, best[0]) <= _small_share(board, rows):
        return rows, value, bound
    for _ in range(BONUS_STEPS):
        middle = (low + high) / 2
        tried = _best(board, assignment.with_bonus(board.market, middle))
        if _small_share(board, tried[0]) >= wanted:
            best, high = tried, middle
        else:
            low = middle
    return best


def _small_share(board: Board, rows: Array) -> float:
    return float(board.market.small[rows].mean()) if len(rows) else 0.0


def _plain(board: Board, rows: Array) -> float:
    return float(board.scored.score[rows].sum())


def _plain_optimum(board: Board) -> float:
    """The best sum of scores alone, under the nested limits."""
    market = assignment.without_bonuses(board.market, board.scored.score)
    return _plain(board, assignment.choose(market, np.ones(len(market.need), dtype=bool)).rows)
