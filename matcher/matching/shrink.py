"""A large flow by smaller ones with the same cheapest cost.

*Merging*: a node with one way on, at no cost and wide enough for all that can come in, is no limit;
it is one with the node it leads to. *Pricing* (column generation: Dantzig & Wolfe, 1960; Ahuja,
Magnanti & Orlin, Network Flows, 1993, section 17): the flow is solved with each need's and each
moment's best meetings only; the prices of its nodes then show which of the others could make it
cheaper, and those are let in, until there are none. Nothing is approximated: prices that no arc
beats prove the flow the cheapest of the whole graph.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.graph import Graph, Ints

FIRST_OF_TAIL = 8  # meetings of each need in the first flow
FIRST_OF_HEAD = 2  # and of each moment
MORE_OF_TAIL = 4  # let in at once for one need
NEARLY = 10  # times the most an arc helps: so near to helping is let in with it
ROUNDS = 30  # then all are let in
MOST_GAIN = 1 << 50  # a need that reached nothing gains more than can be said
UNREACHED = np.int64(1) << 60
Solve = Callable[[Graph], Ints]
Array = NDArray[Any]


def solve_shrunk(graph: Graph, choice: Ints, solve: Solve) -> Ints:
    """The cheapest flow, an amount for each arc; ``choice`` are the arcs of which few are used."""
    node, arcs = merged(graph)
    place = np.full(len(graph.tail), -1)
    place[arcs] = np.arange(len(arcs))
    left = np.cumsum(node == np.arange(len(node)), dtype=np.int32) - 1
    number = left[node]  # of each node among those that are left
    small = Graph(
        tail=number[graph.tail[arcs]],
        head=number[graph.head[arcs]],
        capacity=graph.capacity[arcs],
        cost=graph.cost[arcs],
        source=int(number[graph.source]),
        sink=int(number[graph.sink]),
        amount=graph.amount,
    )
    flow = np.zeros(len(graph.tail), dtype=np.int64)
    flow[arcs] = priced(small, place[choice][place[choice] >= 0], solve)
    return _through_merged(graph, arcs, flow)


def merged(graph: Graph) -> tuple[Array, Array]:
    """For each node the one it is merged into, and the arcs that are left, in order.

    The graph has no circles.
    """
    node = np.arange(graph.nodes)
    left = np.nonzero(graph.capacity > 0)[0]
    while True:
        tail, head = node[graph.tail[left]], node[graph.head[left]]
        ways = np.bincount(tail, minlength=len(node))
        coming = np.bincount(head, weights=graph.capacity[left], minlength=len(node))
        free = (ways[tail] == 1) & (graph.cost[left] == 0) & (tail != graph.source)
        free &= graph.capacity[left] >= coming[tail]
        if not free.any():
            return node, left
        onward = np.arange(len(node))
        onward[tail[free]] = head[free]
        while (onward[onward] != onward).any():
            onward = onward[onward]
        node, left = onward[node], left[~free]


def _through_merged(graph: Graph, arcs: Array, flow: Ints) -> Ints:
    """What goes through the merged arcs: all that comes into their tails."""
    gone = graph.capacity > 0
    gone[arcs] = False
    merged_arcs = np.nonzero(gone)[0]
    while True:
        coming = np.bincount(graph.head, weights=flow, minlength=graph.nodes).astype(np.int64)
        through = coming[graph.tail[merged_arcs]]
        if (flow[merged_arcs] == through).all():
            return flow
        flow[merged_arcs] = through


def priced(graph: Graph, choice: Ints, solve: Solve) -> Ints:
    """The cheapest flow by a few of the ``choice`` arcs, and more until no other one helps."""
    tail, head, cost = graph.tail[choice], graph.head[choice], graph.cost[choice]
    let_in = np.zeros(len(choice), dtype=bool)
    let_in[_least_of_each(tail, cost, FIRST_OF_TAIL)] = True
    let_in[_least_of_each(head, cost, FIRST_OF_HEAD)] = True
    within = np.ones(len(graph.tail), dtype=bool)
    for turn in range(ROUNDS + 1):
        within[choice] = let_in | (turn == ROUNDS)
        flow = _solved_within(graph, within, solve)
        used = np.nonzero(within)[0]
        prices, floor = _prices(graph, used, flow[used], tail)
        others = np.nonzero(~within[choice])[0]
        gain = floor[tail[others]] - cost[others] - prices[head[others]]
        most = min(int(gain.max(initial=0)), MOST_GAIN)
        if most <= 0:
            break
        near = gain > -NEARLY * most  # with those that help, those that may when prices have moved
        others, gain = others[near], gain[near]
        let_in[others[_least_of_each(tail[others], -gain, MORE_OF_TAIL)]] = True
    return flow


def _least_of_each(group: Array, value: Array, many: int) -> Array:
    """Positions of the ``many`` least values of each group; of equal ones the first."""
    order = np.lexsort((value, group))
    ordered = group[order]
    return order[np.arange(len(order)) - np.searchsorted(ordered, ordered) < many]


def _solved_within(graph: Graph, within: Array, solve: Solve) -> Ints:
    """The cheapest flow by these arcs (bool by arc), without those that nothing leads to."""
    used = within.copy()
    while True:
        reached = np.zeros(graph.nodes, dtype=bool)
        reached[graph.head[used]] = True
        reached[graph.source] = True
        lost = used & ~reached[graph.tail]
        if not lost.any():
            break
        used &= ~lost
    arcs = np.nonzero(used)[0]
    flow = np.zeros(len(graph.tail), dtype=np.int64)
    flow[arcs] = solve(
        replace(
            graph,
            tail=graph.tail[arcs],
            head=graph.head[arcs],
            capacity=graph.capacity[arcs],
            cost=graph.cost[arcs],
        )
    )
    return flow


def _prices(graph: Graph, arcs: Array, flow: Ints, tails: Array) -> tuple[Ints, Ints]:
    """What one unit more costs from each node to the sink, and the same as low as may be.

    The first is the length of the shortest way in the residual graph (Bellman & Ford), UNREACHED
    where there is none. The second is lowered for ``tails`` to what those before them pay: between
    the two all prices are right, and the low one finds the fewest arcs that might be better.
    """
    start, end, length = _residual(graph, arcs, flow)
    price = _shortest(start, end, length, graph)
    low = np.full(graph.nodes, -UNREACHED)
    is_tail = np.zeros(graph.nodes, dtype=bool)
    is_tail[tails] = True
    into = is_tail[end] & (price[start] < UNREACHED)
    np.maximum.at(low, end[into], price[start[into]] - length[into])
    return price, np.where(low > -UNREACHED, np.minimum(low, price), price)


def prices_of(graph: Graph, flow: Ints) -> Ints:
    """What one unit more costs from each node to the sink, given the cheapest flow; UNREACHED."""
    start, end, length = _residual(graph, np.arange(len(graph.tail)), flow)
    return _shortest(start, end, length, graph)


def _residual(graph: Graph, arcs: Array, flow: Ints) -> tuple[Array, Array, Array]:
    """Where one unit more can go by these arcs, and back: start, end, cost, in order of ends."""
    tail, head, cost = graph.tail[arcs], graph.head[arcs], graph.cost[arcs]
    more, less = flow < graph.capacity[arcs], flow > 0
    start = np.concatenate([tail[more], head[less]])
    end = np.concatenate([head[more], tail[less]])
    length = np.concatenate([cost[more], -cost[less]])
    order = np.argsort(end, kind="stable")
    return start[order], end[order], length[order]


def _shortest(start: Array, end: Array, length: Array, graph: Graph) -> Ints:
    """Lengths of the shortest ways to the sink; arcs stand in the order of their ends."""
    begins = np.searchsorted(end, np.arange(graph.nodes + 1))
    price = np.full(graph.nodes, UNREACHED)
    price[graph.sink] = 0
    changed = np.array([graph.sink])
    while len(changed):
        counts = begins[changed + 1] - begins[changed]
        before = np.cumsum(counts) - counts
        into = np.repeat(begins[changed] - before, counts) + np.arange(counts.sum())
        node, new = start[into], length[into] + price[end[into]]
        shorter = new < price[node]
        node, new = node[shorter], new[shorter]
        first = _least_of_each(node, new, 1)
        changed = node[first]
        price[changed] = new[first]
    return price
