"""A market as a flow network.

    source -> school (first visit) -> need -> pair -> slot -> month -> term -> company -> sink

Every limit is nested in the next, so the flow's optimum is exact (Ahuja, Magnanti & Orlin, Network
Flows, 1993). What costs more with each visit (a company's load) is convex, and what is worth more
at first (a first visit, a share kept for small companies) is concave: parallel arcs say both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.graph import Graph

if TYPE_CHECKING:
    from matcher.matching.assignment import Market

SCALE = 1_000_000  # a score of 1 in whole numbers
JITTER = 1_000  # below the score's resolution: equal scores fall the same way in every order
LOAD_STEPS = 24
SOURCE, SINK = 0, 1
Array = NDArray[Any]


def to_cost(values: Array | float) -> Array:
    """What a value is worth less, in the flow's whole numbers."""
    return np.rint(np.asarray(values, dtype=float) * SCALE).astype(np.int64) * -JITTER


def meeting_cost(market: Market, rows: Array) -> Array:
    """Of each meeting itself, with the number that tells equals apart."""
    tie: Array = np.asarray(market.tie[rows] % JITTER, dtype=np.int64)
    return to_cost(market.value[rows]) - tie


def load_cost(market: Market, company: Array, step: Array) -> Array:
    """Of the next visit to companies that have ``step`` of this run already."""
    groups = market.groups
    offered = np.maximum(groups.company_offered[company], 1)
    load = (groups.company_taken[company] + np.minimum(step, LOAD_STEPS)) / offered
    return -to_cost(market.load_cost * np.minimum(load, 1.0))


def cost_of(market: Market, rows: Array) -> int:
    """What the flow of these meetings costs, if it is allowed: the same numbers, added up."""
    needs = np.unique(market.need[rows])
    schools, at_school = np.unique(market.school[market.need[rows]], return_inverse=True)
    total = int(meeting_cost(market, rows).sum())
    total += int(to_cost(market.need_first[needs]).sum())
    total += int(to_cost(market.school_first[schools]).sum())
    company = np.sort(market.company[rows])
    company = company[company >= 0]
    step = np.arange(len(company)) - np.searchsorted(company, company)
    total += int(load_cost(market, company, step).sum())
    floors = market.floors
    kept = min(floors.small, int(market.small[rows].sum()))
    kept += min(floors.unserved, int(market.unserved[schools][at_school].sum()))
    return total + kept * int(to_cost(floors.price))


def make_graph(market: Market, rows: Array) -> tuple[Graph, Array]:
    """The flow graph of some meetings, and for each the position of its own arc."""
    arcs = _Arcs()
    start = _pairs(market, rows, arcs, _school_side(market, rows, arcs)[market.need[rows]])
    place = _company_side(market, rows, arcs)
    of_row = arcs.add(start, place, 1, meeting_cost(market, rows))
    amount = int(market.wanted[np.unique(market.need[rows])].sum())
    arcs.add(np.array([SOURCE]), SINK, amount, 0)  # visits that nobody gives
    return arcs.graph(amount), of_row


class _Arcs:
    """Arcs under construction; nodes are numbered as they come."""

    def __init__(self) -> None:
        self.parts: list[tuple[Array, ...]] = []
        self.count = 0
        self.nodes = 2

    def new_nodes(self, many: int) -> int:
        """The number of the first of ``many`` new nodes."""
        self.nodes += many
        return self.nodes - many

    def add(
        self, tail: Array, head: Array | int, capacity: Array | int, cost: Array | int
    ) -> Array:
        """Positions of the new arcs; what is one number is so for all."""
        many = len(tail)
        self.parts.append(
            (
                np.asarray(tail, np.int32),
                np.broadcast_to(np.asarray(head, np.int32), many),
                np.broadcast_to(np.asarray(capacity, np.int64), many),
                np.broadcast_to(np.asarray(cost, np.int64), many),
            )
        )
        self.count += many
        return np.arange(self.count - many, self.count)

    def hub(self, floor: int, price: float, *, entrance: bool) -> int:
        """A node after the source or before the sink whose first ``floor`` visits earn more."""
        node = self.new_nodes(1)
        tail, head = (SOURCE, node) if entrance else (node, SINK)
        self.add(np.array([tail]), head, floor, to_cost(price))
        self.add(np.array([tail]), head, 1 << 40, 0)
        return node

    def graph(self, amount: int) -> Graph:
        tail, head, capacity, cost = (
            np.concatenate([part[place] for part in self.parts]) for place in range(4)
        )
        capacity = np.minimum(capacity, amount).astype(np.int32)
        return Graph(tail, head, capacity, cost, SOURCE, SINK, amount)


def _school_side(market: Market, rows: Array, arcs: _Arcs) -> Array:
    """Arcs source -> school -> need, first visits apart; gives each need's node."""
    floors = market.floors
    needs = np.unique(market.need[rows])
    schools, at_school = np.unique(market.school[needs], return_inverse=True)
    entry = np.full(len(schools), SOURCE)
    if floors.unserved:
        hub = arcs.hub(floors.unserved, floors.price, entrance=True)
        entry = np.where(market.unserved[schools], hub, entry)
    school_node, need_node = arcs.new_nodes(len(schools)), arcs.new_nodes(len(needs))
    total = np.bincount(at_school, weights=market.wanted[needs]).astype(np.int64)
    nodes = school_node + np.arange(len(schools))
    arcs.add(entry, nodes, 1, to_cost(market.school_first[schools]))
    arcs.add(entry, nodes, np.maximum(total - 1, 0), 0)
    mine = need_node + np.arange(len(needs))
    arcs.add(school_node + at_school, mine, 1, to_cost(market.need_first[needs]))
    arcs.add(school_node + at_school, mine, market.wanted[needs] - 1, 0)
    table = np.full(len(market.wanted), -1, dtype=np.int64)
    table[needs] = mine
    return table


def _pairs(market: Market, rows: Array, arcs: _Arcs, need: Array) -> Array:
    """Arcs need -> pair where a pair could be chosen twice; gives the node each meeting begins at.

    That is where a need wants several visits and the pair could meet at several times.
    """
    _, first, at, times = np.unique(
        market.pair[rows], return_index=True, return_inverse=True, return_counts=True
    )
    twice = (times > 1) & (market.wanted[market.need[rows]][first] > 1)
    own = arcs.new_nodes(int(twice.sum())) + np.cumsum(twice) - 1
    arcs.add(need[first][twice], own[twice], 1, 0)
    return np.where(twice, own, need[first])[at]


def _company_side(market: Market, rows: Array, arcs: _Arcs) -> Array:
    """Arcs slot -> month -> term -> company -> sink; gives the node each meeting leads to."""
    floors, groups = market.floors, market.groups
    node = np.full(len(rows), SINK)
    if floors.small:
        hub = arcs.hub(floors.small, floors.price, entrance=False)
        node = np.where(market.small[rows], hub, node)
    node = _companies(market, rows, arcs, node)
    undated = np.where(market.slot[rows] < 0, market.supply[rows], -1)
    for group, cap in (
        (market.term[rows], groups.term_cap),
        (market.month[rows], groups.month_cap),
        (market.slot[rows], market.slot_cap),
        (undated, market.supply_cap),
    ):
        node = _layer(arcs, group, cap, node)
    return node


def _layer(arcs: _Arcs, group: Array, cap: Array, node: Array) -> Array:
    """Put one node per group before ``node``, with the group's capacity; -1 passes by."""
    keys, first, at = np.unique(group, return_index=True, return_inverse=True)
    base = arcs.new_nodes(len(keys))
    real = keys >= 0
    own = base + np.arange(len(keys))
    arcs.add(own[real], node[first][real], cap[keys[real]], 0)
    return np.where(group >= 0, own[at], node)


def _companies(market: Market, rows: Array, arcs: _Arcs, node: Array) -> Array:
    """The company's node, whose parallel arcs onward cost more one after the other."""
    group = market.company[rows]
    keys, first, at, counts = np.unique(
        group, return_index=True, return_inverse=True, return_counts=True
    )
    base = arcs.new_nodes(len(keys))
    real = np.nonzero(keys >= 0)[0]
    cap = np.minimum(market.groups.company_cap[keys[real]], counts[real])
    steps = np.minimum(cap, LOAD_STEPS)
    of = np.repeat(np.arange(len(real)), steps)
    step = np.arange(len(of)) - np.repeat(np.cumsum(steps) - steps, steps)
    onward = node[first][real]
    arcs.add(base + real[of], onward[of], 1, load_cost(market, keys[real][of], step))
    more = np.nonzero(cap > steps)[0]
    last = load_cost(market, keys[real][more], np.full(len(more), LOAD_STEPS))
    arcs.add(base + real[more], onward[more], (cap - steps)[more], last)
    return np.where(group >= 0, base + at, node)
