"""What can never be paired, and which rule says so. Each rule is a function with its sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.columns import FAR, TOUR, DemandColumns, SupplyColumns, kilometres
from matcher.matching.settings import Settings

Array = NDArray[Any]


@dataclass(frozen=True)
class Field:
    """Both sides' columns with what rules beyond columns need.

    ``levels`` is the closeness of levels by (demand's level group, supply's level group);
    ``person_point`` and ``person_radius`` belong to people by index; ``earliest`` is the first
    minute since 1970 that a visit may start.
    """

    demand: DemandColumns
    supply: SupplyColumns
    levels: Array
    demand_level: Array
    supply_level: Array
    person_point: Array
    person_radius: Array
    reach: Array  # km: how far the offer's side goes at most (people's radius, pupils' radius)
    earliest: int
    settings: Settings


def kind(field: Field, d: Array, s: Array) -> Array:
    """The class asked for other kinds of visits."""
    return (field.demand.kinds[d] & field.supply.kinds[s]) == 0


def language(field: Field, d: Array, s: Array) -> Array:
    """It is given in no language the class accepts."""
    return (field.demand.languages[d] & field.supply.languages[s]) == 0


def place(field: Field, d: Array, s: Array) -> Array:
    """One side wants it on site, the other online."""
    return (field.demand.places[d] & field.supply.places[s]) == 0


def level(field: Field, d: Array, s: Array) -> Array:
    """It is made for another level, too far from this class."""
    close = field.levels[field.demand_level[d], field.supply_level[s]]
    return np.asarray(close < field.settings.level_floor)


def group(field: Field, d: Array, s: Array) -> Array:
    """The class is larger than the offer takes."""
    return np.asarray(field.demand.group[d] > field.supply.group[s])


def duration(field: Field, d: Array, s: Array) -> Array:
    """It takes longer than the lesson; what a class does in its own time is exempt."""
    return (field.supply.minutes[s] > field.demand.minutes[d]) & ~field.supply.on_demand[s]


def distance(field: Field, d: Array, s: Array) -> Array:
    """It must be on site, and is further than its people or the pupils travel."""
    online = (field.demand.places[d] & field.supply.places[s] & 2) > 0
    refused = np.zeros(len(d), dtype=bool)
    moving = np.nonzero(~online & ~field.supply.on_demand[s])[0]
    d, s = d[moving], s[moving]
    pupils = (field.supply.kinds[s] & TOUR) > 0
    reach = np.where(pupils, np.minimum(field.reach[s], field.demand.travel[d]), field.reach[s])
    refused[moving] = kilometres_between(field, d, s) > reach
    return refused


def day(field: Field, d: Array, s: Array) -> Array:
    """There is no free day that suits both."""
    shared = np.zeros(len(d), dtype=bool)
    for mine, theirs in zip(field.demand.days, field.supply.days, strict=True):
        shared |= (mine[d] & theirs[s]) > 0
    return ~shared & ~field.supply.on_demand[s]


Rule = Callable[[Field, Array, Array], Array]
RULES: Mapping[str, Rule] = {
    "kind": kind,
    "day": day,
    "duration": duration,
    "language": language,
    "place": place,
    "level": level,
    "group": group,
    "distance": distance,
}


def kilometres_between(field: Field, d: Array, s: Array) -> Array:
    """Kilometres of each pair; 0 where a place is unknown."""
    return kilometres(field.demand.point[d], field.supply.point[s])


def possible(field: Field, d: Array, s: Array) -> Array:
    """Positions of the pairs that no rule of RULES refuses, in order.

    Each rule looks only at what the rules before it left; the last one is the dearest.
    """
    left = np.arange(len(d))
    for rule in RULES.values():
        stays = np.nonzero(~rule(field, d, s))[0]
        if len(stays) < len(left):
            left, d, s = left[stays], d[stays], s[stays]
    return left


@dataclass(frozen=True)
class Meetings:
    """Possible meetings of pairs: a slot (or -1 on demand), its start and end in minutes."""

    pair: Array  # index into the pairs given
    slot: Array
    start: Array
    end: Array
    margin: Array  # minutes left over in slot and window together

    def take(self, rows: Array) -> Meetings:
        """Some of them, in that order."""
        return Meetings(
            self.pair[rows], self.slot[rows], self.start[rows], self.end[rows], self.margin[rows]
        )


def meetings(field: Field, d: Array, s: Array) -> Meetings:
    """Every slot of each pair in which a meeting fits, and on-demand pairs without a slot.

    A meeting lies within one slot and one of the need's windows, not before ``earliest``; it starts
    on a quarter. A webinar's slot is its own date: it starts when it starts.
    """
    pairs = np.arange(len(d))
    free = field.supply.on_demand[s]
    dated = np.nonzero(~free)[0]
    pair, slot = _expand(dated, field.supply.slot_from, s[dated])
    pair_w, window = _expand(np.arange(len(pair)), field.demand.window_from, d[pair])
    pair, slot = pair[pair_w], slot[pair_w]
    begin = np.maximum(field.supply.slot_start[slot], field.demand.window_start[window])
    begin = np.maximum(begin, field.earliest)
    begin = -(-begin // 15) * 15
    until = np.minimum(field.supply.slot_end[slot], field.demand.window_end[window])
    own_date = field.supply.slot_person[slot] < 0
    end = begin + field.supply.minutes[s[pair]]
    end = np.where(own_date, field.supply.slot_end[slot], end)
    fits = (end <= until) & (~own_date | (begin == field.supply.slot_start[slot]))
    pair, slot, begin, end, until = (x[fits] for x in (pair, slot, begin, end, until))
    first = _first_of_each(pair, slot)
    pair, slot, begin, end, until = (x[first] for x in (pair, slot, begin, end, until))
    away = ~_reachable(field, d[pair], s[pair], slot)
    pair, slot, begin, end, until = (x[~away] for x in (pair, slot, begin, end, until))
    alone = pairs[free]
    none = np.full(len(alone), -1)
    return Meetings(
        np.concatenate([pair, alone]),
        np.concatenate([slot, none]),
        np.concatenate([begin, none]),
        np.concatenate([end, none]),
        np.concatenate([until - end, np.zeros(len(alone), dtype=np.int64)]),
    )


def _reachable(field: Field, d: Array, s: Array, slot: Array) -> Array:
    """On site the slot's own person must be willing to come this far."""
    person = field.supply.slot_person[slot]
    online = (field.demand.places[d] & field.supply.places[s] & 2) > 0
    has = person >= 0
    if not len(field.person_radius):
        return np.ones(len(d), dtype=bool)
    at = np.where(has, person, 0)
    km = kilometres(field.demand.point[d], field.person_point[at])
    visits_us = field.supply.radius[s] < FAR  # pupils travel to a tour, nobody to them
    return online | ~has | visits_us | (km <= field.person_radius[at])


def _expand(rows: Array, starts: Array, of: Array) -> tuple[Array, Array]:
    """Each row repeated for every entry of its list: (row, entry's index)."""
    begin, counts = starts[of], starts[of + 1] - starts[of]
    repeated = np.repeat(rows, counts)
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return repeated, np.repeat(begin, counts) + offset


def _first_of_each(pair: Array, slot: Array) -> Array:
    """The first row of each (pair, slot), which stand together: windows are in order."""
    new = np.ones(len(pair), dtype=bool)
    new[1:] = (pair[1:] != pair[:-1]) | (slot[1:] != slot[:-1])
    return np.nonzero(new)[0]
