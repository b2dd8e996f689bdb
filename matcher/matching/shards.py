"""Regions as problems of their own: what several could use is divided before they are solved.

Each region has its needs, and the offers its needs might reach: its own, its neighbours', and all
that is online. Solved apart, two regions would give one moment away twice. So each person (or the
whole company, where it has a limit) goes to one region, and places in webinars and of offers
without a date are split: pinned pairs first, then what stood yesterday, then where it serves best
by a look over the whole (``wishes``), then by chance, in proportion to the needs that are near.
Needs that this leaves empty are for another run, one region after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from matcher.matching import holders
from matcher.matching.holders import Problem, hashed, holder
from matcher.matching.text import TextSpace
from matcher.matching.types import Slot, Supply
from matcher.matching.wishes import Wishes, wish

P = TypeVar("P", bound=Problem)


def divide(problems: Sequence[P], space: TextSpace) -> list[P]:
    """The same problems, none of which can give away what another can.

    The result does not depend on anything but the problems and their order. A problem that shares
    nothing comes back as it is.
    """
    if len(problems) < 2:
        return list(problems)
    found = holders.find_holders(problems)
    claimed = {key: one.claimed_by for key, one in found.items()}
    owned = {key: region for key, region in claimed.items() if region is not None}
    wishes = wish(problems, owned, space)
    left = {key: one for key, one in found.items() if key not in wishes.owners}
    owners = wishes.owners | holders.drawn(problems, left)
    shares = _shares(problems, wishes)
    return [
        _part(problem, number, owners, shares[number]) for number, problem in enumerate(problems)
    ]


def _part(problem: P, number: int, owners: dict[str, int], share: dict[str, int]) -> P:
    """A problem with the moments of those who are its own, and its share of the rest."""
    supplies = []
    for supply in problem.supplies:
        if supply.on_demand:
            less = replace(supply, capacity=share.get(supply.key, supply.capacity))
            if less.capacity:
                supplies.append(less if less != supply else supply)
            continue
        slots = _slots(supply, number, owners, share)
        if slots:
            supplies.append(supply if slots == supply.slots else replace(supply, slots=slots))
    if tuple(supplies) == problem.supplies:
        return problem
    named = {slot.professional for supply in supplies for slot in supply.slots}
    people = tuple(person for person in problem.people if person.key in named)
    return replace(problem, supplies=tuple(supplies), people=people)  # type: ignore[type-var]


def _slots(
    supply: Supply, number: int, owners: dict[str, int], share: dict[str, int]
) -> tuple[Slot, ...]:
    kept = []
    for slot in supply.slots:
        if slot.professional is not None:
            if owners[holder(supply, slot.professional)] == number:
                kept.append(slot)
        elif seats := share.get(slot.key, slot.seats):
            kept.append(slot if seats == slot.seats else replace(slot, seats=seats))
    return tuple(kept)


def _shares(problems: Sequence[Problem], wishes: Wishes) -> list[dict[str, int]]:
    """By problem: places in webinars by slot, and of offers without a date by offer."""
    least: dict[str, dict[int, int]] = defaultdict(dict)  # key -> region -> what it should get
    places: dict[str, int] = {}
    for number, problem in enumerate(problems):
        claims = holders.claims_of(problem)
        for supply in problem.supplies:
            claimed = sum(claims.get(supply.key, (0, 0)))
            for key, many in _shared_places(supply):
                least[key][number] = max(claimed, wishes.places[number][key])
                places[key] = many
    sizes = [len(problem.demands) for problem in problems]
    found: list[dict[str, int]] = [{} for _ in problems]
    for key, of_region in least.items():
        if len(of_region) > 1:
            regions = sorted(of_region)
            parts = _split(key, places[key], [(of_region[r], sizes[r]) for r in regions])
            for region, many in zip(regions, parts, strict=True):
                found[region][key] = many
    return found


def _shared_places(supply: Supply) -> list[tuple[str, int]]:
    if supply.on_demand:
        return [(supply.key, supply.capacity)]
    return [(slot.key, slot.seats) for slot in supply.slots if slot.professional is None]


def _split(key: str, places: int, regions: Sequence[tuple[int, int]]) -> list[int]:
    """So many places over regions given as (least, needs): the least first, then by needs.

    Largest remainders; which of equals comes first turns with the key.
    """
    given, left = [], places
    for least, _ in regions:
        given.append(min(least, left))
        left -= given[-1]
    total = sum(needs for _, needs in regions) or 1
    exact = [left * needs / total for _, needs in regions]
    more = [int(part) for part in exact]
    turn = hashed(key)
    order = sorted(
        range(len(regions)),
        key=lambda n: (round(more[n] - exact[n], 9), (n + turn) % len(regions)),
    )
    for n in order[: left - sum(more)]:
        more[n] += 1
    return [a + b for a, b in zip(given, more, strict=True)]
