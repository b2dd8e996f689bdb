"""Meetings with scores as a market: groups with what is left of them, and bonuses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching import assignment, scoring
from matcher.matching.constraints import Field, Meetings
from matcher.matching.inputs import Inputs
from matcher.matching.partners import Partners
from matcher.matching.side import Side
from matcher.matching.types import Demand

Array = NDArray[Any]
FORCED = 20.0  # more than all that could stand against one pinned meeting


@dataclass(frozen=True)
class Met:
    """Meetings with the pairs they belong to."""

    d: Array
    s: Array
    found: Meetings
    scored: scoring.Scored
    forced: Array
    partners: Partners


def make_market(inputs: Inputs, field: Field, side: Side, met: Met) -> assignment.Market:
    """The market of all possible meetings: whom they would use, what they are worth."""
    found, settings, groups = met.found, field.settings, side.groups
    d, s = met.d[found.pair], met.s[found.pair]
    dated = found.slot >= 0
    slot = np.where(dated, found.slot, 0)
    stood = standing(inputs, field, d, s, found)
    school, unserved = _schools(inputs.demands)

    def of_slot(group: Array) -> Array:
        used = np.where(dated, group[slot], -1) if len(group) else np.full(len(slot), -1)
        return used.astype(np.int32)  # there are many meetings

    return assignment.Market(
        need=d,
        pair=found.pair,
        slot=of_slot(groups.slot),
        supply=s,
        month=of_slot(groups.month),
        term=of_slot(groups.term),
        company=of_slot(groups.company),
        value=met.scored.score
        + settings.stay_bonus * stood
        + FORCED * met.forced
        - settings.maybe_cost * unsure_rows(inputs, field, found),
        tie=_ties(field, d, s, found),
        small=side.small[s],
        known=met.partners.known(d, s),
        stood=stood,
        wanted=np.array([demand.visits_wanted for demand in inputs.demands], dtype=np.int64),
        school=school,
        school_first=np.where(unserved, settings.school_bonus, 0.0),
        unserved=unserved,
        need_first=np.full(len(inputs.demands), settings.first_visit_bonus),
        slot_cap=groups.slot_cap,
        supply_cap=side.capacity,
        groups=groups,
        load_cost=settings.load_cost,
    )


def unsure_rows(inputs: Inputs, field: Field, found: Meetings) -> Array:
    """Meetings, by row, of a person who has said maybe for this year."""
    maybe = np.array([*(person.maybe for person in inputs.people), False], dtype=bool)
    if not len(field.supply.slot_person):
        return np.zeros(len(found.slot), dtype=bool)
    person = np.where(found.slot >= 0, field.supply.slot_person[found.slot], -1)
    return np.asarray(maybe[person])


def _schools(demands: Sequence[Demand]) -> tuple[Array, Array]:
    """Each need's school by number, and which schools had no visit in the last year."""
    schools = sorted({demand.school for demand in demands})
    number = {school: n for n, school in enumerate(schools)}
    served = {demand.school for demand in demands if demand.visits_last_year > 0}
    unserved = np.array([school not in served for school in schools], dtype=bool)
    return np.array([number[d.school] for d in demands], dtype=np.int64), unserved


def standing(inputs: Inputs, field: Field, d: Array, s: Array, found: Meetings) -> Array:
    """Meetings that stood in yesterday's run."""
    stands = np.isin(numbered(d, s), pair_numbers(inputs, ((a, b) for a, b, _ in inputs.standing)))
    stood, slots = set(inputs.standing), field.supply.slot_keys
    for row in np.nonzero(stands)[0].tolist():
        slot = int(found.slot[row])
        key = slots[slot] if slot >= 0 else None
        stands[row] = (inputs.demands[d[row]].key, inputs.supplies[s[row]].key, key) in stood
    return stands


def numbered(d: Array, s: Array) -> Array:
    """One number for each pair of indices, in their order."""
    return np.asarray(d, dtype=np.int64) << 32 | np.asarray(s, dtype=np.int64)


def pair_numbers(inputs: Inputs, pairs: Iterable[tuple[str, str]]) -> Array:
    """The numbers of pairs of keys, in order, without those that are not among the inputs."""
    wanted = set(pairs)
    if not wanted:
        return np.zeros(0, dtype=np.int64)
    need = {demand.key: n for n, demand in enumerate(inputs.demands)}
    offer = {supply.key: n for n, supply in enumerate(inputs.supplies)}
    found = [need[a] << 32 | offer[b] for a, b in wanted if a in need and b in offer]
    return np.array(sorted(found), dtype=np.int64)


def _ties(field: Field, d: Array, s: Array, found: Meetings) -> Array:
    """A number per meeting from the keys alone (Knuth's multiplicative hash of their checksums)."""
    slots = field.supply.slot_hashed
    own = slots[found.slot] if len(slots) else np.zeros(len(d), dtype=np.uint64)
    own = np.where(found.slot >= 0, own, np.uint64(0)).astype(np.uint64)
    mixed = field.demand.hashed[d] * np.uint64(2654435761)
    mixed = mixed ^ (field.supply.hashed[s] * np.uint64(40503) + own * np.uint64(97))
    shifted: Array = (mixed >> np.uint64(7)) & np.uint64(0x7FFFFFFF)
    return shifted.astype(np.int32)
