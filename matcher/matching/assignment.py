"""Which meetings to propose: one min-cost flow under every limit, then what a flow cannot say.

``network`` draws the flow, whose optimum is exact. Rules that are not nested (one person in two
places, a need met twice at one time) are kept by ``repair``: the flow is solved again without one
side of a clash or the other until no better choice is left; in a large market, where a whole flow
takes long, what a forbidden meeting leaves is led round it (``mended``). The value of the first
flow, or a tighter one the search has proved, bounds every choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching import repair
from matcher.matching.flow import solve
from matcher.matching.graph import Graph
from matcher.matching.groups import Groups
from matcher.matching.mended import Mended
from matcher.matching.network import JITTER, SCALE, cost_of, make_graph

Array = NDArray[Any]
Clashes = Callable[[Array], list[tuple[int, int]]]
SEARCHED = 1_000_000  # meetings looked at by all flows of a search: fewer flows in a large market
LARGE = 50_000  # meetings from which on what is forbidden is led round, and not solved anew


@dataclass(frozen=True)
class Floors:
    """Visits kept for small companies and for schools without one lately.

    So many of each earn ``price`` more; a need is not left empty to fill them.
    """

    small: int = 0
    unserved: int = 0
    price: float = 0.0


@dataclass(frozen=True)
class Market:
    """Meetings (arcs) with the groups they use; -1 where there is none. Arrays by meeting.

    ``wanted`` and ``school`` are by need; ``*_cap`` are what is left of each slot and offer;
    ``groups`` holds what is left of people and companies.
    """

    need: Array
    pair: Array
    slot: Array
    supply: Array
    month: Array
    term: Array
    company: Array
    value: Array  # score with the bonuses that change what is chosen
    tie: Array  # hashed numbers, to tell equal scores apart
    small: Array
    known: Array  # school and company know each other
    stood: Array  # suggested yesterday
    wanted: Array
    school: Array
    school_first: Array  # bonus by school for its first visit
    unserved: Array  # by school: had no visit lately
    need_first: Array  # bonus by need for its first visit
    slot_cap: Array
    supply_cap: Array
    groups: Groups
    load_cost: float
    floors: Floors = Floors()


@dataclass(frozen=True)
class Chosen:
    """Indices of the chosen meetings in order, and what their flow costs in whole numbers."""

    rows: Array
    cost: int

    @property
    def objective(self) -> float:
        return to_value(self.cost)


def to_value(cost: int) -> float:
    """A cost of the flow as the value people read: scores and bonuses."""
    return -cost / (SCALE * JITTER)


@dataclass(frozen=True)
class Solved:
    """A graph of some meetings with its cheapest flow; ``of_row`` has the arc of each meeting."""

    rows: Array
    graph: Graph
    of_row: Array
    flow: Array

    @property
    def chosen(self) -> Chosen:
        picked = self.rows[self.flow[self.of_row] > 0]
        return Chosen(np.sort(picked), int((self.flow * self.graph.cost).sum()))


def choose(market: Market, allowed: Array) -> Chosen:
    """The best meetings among ``allowed`` (bool by meeting) under all nested limits."""
    rows = np.nonzero(allowed)[0]
    return solved(market, rows).chosen if len(rows) else Chosen(rows, 0)


def solved(market: Market, rows: Array) -> Solved:
    """The cheapest flow of these meetings; at least one."""
    graph, of_row = make_graph(market, rows)
    return Solved(rows, graph, of_row, solve(graph, of_row))


def best(
    market: Market,
    clashes: Clashes,
    *,
    rounds: int,
    nodes: int = 0,
    allowed: Array | None = None,
    forced: Array | None = None,
) -> tuple[Array, float, float]:
    """Meetings without a clash, their objective, and the bound no choice can pass.

    ``clashes`` gives pairs of rows that cannot both stand; ``forced`` rows give way last. A clash
    is repaired in at most ``rounds`` more flows, then searched by ``nodes`` (fewer where each is a
    flow of many meetings).
    """
    count = len(market.need)
    allowed = np.ones(count, dtype=bool) if allowed is None else allowed
    forced = np.zeros(count, dtype=bool) if forced is None else forced
    if not allowed.any():
        return np.zeros(0, dtype=np.int64), 0.0, 0.0
    whole = solved(market, np.nonzero(allowed)[0])
    first = whole.chosen
    if not clashes(first.rows):
        return first.rows, first.objective, first.objective
    work = repair.Work(market, clashes, choose, forced)
    found = repair.in_rounds(work, first, allowed, rounds, near=count >= LARGE)
    bound = first.cost
    if nodes and count < LARGE:
        start = repair.Whole(work, first, allowed)
        found, bound = repair.search(start, found, min(nodes, SEARCHED // count))
    elif nodes:
        found, bound = _mended(work, whole, found, nodes)
    return found.rows, found.objective, to_value(bound)


def _mended(work: repair.Work, whole: Solved, found: Chosen, nodes: int) -> tuple[Chosen, int]:
    """The best of a large market: with clashes made dear first, and without where that is short."""
    start = Mended.first(work, whole)
    found, bound = repair.search(start.settled(), found, nodes)
    if bound < found.cost:
        found, other = repair.search(start, found, nodes)
        bound = max(bound, other)
    return found, bound


def objective(market: Market, rows: Array) -> float:
    """The value of a choice: scores and bonuses less the cost of load."""
    return to_value(cost_of(market, rows))


def without_fairness(market: Market) -> Market:
    """The same market without first visits, load and shares: scores, pins and what stood count."""
    return replace(
        market,
        school_first=np.zeros_like(market.school_first),
        need_first=np.zeros_like(market.need_first),
        load_cost=0.0,
        floors=Floors(),
    )
