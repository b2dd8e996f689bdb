"""Choices of a large market that do without some meetings, each made of the one before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.network import cost_of
from matcher.matching.reroute import Reroutes, Way

if TYPE_CHECKING:
    from matcher.matching.assignment import Solved
    from matcher.matching.repair import Work

MOST_DEARER = 100  # clashes made dearer, one after another
MOST_TANGLED = 400  # meetings looked at around one
Array = NDArray[Any]


@dataclass(frozen=True)
class _Ground:
    """What all choices of one market share."""

    work: Work
    solved: Solved
    reroutes: Reroutes
    rows: Array  # chosen at first


@dataclass(frozen=True)
class Mended:
    """One choice; ``before`` is the one it was made of."""

    ground: _Ground
    way: Way
    before: Mended | None = None
    paid: int = 0  # by clashes that were made dearer

    @classmethod
    def first(cls, work: Work, solved: Solved) -> Mended:
        """The market's best choice, as it was solved."""
        reroutes = Reroutes(solved.graph, solved.flow)
        return cls(_Ground(work, solved, reroutes, solved.chosen.rows), reroutes.first)

    def settled(self) -> Mended:
        """The best choice with every clash made as dear as the way out of it.

        Of meetings no two of which can stand at most one is chosen, so what all cost more may be
        taken off once: the bound stays one (Lagrangian relaxation: Fisher, 1981). Clashes that have
        nothing to do with each other are settled so one by one, and not in all their combinations.
        """
        made = self
        for _ in range(MOST_DEARER):
            if not made.against:
                break
            made = made._dearer(*made.against[0])
        return made

    def _dearer(self, a: int, b: int) -> Mended:
        """All of a tangle cost so much more that the one that is easier to do without gives way."""
        tangle = self._tangle(a, b)
        ways = {
            kept: self.without([row for row in tangle if row != kept]).cost - self.cost
            for kept in (a, b)
        }
        kept, gone = sorted((a, b), key=lambda row: (ways[row], row))
        by, reroutes, way = ways[kept], self.ground.reroutes, self.way
        for row in [row for row in tangle if row not in (a, b)] + [gone, kept]:
            way = reroutes.dearer(way, self._arc(row), by, stays=row == kept)
        return Mended(self.ground, way, self, self.paid + by)

    def _tangle(self, a: int, b: int) -> list[int]:
        """The two and other meetings of which no two can stand together: at most one of all."""
        work = self.ground.work
        market, rows = work.market, self.ground.solved.rows
        moments = market.slot[[a, b]]
        at_once = np.isin(market.slot[rows], moments[moments >= 0])
        same_class = np.isin(market.need[rows], market.need[[a, b]])
        closest = rows[at_once & same_class]  # the two changing places comes first
        near = np.concatenate([closest, rows[at_once ^ same_class]])
        found = [a, b]
        for row in near.tolist()[:MOST_TANGLED]:
            if row not in found and all(_exclude(work, row, other) for other in found):
                found.append(row)
        return found

    @property
    def cost(self) -> int:
        """What no choice of these meetings can be cheaper than."""
        return self.way.cost - self.paid

    @cached_property
    def worth(self) -> int:
        """What its meetings really cost."""
        return cost_of(self.ground.work.market, self.rows)

    @cached_property
    def rows(self) -> Array:
        """The meetings chosen, in order."""
        ground = self.ground
        arcs = np.array([arc for arc in self.way.flow if self._is_meeting(arc)], dtype=np.int64)
        carried = np.array([self.way.flow[int(arc)] for arc in arcs], dtype=np.int64) > 0
        changed = ground.solved.rows[arcs - ground.solved.of_row[0]]
        kept = ground.rows[~np.isin(ground.rows, changed)]
        return np.sort(np.concatenate([kept, changed[carried]]))

    def _is_meeting(self, arc: int) -> bool:
        of_row = self.ground.solved.of_row
        return bool(of_row[0] <= arc <= of_row[-1])

    @cached_property
    def against(self) -> list[tuple[int, int]]:
        """Pairs of its meetings that cannot both stand: looked for only where it is new."""
        work = self.ground.work
        if self.before is None:
            return work.clashes(self.rows)
        changed = np.setxor1d(self.rows, self.before.rows)
        new = set(changed.tolist())
        kept = [pair for pair in self.before.against if not new & set(pair)]
        return sorted({*kept, *work.clashes(self._near(changed))})

    def _near(self, changed: Array) -> Array:
        """Chosen meetings of the classes and people of these."""
        market, rows = self.ground.work.market, self.rows
        people = np.unique(market.term[changed])
        mine = np.isin(market.need[rows], market.need[changed])
        theirs = np.isin(market.term[rows], people[people >= 0])
        return np.asarray(rows[mine | theirs])

    def without(self, out: list[int]) -> Mended:
        """The best choice that does without these meetings too."""
        way = self.ground.reroutes.without(self.way, [self._arc(row) for row in out])
        return Mended(self.ground, way, self, self.paid)

    def _arc(self, row: int) -> int:
        solved = self.ground.solved
        return int(solved.of_row[np.searchsorted(solved.rows, row)])


def _exclude(work: Work, a: int, b: int) -> bool:
    """Whether two meetings cannot both stand, by a limit of the flow or by a clash."""
    market = work.market
    slot = int(market.slot[a])
    if market.pair[a] == market.pair[b]:
        return True
    if slot >= 0 and slot == market.slot[b] and market.slot_cap[slot] == 1:
        return True
    return bool(work.clashes(np.array(sorted((a, b)))))
