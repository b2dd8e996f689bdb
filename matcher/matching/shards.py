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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from matcher.matching import holders
from matcher.matching.holders import Keys, Problem, hashed
from matcher.matching.text import TextSpace
from matcher.matching.types import Slot, Supply
from matcher.matching.wishes import Wishes, wish

P = TypeVar("P", bound=Problem)
T = TypeVar("T", Supply, Slot)


def divide(problems: Sequence[P], space: TextSpace) -> list[P]:
    """The same problems, none of which can give away what another can.

    The result does not depend on anything but the problems and their order. A problem that shares
    nothing comes back as it is.
    """
    if len(problems) < 2:
        return list(problems)
    keys = Keys(problems)
    found = holders.find_holders(problems, keys)
    claimed = {key: one.claimed_by for key, one in found.items()}
    owned = {key: region for key, region in claimed.items() if region is not None}
    wishes = wish(problems, keys, owned, space)
    left = {key: one for key, one in found.items() if key not in wishes.owners}
    owners = wishes.owners | holders.drawn(problems, left)
    shares = _shares(problems, wishes)
    return [
        _Part(number, keys, owners, shares[number]).of(problem)
        for number, problem in enumerate(problems)
    ]


@dataclass(frozen=True)
class _Part:
    """What is one region's: by whom, and how many places of what nobody holds."""

    number: int
    keys: Keys
    owners: Mapping[str, int]
    share: Mapping[str, int]

    def of(self, problem: P) -> P:
        """The problem with no more than that; itself when that is all it had."""
        supplies = tuple(less for s in problem.supplies if (less := self._less(s)) is not None)
        if supplies == problem.supplies:
            return problem
        named = {slot.professional for supply in supplies for slot in supply.slots}
        people = tuple(person for person in problem.people if person.key in named)
        return replace(problem, supplies=supplies, people=people)  # type: ignore[type-var]

    def _less(self, supply: Supply) -> Supply | None:
        if supply.on_demand:
            many = self.share.get(supply.key, supply.capacity)
            return _as(supply, capacity=many) if many else None
        slots = tuple(less for slot in supply.slots if (less := self._slot(supply, slot)))
        return _as(supply, slots=slots) if slots else None

    def _slot(self, supply: Supply, slot: Slot) -> Slot | None:
        if slot.professional is not None:
            mine = self.owners[self.keys.holder(supply, slot.professional)] == self.number
            return slot if mine else None
        seats = self.share.get(slot.key, slot.seats)
        return _as(slot, seats=seats) if seats else None


def _as(thing: T, **changes: Any) -> T:
    """With these changes; itself when they change nothing."""
    same = all(getattr(thing, name) == value for name, value in changes.items())
    return thing if same else replace(thing, **changes)  # type: ignore[type-var]


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
