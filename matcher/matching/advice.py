"""Why nothing matched, the smallest single changes that would help, and what there is instead.

What helps is counted against what the run left: what went to another class unlocks nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher import clock
from matcher.matching import ladder
from matcher.matching.columns import moment
from matcher.matching.engine import Board
from matcher.matching.possible import Ground, between, ground_of, make_ground
from matcher.matching.remaining import remaining
from matcher.matching.types import Blocker, Change, Demand, Unmatched
from matcher.matching.variants import MORE_KM, Variant, one_day, variants

Array = NDArray[Any]
EXAMPLES = 3
POOL = 400  # offers on the topic looked at for one need
CHUNK = 64
# Among changes that unlock as many, the one that asks least of the class comes first.
EFFORT = (
    "day",
    "hours",
    "place",
    "language",
    "kind",
    "duration",
    "level",
    "group",
    "weeks",
    "distance",
    "reach",
)


@dataclass(frozen=True)
class _Case:
    """One unmatched need: its place in the board, its variants' place in the left ground."""

    need: int
    first: int
    variants: list[Variant]


@dataclass(frozen=True)
class Desk:
    """Before: the run's own ground. Left: what the run left, and each need's variants in it."""

    board: Board
    before: Ground
    left: Ground
    further: Ground  # what is left, were people willing to travel a little further
    cases: list[_Case]
    forbidden: dict[str, set[str]]


def advise(board: Board, rows: Array, needs: Sequence[int]) -> list[Unmatched]:
    """What to tell each of these needs, once the meetings ``rows`` are given away."""
    if not needs:
        return []
    desk = _desk(board, rows, needs)
    found: list[Unmatched] = []
    for start in range(0, len(needs), CHUNK):
        some = desk.cases[start : start + CHUNK]
        vectors = board.vectors.needs.take([case.need for case in some])
        similar = board.vectors.space.all_pairs(vectors, board.vectors.offers)
        found += [_told(desk, case, similar[row]) for row, case in enumerate(some)]
    return found


def _desk(board: Board, rows: Array, needs: Sequence[int]) -> Desk:
    cases: list[_Case] = []
    demands: list[Demand] = []
    for need in needs:
        demand = board.inputs.demands[need]
        tried = variants(demand)
        cases.append(_Case(need, len(demands), tried))
        demands += [demand, *(variant.demand for variant in tried)]
    inputs = replace(remaining(board, rows) if len(rows) else board.inputs, demands=tuple(demands))
    left = make_ground(inputs, board.settings, None if len(rows) else board.side)
    field = replace(
        left.field,
        reach=left.field.reach + MORE_KM,
        person_radius=left.field.person_radius + MORE_KM,
    )
    forbidden: dict[str, set[str]] = defaultdict(set)
    for pin in board.inputs.pins:
        if pin.forbid:
            forbidden[pin.demand].add(pin.supply)
    return Desk(board, ground_of(board), left, replace(left, field=field), cases, forbidden)


def _told(desk: Desk, case: _Case, similar: Array) -> Unmatched:
    inputs, floor = desk.board.inputs, desk.board.settings.topic_floor
    demand = inputs.demands[case.need]
    topical = np.nonzero(similar >= floor)[0]
    pool = topical[np.argsort(-similar[topical], kind="stable")][:POOL]
    barred = desk.forbidden.get(demand.key, set())
    refused = np.array([inputs.supplies[n].key in barred for n in pool], dtype=bool)
    changes, tours = _changes(desk, case, pool, refused)
    return Unmatched(
        demand=demand.key,
        blockers=_blockers(desk, case, pool, refused, off_topic=len(similar) - len(topical)),
        changes=changes,
        instead=ladder.rungs(
            desk.left,
            case.first,
            pool[~refused],
            similar,
            tours,
            topics=lambda offer: ladder.topics_of(desk.board.vectors, case.need, offer),
        ),
        on_topic=len(topical),
    )


# ---- blockers -----------------------------------------------------------------------------------
def _blockers(
    desk: Desk, case: _Case, pool: Array, refused: Array, *, off_topic: int
) -> tuple[Blocker, ...]:
    """Rules by how many offers on the topic they refuse; ``only``: those nothing else refuses."""
    stands = between(desk.before, np.full(len(pool), case.need), pool)
    left = between(desk.left, np.full(len(pool), case.first), pool).is_possible(len(pool))
    masks = stands.refused | {"refused": refused}
    fits = ~np.logical_or.reduce(list(masks.values()))
    masks["taken"] = fits & ~left
    times = np.array(list(masks.values())).sum(axis=0)
    found = []
    for name, mask in masks.items():
        only = mask & (times == 1)
        if mask.any():
            keys = [desk.board.inputs.supplies[n].key for n in pool[only][:EXAMPLES]]
            found.append(Blocker(name, int(mask.sum()), int(only.sum()), tuple(keys)))
    found.sort(key=lambda blocker: (-blocker.only, -blocker.count, blocker.rule))
    return (*found, Blocker("topic", off_topic, off_topic)) if off_topic else tuple(found)


# ---- changes ------------------------------------------------------------------------------------
def _changes(
    desk: Desk, case: _Case, pool: Array, refused: Array
) -> tuple[tuple[Change, ...], dict[int, str]]:
    """Changes that unlock something, those that unlock most first; and tours a class could join.

    The tours are supply indices with the slot of a meeting that keeps to the class's days.
    """
    tried = [None, *case.variants]
    many = len(tried)
    d = np.repeat(np.arange(case.first, case.first + many), len(pool))
    stands = between(desk.left, d, np.tile(pool, many))
    possible = stands.is_possible(len(d)).reshape(many, len(pool)) & ~refused
    new = possible & ~possible[0]
    changes = [
        Change(variant.rule, variant.to, int(new[row].sum()), variant.facts)
        for row, variant in enumerate(case.variants, 1)
        if new[row].any()
    ]
    changes += _single_days(desk, case, stands.meetings, new)
    further = between(desk.further, d[: len(pool)], pool).is_possible(len(pool)) & ~refused
    if gained := int((further & ~possible[0]).sum()):
        changes.append(Change("reach", str(MORE_KM), gained))
    return _smallest(changes), _tours(desk, case, stands.meetings, pool, possible)


def _single_days(desk: Desk, case: _Case, found: Any, new: Array) -> list[Change]:
    """Of all days of the weeks the one that unlocks most, the earliest of several."""
    demand = desk.board.inputs.demands[case.need]
    row = next((n for n, variant in enumerate(case.variants, 1) if variant.rule == "day"), 0)
    if not row:
        return []
    pair, many, variant = found.pair, new.shape[1], case.variants[row - 1]
    mine = (pair // many == row) & (found.slot >= 0) & new.ravel()[pair]
    days = [clock.local(moment(int(at))).date() for at in found.start[mine]]
    offers = Counter(day for day, _ in set(zip(days, pair[mine].tolist(), strict=True)))
    if not offers:
        return []
    best = min(offers, key=lambda day: (-offers[day], day))
    single = one_day(variant, demand, best)
    return [Change(single.rule, single.to, offers[best], single.facts)]


def _smallest(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Without a larger change where a smaller one of the same kind unlocks as many; in order."""
    kept: list[Change] = []
    for change in changes:
        rivals = [k for k in changes if k.rule == change.rule and k is not change]
        if not any(_is_smaller(k, change) and k.unlocks >= change.unlocks for k in rivals):
            kept.append(change)
    order = {rule: place for place, rule in enumerate(EFFORT)}
    return tuple(sorted(kept, key=lambda c: (-c.unlocks, order[c.rule], c.to)))


def _is_smaller(one: Change, other: Change) -> bool:
    """Only days and minutes come in sizes: a single day is less than any, an hour less than two."""
    if one.rule == "day":
        return one.to != "any" and other.to == "any"
    return one.rule == "duration" and int(one.to) < int(other.to)


def _tours(desk: Desk, case: _Case, found: Any, pool: Array, possible: Array) -> dict[int, str]:
    """Live tours possible as the need stands but for its kind, each with its first moment."""
    if not len(pool) or not len(desk.left.field.supply.slot_start):
        return {}
    kinds = [(variant.rule, variant.to) for variant in case.variants]
    rows = [0] + [n for n, kind in enumerate(kinds, 1) if kind == ("kind", "tour")]
    columns, many = desk.left.field.supply, len(pool)
    kept = (found.slot >= 0) & np.isin(found.pair // many, rows) & possible.ravel()[found.pair]
    tours: dict[int, str] = {}
    for place in np.nonzero(kept)[0][np.argsort(found.start[kept], kind="stable")].tolist():
        offer = int(pool[int(found.pair[place]) % many])
        if desk.left.inputs.supplies[offer].kind == "tour":
            tours.setdefault(offer, columns.slot_keys[int(found.slot[place])])
    return tours
