"""A solved flow without some of its arcs: what went through them is led the cheapest other way.

The flow stays the cheapest of what is left (successive shortest paths with node prices: Ahuja,
Magnanti & Orlin, Network Flows, 1993, section 9.7), at the price of one search near the arc. So a
large market can be searched for the best choice without a clash; whole flows are too slow for it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.graph import Graph, Ints
from matcher.matching.shrink import UNREACHED, prices_of

Array = NDArray[Any]
Step = tuple[int, int, int, int]  # node, reduced cost, arc, +1 along it or -1 back


@dataclass(frozen=True)
class Way:
    """A flow, told by where it differs from the first one: amounts by arc, prices by node."""

    cost: int
    flow: Mapping[int, int] = field(default_factory=dict)
    price: Mapping[int, int] = field(default_factory=dict)
    costs: Mapping[int, int] = field(default_factory=dict)  # of arcs that were made dearer
    out: frozenset[int] = frozenset()  # arcs that may not be used

    @property
    def changes(self) -> tuple[Mapping[int, int], ...]:
        return self.flow, self.price, self.costs


class Reroutes:
    """The cheapest flows of one graph without some arcs. ``flow`` is the cheapest with all."""

    def __init__(self, graph: Graph, flow: Ints) -> None:
        self._graph = graph
        self._flow, self._price = flow.copy(), prices_of(graph, flow)
        self._capacity = np.array(graph.capacity, dtype=np.int64)
        self._cost = graph.cost.copy()
        self._of_tail, self._tails = _by_node(graph.tail, graph.nodes)
        self._of_head, self._heads = _by_node(graph.head, graph.nodes)
        self.first = Way(int((flow * graph.cost).sum()))

    def without(self, way: Way, arcs: Iterable[int]) -> Way:
        """The cheapest flow that uses none of ``arcs`` either; each carries at most one unit."""
        with self._laid(way) as notes:
            for arc in sorted(set(arcs) - way.out):
                if self._flow[arc]:
                    notes.cost += self._led_round(arc, notes, int(UNREACHED))
                notes.set(self._capacity, arc, 0)
            return notes.way(way.out | set(arcs))

    def dearer(self, way: Way, arc: int, by: int, *, stays: bool) -> Way:
        """The cheapest flow when ``arc`` costs so much more; ``stays`` where that is as cheap."""
        with self._laid(way) as notes:
            notes.set(self._cost, arc, int(self._cost[arc]) + by)
            loss = int(self._cost[arc] + self._price[self._graph.head[arc]])
            loss -= int(self._price[self._graph.tail[arc]])
            if self._flow[arc]:
                notes.cost += by
                if loss > 0:
                    notes.cost += self._led_round(arc, notes, loss - stays)
            return notes.way(way.out)

    def _laid(self, way: Way) -> _Notes:
        """The arrays as ``way`` has them, until the notes are closed."""
        notes = _Notes((self._flow, self._price, self._cost, self._capacity), way.cost)
        for array, changes in zip(notes.arrays, way.changes, strict=False):
            for place, value in changes.items():
                notes.set(array, place, value)
        for arc in way.out:
            notes.set(self._capacity, arc, 0)
        return notes

    def _led_round(self, arc: int, notes: _Notes, most: int) -> int:
        """Lead an arc's unit another way if that is no longer than ``most``; what it costs more."""
        start, end = int(self._graph.tail[arc]), int(self._graph.head[arc])
        saved = int(self._cost[arc] + self._price[end] - self._price[start])
        notes.set(self._flow, arc, 0)
        capacity = int(self._capacity[arc])
        notes.set(self._capacity, arc, 0)
        found = self._shortest(start, end, most)
        notes.set(self._capacity, arc, capacity)
        if found.middle < 0:
            notes.set(self._flow, arc, 1)
            limit = saved  # up to where the arc itself is dear enough
        else:
            limit = found.length
            for over, sign in found.path:
                notes.set(self._flow, over, int(self._flow[over]) + sign)
        for node, rise in found.rises(limit):
            notes.set(self._price, node, int(self._price[node]) + rise)
        return 0 if found.middle < 0 else found.length - saved

    def _shortest(self, start: int, end: int, most: int) -> _Found:
        """Dijkstra by reduced costs from both ends by turns, until they have met for good.

        Many nodes cost nothing more to reach; those fewer steps away come first.
        """
        sides = _Reached(start, self._onward), _Reached(end, self._backward)
        least, middle, turn = int(UNREACHED), -1, 0
        while sides[0].next + sides[1].next < min(least, most + 1):
            for node in sides[turn].widen():
                length = sides[turn].best[node] + sides[1 - turn].best.get(node, int(UNREACHED))
                if length < least:
                    least, middle = length, node
            turn = 1 - turn
        return _Found(least, middle if least <= most else -1, sides)

    def _onward(self, node: int) -> list[Step]:
        """Where one unit more can go from a node."""
        return self._steps(node, self._ahead(node), self._behind(node), outward=True)

    def _backward(self, node: int) -> list[Step]:
        """From where one unit more can come to a node."""
        ahead, behind = self._ahead(node, back=True), self._behind(node, back=True)
        return self._steps(node, behind, ahead, outward=False)

    def _ahead(self, node: int, *, back: bool = False) -> Array:
        """Arcs that begin here and have room; ``back``: that carry something."""
        arcs = self._of_tail[self._tails[node] : self._tails[node + 1]]
        carried = self._flow[arcs]
        return arcs[carried > 0 if back else carried < self._capacity[arcs]]

    def _behind(self, node: int, *, back: bool = False) -> Array:
        """Arcs that end here and carry something; ``back``: that have room."""
        arcs = self._of_head[self._heads[node] : self._heads[node + 1]]
        carried = self._flow[arcs]
        return arcs[carried < self._capacity[arcs] if back else carried > 0]

    def _steps(self, node: int, along: Array, against: Array, *, outward: bool) -> list[Step]:
        """Steps from (or to) a node along some arcs and back through others, with reduced costs."""
        graph, price = self._graph, self._price
        far = np.concatenate(
            [graph.head[along], graph.tail[against]]
            if outward
            else [graph.tail[along], graph.head[against]]
        )
        cost = np.concatenate([self._cost[along], -self._cost[against]])
        cost = cost + (price[far] - price[node] if outward else price[node] - price[far])
        known = price[far] < UNREACHED
        arcs = np.concatenate([along, against])
        sign = np.repeat([1, -1], [len(along), len(against)])
        columns = (far[known], cost[known], arcs[known], sign[known])
        return list(zip(*(column.tolist() for column in columns), strict=True))


class _Reached:
    """What one end of a search has reached: distances, and the step by which each node was."""

    def __init__(self, start: int, steps: Callable[[int], list[Step]]) -> None:
        self.best = {start: 0}
        self.done: dict[int, int] = {}
        self.via: dict[int, tuple[int, Step]] = {}
        self._steps = steps
        self._heap = [(0, 0, start)]

    @property
    def next(self) -> int:
        """How far the nearest node is that has not been looked at."""
        while self._heap and self._heap[0][2] in self.done:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else int(UNREACHED)

    def widen(self) -> list[int]:
        """Look at the nearest node; those that are reached anew, or sooner."""
        distance, depth, node = heapq.heappop(self._heap)
        self.done[node] = distance
        nearer = []
        for step in self._steps(node):
            far, other = distance + step[1], step[0]
            if far < self.best.get(other, UNREACHED):
                self.best[other], self.via[other] = far, (node, step)
                heapq.heappush(self._heap, (far, depth + 1, other))
                nearer.append(other)
        return nearer

    def way(self, node: int) -> list[tuple[int, int]]:
        """The arcs and signs from a node back to this end."""
        found = []
        while node in self.via:
            node, step = self.via[node]
            found.append((step[2], step[3]))
        return found


@dataclass(frozen=True)
class _Found:
    """The cheapest way between two ends: its length, and a node on it."""

    length: int
    middle: int
    sides: tuple[_Reached, _Reached]

    @property
    def path(self) -> list[tuple[int, int]]:
        return self.sides[0].way(self.middle)[::-1] + self.sides[1].way(self.middle)

    def rises(self, limit: int) -> Iterator[tuple[int, int]]:
        """By how much prices change so that no reduced cost is below nothing after it."""
        near = min(self.sides[0].next, limit)
        for side, most, sign in ((0, near, 1), (1, limit - near, -1)):
            for node, distance in self.sides[side].done.items():
                if distance < most:
                    yield node, sign * (most - distance)


class _Notes:
    """What was written into shared arrays, to be taken back; and the way it makes."""

    def __init__(self, arrays: tuple[Array, ...], cost: int) -> None:
        self.arrays = arrays
        self.cost = cost
        self._kept: list[tuple[Array, int, int]] = []
        self._now: list[dict[int, int]] = [{} for _ in arrays]

    def set(self, array: Array, place: int, value: int) -> None:
        number = next(n for n, one in enumerate(self.arrays) if one is array)
        self._kept.append((array, place, int(array[place])))
        array[place] = self._now[number][place] = value

    def way(self, out: Iterable[int]) -> Way:
        flow, price, costs, _ = self._now
        return Way(self.cost, flow, price, costs, frozenset(out))

    def __enter__(self) -> _Notes:
        return self

    def __exit__(self, *_: object) -> None:
        for array, place, value in reversed(self._kept):
            array[place] = value


def _by_node(ends: Array, nodes: int) -> tuple[Array, Array]:
    """Arcs in the order of the node at one of their ends, and where each node's begin."""
    order = np.argsort(ends, kind="stable")
    return order, np.searchsorted(ends[order], np.arange(nodes + 1))
