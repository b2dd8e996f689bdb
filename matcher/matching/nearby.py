"""A choice mended in one place: the needs around it choose anew, all others keep what they have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matcher.matching.assignment import Chosen, Market

ENOUGH = 1_000  # needs from which on no wider circle is drawn
CIRCLES = 2
Array = NDArray[Any]


def choose_near(
    market: Market,
    rows: Array,
    allowed: Array,
    needs: Array,
    *,
    choose: Callable[[Market, Array], Chosen],
) -> Array:
    """``rows`` with the best choice of those needs, and of the needs they compete with."""
    among = np.zeros(len(market.wanted), dtype=bool)
    among[_around(market, rows, allowed, needs)] = True
    fixed = rows[~among[market.need[rows]]]
    found = choose(without(market, fixed), allowed & among[market.need])
    return np.sort(np.concatenate([fixed, found.rows]))


def _around(market: Market, rows: Array, allowed: Array, needs: Array) -> Array:
    """These needs, with those whose chosen meetings stand in the way of theirs, twice over."""
    undated = np.where(market.slot < 0, market.supply, -1)
    for _ in range(CIRCLES):
        mine = np.nonzero(allowed & np.isin(market.need, needs))[0]
        rivals = [
            np.isin(group[rows], group[mine]) & (group[rows] >= 0)
            for group in (market.slot, market.term, market.company, undated)
        ]
        needs = np.union1d(needs, market.need[rows[np.logical_or.reduce(rivals)]])
        if len(needs) >= ENOUGH:
            break
    return needs


def without(market: Market, fixed: Array) -> Market:
    """The market less what these meetings use and have earned."""
    groups, floors = market.groups, market.floors
    schools = market.school[market.need[fixed]]
    first = market.school_first.copy()
    first[schools] = 0.0
    taken = _count(market.company[fixed], len(groups.company_cap))
    undated = np.where(market.slot < 0, market.supply, -1)
    return replace(
        market,
        school_first=first,
        slot_cap=_left(market.slot_cap, market.slot[fixed]),
        supply_cap=_left(market.supply_cap, undated[fixed]),
        groups=replace(
            groups,
            month_cap=_left(groups.month_cap, market.month[fixed]),
            term_cap=_left(groups.term_cap, market.term[fixed]),
            company_cap=groups.company_cap - taken,
            company_taken=groups.company_taken + taken,
        ),
        floors=replace(
            floors,
            small=max(0, floors.small - int(market.small[fixed].sum())),
            unserved=max(0, floors.unserved - int(market.unserved[schools].sum())),
        ),
    )


def _left(cap: Array, used: Array) -> Array:
    return np.asarray(cap - _count(used, len(cap)))


def _count(group: Array, many: int) -> Array:
    return np.bincount(group[group >= 0], minlength=many)
