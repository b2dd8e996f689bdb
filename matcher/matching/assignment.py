"""Which meetings to propose: one min-cost flow under every limit, then what a flow cannot say.

    source -> school (first visit) -> need -> pair -> slot -> month -> term -> company -> sink

Every limit is nested in the next, so the flow's optimum is exact (Ahuja, Magnanti & Orlin, Network
Flows, 1993). A company's load costs more with each visit, a convex cost that parallel arcs express.
Rules that are not nested (one person in two places, a need met twice at one time) are repaired: the
worse meeting of a clash is forbidden and the flow solved again, at most a few times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.flow import Graph, solve
from matcher.matching.groups import Groups

SCALE = 1_000_000  # a score of 1 in whole numbers
JITTER = 1_000  # below the score's resolution: equal scores fall the same way in every order
LOAD_STEPS = 24
Array = NDArray[Any]


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
    wanted: Array
    school: Array
    school_first: Array  # bonus by school for its first visit
    need_first: Array  # bonus by need for its first visit
    slot_cap: Array
    supply_cap: Array
    groups: Groups
    load_cost: float


@dataclass(frozen=True)
class Chosen:
    """Indices of the chosen meetings in order, and the objective's value of the flow."""

    rows: Array
    objective: float


def choose(market: Market, allowed: Array) -> Chosen:
    """The best meetings among ``allowed`` (bool by meeting) under all nested limits."""
    rows = np.nonzero(allowed)[0]
    if not len(rows):
        return Chosen(rows, 0.0)
    graph, of_row = make_graph(market, rows)
    flow = solve(graph)
    picked = rows[flow[of_row] > 0]
    return Chosen(np.sort(picked), float(-(flow * graph.cost).sum()) / (SCALE * JITTER))


def best(
    market: Market,
    clashes: Callable[[Array], list[tuple[int, int]]],
    *,
    rounds: int,
    allowed: Array | None = None,
    forced: Array | None = None,
) -> tuple[Array, float, float]:
    """Meetings without a clash, their objective, and the bound no choice can pass.

    ``clashes`` gives pairs of rows that cannot both stand. ``forced`` rows win every clash.
    """
    allowed = np.ones(len(market.need), dtype=bool) if allowed is None else allowed.copy()
    forced = np.zeros(len(market.need), dtype=bool) if forced is None else forced
    first = choose(market, allowed)
    chosen, bound = first, first.objective
    for _ in range(rounds):
        against = clashes(chosen.rows)
        if not against:
            return chosen.rows, chosen.objective, bound
        for a, b in against:
            allowed[_loser(market, forced, a, b)] = False
        chosen = choose(market, allowed)
    kept = set(chosen.rows.tolist())
    for a, b in clashes(chosen.rows):
        if a in kept and b in kept:
            kept.discard(_loser(market, forced, a, b))
    rows = np.array(sorted(kept), dtype=np.int64)
    return rows, objective(market, rows), bound


def _loser(market: Market, forced: Array, a: int, b: int) -> int:
    def strength(row: int) -> tuple[bool, float, int]:
        return bool(forced[row]), float(market.value[row]), int(market.tie[row])

    return a if strength(a) < strength(b) else b


def objective(market: Market, rows: Array) -> float:
    """The value of a choice: scores and first-visit bonuses less the cost of load."""
    total = float(market.value[rows].sum())
    needs = np.unique(market.need[rows])
    total += float(market.need_first[needs].sum())
    total += float(market.school_first[np.unique(market.school[needs])].sum())
    companies, counts = np.unique(market.company[rows], return_counts=True)
    for company, count in zip(companies, counts, strict=True):
        if company >= 0:
            total -= sum(_load_cost(market, int(company), step) for step in range(int(count)))
    return total


def _load_cost(market: Market, company: int, step: int) -> float:
    """What the next visit costs a company that has ``step`` of this run already."""
    offered = max(1, int(market.groups.company_offered[company]))
    load = (int(market.groups.company_taken[company]) + min(step, LOAD_STEPS)) / offered
    return market.load_cost * min(1.0, load)


def without_bonuses(market: Market, score: Array) -> Market:
    """The same market in which only scores count: no first visits, no load, nothing that stood."""
    return replace(
        market,
        value=score,
        school_first=np.zeros_like(market.school_first),
        need_first=np.zeros_like(market.need_first),
        load_cost=0.0,
    )


def with_bonus(market: Market, bonus: float) -> Market:
    """The same market with small companies' meetings worth ``bonus`` more."""
    return replace(market, value=market.value + bonus * market.small)


class _Arcs:
    """Arcs under construction; nodes are numbered as they come."""

    def __init__(self) -> None:
        self.parts: list[tuple[Array, Array, Array, Array]] = []
        self.count = 0
        self.nodes = 2  # source 0, sink 1

    def new_nodes(self, many: int) -> int:
        """The number of the first of ``many`` new nodes."""
        self.nodes += many
        return self.nodes - many

    def add(self, tail: Array, head: Array, capacity: Array, cost: Array) -> Array:
        """Positions of the new arcs."""
        many = len(tail)
        self.parts.append((tail, np.broadcast_to(head, many), capacity, cost))
        self.count += many
        return np.arange(self.count - many, self.count)

    def graph(self, amount: int) -> Graph:
        tail, head, capacity, cost = (
            np.concatenate([np.asarray(p[i], dtype=np.int64) for p in self.parts]) for i in range(4)
        )
        return Graph(tail, head, capacity, cost, 0, 1, amount)


def make_graph(market: Market, rows: Array) -> tuple[Graph, Array]:
    """The flow graph of some meetings, and for each the position of its own arc."""
    arcs = _Arcs()
    needs = _school_side(market, rows, arcs)
    pairs, at_pair = np.unique(market.pair[rows], return_inverse=True)
    pair_node = arcs.new_nodes(len(pairs))
    _, first = np.unique(at_pair, return_index=True)
    one = np.ones(len(pairs), dtype=np.int64)
    arcs.add(needs[market.need[rows][first]], pair_node + np.arange(len(pairs)), one, 0 * one)
    company = _company_side(market, rows, arcs)
    cost = -np.rint(market.value[rows] * SCALE).astype(np.int64) * JITTER
    cost -= (market.tie[rows] % JITTER).astype(np.int64)
    of_row = arcs.add(pair_node + at_pair, company, np.ones(len(rows), dtype=np.int64), cost)
    amount = int(market.wanted[np.unique(market.need[rows])].sum())
    idle = np.array([0])
    arcs.add(idle, np.array([1]), np.array([amount]), idle)  # visits that nobody gives
    return arcs.graph(amount), of_row


def _cost(values: Array) -> Array:
    return np.rint(np.asarray(values, dtype=float) * SCALE).astype(np.int64) * JITTER


def _school_side(market: Market, rows: Array, arcs: _Arcs) -> Array:
    """Arcs source -> school -> need, first visits apart; gives each need's node."""
    needs = np.unique(market.need[rows])
    schools, at_school = np.unique(market.school[needs], return_inverse=True)
    school_node, need_node = arcs.new_nodes(len(schools)), arcs.new_nodes(len(needs))
    total = np.bincount(at_school, weights=market.wanted[needs]).astype(np.int64)
    nodes = school_node + np.arange(len(schools))
    source = np.zeros(len(schools), dtype=np.int64)
    arcs.add(source, nodes, np.ones_like(source), -_cost(market.school_first[schools]))
    arcs.add(source, nodes, np.maximum(total - 1, 0), source)
    mine = need_node + np.arange(len(needs))
    one = np.ones(len(needs), dtype=np.int64)
    arcs.add(school_node + at_school, mine, one, -_cost(market.need_first[needs]))
    arcs.add(school_node + at_school, mine, market.wanted[needs] - 1, 0 * one)
    table = np.full(len(market.wanted), -1, dtype=np.int64)
    table[needs] = mine
    return table


def _company_side(market: Market, rows: Array, arcs: _Arcs) -> Array:
    """Arcs slot -> month -> term -> company -> sink; gives the node each meeting leads to."""
    sink = np.ones(len(rows), dtype=np.int64)
    node = sink
    node = _to_companies(market, rows, arcs, node)
    for group, cap in (
        (market.term[rows], market.groups.term_cap),
        (market.month[rows], market.groups.month_cap),
        (market.slot[rows], market.slot_cap),
    ):
        node = _layer(arcs, group, cap, node)
    undated = np.where(market.slot[rows] < 0, market.supply[rows], -1)
    return _layer(arcs, undated, market.supply_cap, node)


def _layer(arcs: _Arcs, group: Array, cap: Array, node: Array) -> Array:
    """Put one node per group before ``node``, with the group's capacity; -1 passes by."""
    keys, first, at = np.unique(group, return_index=True, return_inverse=True)
    base = arcs.new_nodes(len(keys))
    real = keys >= 0
    own = base + np.arange(len(keys))
    zero = np.zeros(int(real.sum()), dtype=np.int64)
    arcs.add(own[real], node[first][real], cap[keys[real]], zero)
    return np.where(group >= 0, own[at], node)


def _to_companies(market: Market, rows: Array, arcs: _Arcs, node: Array) -> Array:
    """The company's node, whose parallel arcs to the sink cost more one after the other."""
    group = market.company[rows]
    keys, at, counts = np.unique(group, return_inverse=True, return_counts=True)
    base = arcs.new_nodes(len(keys))
    for number, (company, count) in enumerate(zip(keys, counts, strict=True)):
        if company < 0:
            continue
        cap = int(min(market.groups.company_cap[company], count))
        steps = min(cap, LOAD_STEPS)
        costs = np.array([_load_cost(market, int(company), step) for step in range(steps)])
        tail = np.full(steps, base + number, dtype=np.int64)
        arcs.add(tail, np.ones(steps, dtype=np.int64), np.ones(steps, dtype=np.int64), _cost(costs))
        if cap > steps:
            rest = np.array([_load_cost(market, int(company), LOAD_STEPS)])
            arcs.add(tail[:1], np.ones(1, dtype=np.int64), np.array([cap - steps]), _cost(rest))
    return np.where(group >= 0, base + at, node)
