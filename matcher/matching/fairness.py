"""The fair choice: load, first visits, and shares kept for those who would go without.

The shares are arcs of the flow itself (``network``): so many visits of small companies, and of
schools without one lately, earn more. How many that is follows from how many visits there are, so
a run solves once without, and once or twice more when a share was missed.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching import assignment
from matcher.matching.assignment import Floors, Market
from matcher.matching.engine import Board
from matcher.matching.market import FORCED

Array = NDArray[Any]
FLOOR_ROUNDS = 3


@dataclass(frozen=True)
class Fair:
    """A choice with its market, its value there, and the bound no choice can pass."""

    market: Market
    rows: Array
    value: float
    bound: float


def choose_fairly(board: Board) -> tuple[Array, dict[str, Any]]:
    """The chosen meetings: the optimum with load, first visits, shares kept and room to explore.

    Beside them objective, bound and gap, and what fairness cost: the share of the plain sum of
    scores lost against the same market in which only scores count.
    """
    with ThreadPoolExecutor(1) as other:  # two flows at once: a large one has its own process
        plain = other.submit(_solved, board, assignment.without_fairness(board.market))
        fair = _explored(board, _with_floors(board, _solved(board, board.market)))
        best, ours = _scores(board, plain.result().rows), _scores(board, fair.rows)
    paid = _paid(board, fair)
    return fair.rows, {
        "objective": round(fair.value - paid, 6),
        "bound": round(fair.bound - paid, 6),
        "gap": _share(fair.bound - fair.value, fair.bound - paid),
        "price_of_fairness": _share(best - ours, best),
        "small_company_share": _mean(board.market.small[fair.rows]),
        "unserved_school_share": _mean(_unserved(board, fair.rows)),
        "known_partner_share": _mean(board.market.known[fair.rows]),
        "kept_share": _kept(board, fair.rows),
    }


def _solved(board: Board, market: Market) -> Fair:
    found = assignment.best(
        market,
        board.diary.clashes,
        rounds=board.settings.repair_rounds,
        nodes=board.settings.repair_nodes,
        forced=board.forced,
    )
    return Fair(market, *found)


def _with_floors(board: Board, fair: Fair) -> Fair:
    """Kept shares as so many visits of a choice, until a choice has its own shares."""
    for _ in range(FLOOR_ROUNDS):
        floors = _floors(board, fair)
        if floors == fair.market.floors:
            break
        fair = _solved(board, replace(fair.market, floors=floors))
    return fair


def _floors(board: Board, fair: Fair) -> Floors:
    """The floors this choice should have had; those it has where it meets them."""
    settings, visits, now = board.settings, len(fair.rows), fair.market.floors
    small = math.ceil(settings.small_company_share * visits - 1e-9)
    unserved = math.ceil(settings.unserved_school_share * visits - 1e-9)
    few = int(board.market.small[fair.rows].sum()) < small
    left = int(_unserved(board, fair.rows).sum()) < unserved
    return Floors(
        small=small if few else now.small,
        unserved=unserved if left else now.unserved,
        price=settings.reserve_price if few or left else now.price,
    )


def _explored(board: Board, fair: Fair) -> Fair:
    """Where a school's visits are nearly all by companies it knows, some are opened to others.

    Known companies' meetings of the visits that would lose least by it are worth less in one more
    solve; where nothing else fits, the known company stays.
    """
    opened = _to_open(board, fair)
    if not len(opened):
        return fair
    value = fair.market.value.copy()
    value[opened] -= board.settings.reserve_price
    market = replace(fair.market, value=value)
    rows = _solved(board, market).rows
    return replace(fair, rows=rows, value=assignment.objective(fair.market, rows))


def _to_open(board: Board, fair: Fair) -> Array:
    """Meetings to make worth less: by school, of as many visits as should be kept open."""
    market, rows = fair.market, fair.rows
    known = rows[market.known[rows] & ~board.forced[rows]]
    if not len(known):
        return known
    school = market.school[market.need[rows]]
    loss, opened = _loss(market, known), []
    for place in np.unique(market.school[market.need[known]]).tolist():
        visits = int((school == place).sum())
        mine = np.nonzero(market.school[market.need[known]] == place)[0]
        new = visits - int(market.known[rows[school == place]].sum())
        many = math.floor(board.settings.explore_share * visits + 1e-9) - new
        order = mine[np.lexsort((market.tie[known[mine]], loss[mine]))]
        cheap = order[loss[order] <= board.settings.reserve_price]
        opened += [_alike(market, rows, int(known[n])) for n in cheap[: max(0, many)]]
    return np.unique(np.concatenate(opened)) if opened else np.zeros(0, dtype=np.int64)


def _loss(market: Market, known: Array) -> Array:
    """What each visit's need would lose by the best meeting with a company new to its school."""
    new = np.full(len(market.wanted), -np.inf)
    others = ~market.known
    np.maximum.at(new, market.need[others], market.value[others])
    return np.asarray(market.value[known] - new[market.need[known]])


def _alike(market: Market, rows: Array, row: int) -> Array:
    """This pair's meetings and those of other known companies the need has not got."""
    need = market.need[row]
    mine = np.nonzero((market.need == need) & market.known)[0]
    others = market.pair[rows[market.need[rows] == need]]
    others = others[others != market.pair[row]]
    return mine[~np.isin(market.pair[mine], others)]


def _paid(board: Board, fair: Fair) -> float:
    """What a choice earns by pins and kept shares, which is no score."""
    floors = fair.market.floors
    kept = min(floors.small, int(board.market.small[fair.rows].sum()))
    kept += min(floors.unserved, int(_unserved(board, fair.rows).sum()))
    return FORCED * int(board.forced[fair.rows].sum()) + floors.price * kept


def _unserved(board: Board, rows: Array) -> Array:
    return np.asarray(board.market.unserved[board.market.school[board.market.need[rows]]])


def _scores(board: Board, rows: Array) -> float:
    return float(board.scored.score[rows].sum())


def _kept(board: Board, rows: Array) -> float:
    """The share of yesterday's suggestions that stay, of those that still can."""
    possible = int(board.market.stood.sum())
    return round(float(board.market.stood[rows].sum()) / possible, 6) if possible else 1.0


def _mean(flags: Array) -> float:
    return round(float(flags.mean()), 6) if len(flags) else 0.0


def _share(part: float, whole: float) -> float:
    """``part`` of ``whole``, from 0 on; a rounding's breadth is none."""
    return round(max(0.0, part / whole), 6) if whole > 0 else 0.0
