"""Which offers a need could have at all: rules, free moments, busy people and limits together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.clashes import is_busy, make_diary
from matcher.matching.constraints import RULES, Field, Meetings, meetings
from matcher.matching.engine import Board, make_field
from matcher.matching.groups import Groups
from matcher.matching.inputs import Inputs
from matcher.matching.settings import Settings
from matcher.matching.side import Side, make_side

Array = NDArray[Any]


@dataclass(frozen=True)
class Ground:
    """Needs and offers to ask about, with everything that could stand between them."""

    inputs: Inputs
    field: Field
    groups: Groups
    capacity: Array  # by offer: how many needs may still have it without a date


@dataclass(frozen=True)
class Stands:
    """What stands between pairs, by pair: each rule's refusal, then time, then limits.

    ``meetings`` are those left, as indices into the pairs asked about.
    """

    refused: dict[str, Array]
    meetings: Meetings

    def is_possible(self, pairs: int) -> Array:
        """Of so many pairs asked about, those with a meeting left; bool by pair."""
        possible = np.zeros(pairs, dtype=bool)
        possible[self.meetings.pair] = True
        return possible


def make_ground(inputs: Inputs, settings: Settings, side: Side | None = None) -> Ground:
    """The ground of some inputs; ``inputs.demands`` may be variants of one another.

    ``side``, where given, has been made of the same offers and people.
    """
    side = side or make_side(inputs.supplies, inputs.people)
    return Ground(inputs, make_field(inputs, settings, side), side.groups, side.capacity)


def ground_of(board: Board) -> Ground:
    """The ground a run stood on."""
    market = board.market
    return Ground(board.inputs, board.field, market.groups, market.supply_cap)


def between(ground: Ground, d: Array, s: Array) -> Stands:
    """What stands between these pairs (demand indices ``d``, supply indices ``s``, same length)."""
    field = ground.field
    refused = {name: rule(field, d, s) for name, rule in RULES.items()}
    passing = np.nonzero(~np.logical_or.reduce(list(refused.values())))[0]
    found = meetings(field, d[passing], s[passing])
    free = ~is_busy(make_diary(field, found, d[passing], s[passing]), ground.inputs.people)
    within = free & _within_limits(ground, found, s[passing])
    refused["time"] = _without(found, free, passing, len(d))
    refused["limit"] = _without(found, within, passing, len(d)) & ~refused["time"]
    rows = np.nonzero(within)[0]
    left = Meetings(
        passing[found.pair[rows]],
        found.slot[rows],
        found.start[rows],
        found.end[rows],
        found.margin[rows],
    )
    return Stands(refused, left)


def _without(found: Meetings, kept: Array, passing: Array, pairs: int) -> Array:
    """Passing pairs that have no meeting among those kept."""
    has = np.zeros(len(passing), dtype=bool)
    has[found.pair[kept]] = True
    lacking = np.zeros(pairs, dtype=bool)
    lacking[passing[~has]] = True
    return lacking


def _within_limits(ground: Ground, found: Meetings, s: Array) -> Array:
    """Meetings for which moment, person, company and offer each have one place left."""
    groups = ground.groups
    dated, alone = found.slot >= 0, ground.capacity[s[found.pair]] > 0
    if not len(groups.slot):
        return np.asarray(alone)
    slot = np.where(dated, found.slot, 0)
    left = np.ones(len(found.pair), dtype=bool)
    for group, caps in (
        (groups.slot, groups.slot_cap),
        (groups.month, groups.month_cap),
        (groups.term, groups.term_cap),
        (groups.company, groups.company_cap),
    ):
        number = group[slot]
        if len(caps):
            left &= (number < 0) | (caps[np.maximum(number, 0)] > 0)
    return np.where(dated, left, alone)
