"""Which region makes most of whom: all needs choose once, greedily, from all that is possible.

The pairs that a run would look at, by all parts of the score but the time, best first: a need takes
an offer whose holder is free or its region's already, and makes it its region's. It is no proposal,
only a look over the whole before it is divided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching import scoring
from matcher.matching.candidates import candidates
from matcher.matching.engine import make_field
from matcher.matching.holders import Keys, Problem
from matcher.matching.inputs import Inputs, in_order
from matcher.matching.settings import Settings
from matcher.matching.side import make_side
from matcher.matching.text import TextSpace
from matcher.matching.types import Supply

Array = NDArray[Any]


@dataclass
class Wishes:
    """Whose each holder would be, and how many places of what has no holder each region takes."""

    owners: dict[str, int]
    places: list[Counter[str]] = field(default_factory=list)


def wish(
    problems: Sequence[Problem], keys: Keys, owned: Mapping[str, int], space: TextSpace
) -> Wishes:
    """All regions' wishes, with those of ``owned`` given already."""
    whole, region = _together(problems)
    d, s, value = _pairs(whole, space)
    usable = _usable(problems, whole)
    kept = usable[region[d], s]
    d, s, value = d[kept], s[kept], value[kept]
    order = np.lexsort((s, d, -np.round(value, 9)))
    found = Wishes(dict(owned), [Counter() for _ in problems])
    wanted = [demand.visits_wanted for demand in whole.demands]
    givers = [keys.holders(supply) for supply in whole.supplies]
    free = _free(whole, keys)
    for need, offer in zip(d[order].tolist(), s[order].tolist(), strict=True):
        if wanted[need]:
            here = int(region[need])
            wanted[need] -= _take(found, free, here, whole.supplies[offer], givers[offer])
    return found


def _take(found: Wishes, free: Counter[str], here: int, supply: Supply, givers: list[str]) -> int:
    """1 if the offer can be had here still, and then one place less of it."""
    for key in givers or _places(supply):
        if free[key] > 0 and found.owners.get(key, here) == here:
            free[key] -= 1
            if givers:
                found.owners[key] = here
            else:
                found.places[here][key] += 1
            return 1
    return 0


def _places(supply: Supply) -> Iterable[str]:
    return [supply.key] if supply.on_demand else [slot.key for slot in supply.slots]


def _free(whole: Inputs, keys: Keys) -> Counter[str]:
    """How many visits each holder, webinar and offer without a date has to give, at most."""
    free: Counter[str] = Counter()
    caps = {person.key: person.term_cap for person in whole.people}
    times: dict[str, set[str]] = {}
    for supply in whole.supplies:
        if supply.on_demand:
            free[supply.key] = supply.capacity
        for slot in supply.slots:
            if slot.professional is None:
                free[slot.key] = slot.seats
                continue
            key = keys.holder(supply, slot.professional)
            times.setdefault(key, set()).add(slot.key)
            own = key.startswith("person")
            free[key] = caps.get(slot.professional, 0) if own else supply.company_term_cap or 0
    for key, moments in times.items():
        free[key] = min(free[key], len(moments))
    return free


def _together(problems: Sequence[Problem]) -> tuple[Inputs, Array]:
    """All problems as one, with each offer as whoever has most of it; and each need's region."""
    supplies: dict[str, Supply] = {}
    for problem in problems:
        for supply in problem.supplies:
            known = supplies.get(supply.key)
            if known is None or len(supply.slots) > len(known.slots):
                supplies[supply.key] = supply
    people = {person.key: person for problem in problems for person in problem.people}
    region = {d.key: number for number, problem in enumerate(problems) for d in problem.demands}
    demands = [demand for problem in problems for demand in problem.demands]
    synonyms = [synonym for problem in problems for synonym in problem.synonyms]
    whole = in_order(demands, supplies.values(), people.values(), synonyms=synonyms)
    return whole, np.array([region[d.key] for d in whole.demands], dtype=np.int64)


def _pairs(whole: Inputs, space: TextSpace) -> tuple[Array, Array, Array]:
    """Candidate pairs with their value: every part of the score that belongs to the pair."""
    settings = Settings()
    space = space.with_labels(whole.synonyms)
    side = make_side(whole.supplies, whole.people)
    columns, sides = make_field(whole, settings, side), scoring.make_sides(whole.demands, side)
    needs = space.encode([demand.text for demand in whole.demands])
    offers = space.encode([supply.text for supply in whole.supplies])
    d, s = candidates(columns, needs, offers, space)
    parts, _ = scoring.pair_parts(sides, columns, d, s)
    parts["text"] = np.asarray(space.pairwise(needs, offers, d, s), dtype=float)
    value = sum((settings.shares[name] * part for name, part in parts.items()), np.zeros(len(d)))
    kept = parts["text"] >= settings.text_floor
    return d[kept], s[kept], value[kept]


def _usable(problems: Sequence[Problem], whole: Inputs) -> Array:
    """Shape (problems, offers): which offers a region can use."""
    number = {supply.key: n for n, supply in enumerate(whole.supplies)}
    table = np.zeros((len(problems), len(number)), dtype=bool)
    for row, problem in enumerate(problems):
        table[row, [number[supply.key] for supply in problem.supplies]] = True
    return table
