"""Rules a flow cannot express: forbid one side of a clash or the other, and solve again."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.matching.nearby import choose_near
from matcher.matching.network import cost_of

if TYPE_CHECKING:
    from matcher.matching.assignment import Chosen, Clashes, Market

Array = NDArray[Any]


@dataclass(frozen=True)
class Work:
    """What a repair needs at every step; ``forced`` rows (bool by meeting) give way last."""

    market: Market
    clashes: Clashes
    choose: Callable[[Market, Array], Chosen]
    forced: Array

    def loser(self, a: int, b: int) -> int:
        """The meeting that gives way: not forced, worth less, or by its number."""

        def strength(row: int) -> tuple[bool, float, int]:
            market = self.market
            return bool(self.forced[row]), float(market.value[row]), int(market.tie[row])

        return a if strength(a) < strength(b) else b


def in_rounds(work: Work, first: Chosen, allowed: Array, rounds: int, *, near: bool) -> Chosen:
    """Forbid the worse meeting of every clash and solve again; drop what still clashes at last.

    Never worse than to drop at once: what is forbidden in haste can cost more than it mends.
    With ``near`` only the needs around a clash choose again: all that a large market has time for.
    """
    allowed, rows = allowed.copy(), first.rows
    for _ in range(rounds):
        against = work.clashes(rows)
        if not against:
            break
        lost = np.array([work.loser(a, b) for a, b in against])
        allowed[lost] = False
        if near:
            needs = np.unique(work.market.need[lost])
            rows = choose_near(work.market, rows, allowed, needs, choose=work.choose)
        else:
            rows = work.choose(work.market, allowed).rows
    at_once, mended = _dropped(work, first.rows), _dropped(work, rows)
    costs = cost_of(work.market, at_once), cost_of(work.market, mended)
    better = at_once if costs[0] < costs[1] else mended
    return type(first)(better, min(costs))


def _dropped(work: Work, rows: Array) -> Array:
    """The rows without the losers of what still clashes."""
    kept = set(rows.tolist())
    for a, b in work.clashes(rows):
        if a in kept and b in kept:
            kept.discard(work.loser(a, b))
    return np.array(sorted(kept), dtype=np.int64)


class Choice(Protocol):
    """The best choice that does without some meetings, clashes and all."""

    @property
    def rows(self) -> Array: ...
    @property
    def cost(self) -> int: ...  # a bound of all that do without the same
    @property
    def worth(self) -> int: ...  # its own
    @property
    def against(self) -> list[tuple[int, int]]: ...
    def without(self, out: list[int]) -> Choice: ...


@dataclass(frozen=True)
class Whole:
    """A choice made by a flow of its own."""

    work: Work
    chosen: Chosen
    allowed: Array

    @property
    def rows(self) -> Array:
        return self.chosen.rows

    @property
    def cost(self) -> int:
        return self.chosen.cost

    @property
    def worth(self) -> int:
        return self.cost

    @cached_property
    def against(self) -> list[tuple[int, int]]:
        return self.work.clashes(self.rows)

    def without(self, out: list[int]) -> Whole:
        less = self.allowed.copy()
        less[out] = False
        return Whole(self.work, self.work.choose(self.work.market, less), less)


def search(first: Choice, found: Chosen, nodes: int) -> tuple[Chosen, int]:
    """The best choice without a clash, by branch and bound over flows (Land & Doig, 1960).

    ``first`` is the best with its clashes, ``found`` one without any. Gives the best found and the
    cost below which none can be; the two are equal when the search came to its end within
    ``nodes`` flows.
    """
    heap, solved, least = [(first.cost, 0, first)], 0, found.cost
    while heap and heap[0][0] < found.cost:
        cost, _, choice = heap[0]
        if not choice.against:  # its bound is all that is known of what it holds
            least = min(least, cost)
            found = min(found, replace(found, rows=choice.rows, cost=choice.worth), key=_cost)
            heapq.heappop(heap)
            continue
        if solved >= nodes:
            break
        heapq.heappop(heap)
        for out in _branches(choice.against):
            child = choice.without(out)
            solved += 1
            if child.cost < found.cost:
                heapq.heappush(heap, (child.cost, solved, child))
    return found, min(least, found.cost, heap[0][0] if heap else found.cost)


def _cost(chosen: Chosen) -> int:
    return chosen.cost


def _branches(against: list[tuple[int, int]]) -> Iterator[list[int]]:
    """Two ways out of the worst tangle: without its middle, or without all that it touches.

    What is pinned needs no rule here: it is worth more than all that stands against it.
    """
    rivals: dict[int, list[int]] = defaultdict(list)
    for a, b in against:
        rivals[a].append(b)
        rivals[b].append(a)
    middle = min(rivals, key=lambda row: (-len(rivals[row]), row))
    yield [middle]
    yield rivals[middle]
