"""Regions as problems of their own: what several could use is divided before they are solved.

Each region has its needs, and the offers its needs might reach: its own, its neighbours', and all
that is online. Solved apart, two regions would give one moment away twice. So each person (or the
whole company, where it has a limit) goes to one region, and seats and offers without a date are
split: pinned pairs first, then what stood yesterday, then by chance from a hash of the key, in
proportion to how many needs of a region are near. Needs that this leaves empty are for another run,
one region after the other.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.matching import travel
from matcher.matching.columns import kilometres, points
from matcher.matching.scoring import ONLINE
from matcher.matching.types import Demand, Person, Pin, Place, Slot, Supply

CELLS_PER_DEGREE = 5  # needs are counted by squares of about 22 by 14 km
KMH = 55.0
NOBODY = 0.001  # so that even what no need is near goes somewhere
Array = NDArray[Any]


class Problem(Protocol):
    """What a region's problem must have to be divided; a dataclass."""

    @property
    def demands(self) -> tuple[Demand, ...]: ...
    @property
    def supplies(self) -> tuple[Supply, ...]: ...
    @property
    def people(self) -> tuple[Person, ...]: ...
    @property
    def pins(self) -> tuple[Pin, ...]: ...
    @property
    def standing(self) -> tuple[tuple[str, str, str | None], ...]: ...


P = TypeVar("P", bound=Problem)


def divide(problems: Sequence[P]) -> list[P]:
    """The same problems, none of which can give away what another can.

    The result does not depend on anything but the problems and their order. A problem that shares
    nothing comes back as it is.
    """
    if len(problems) < 2:
        return list(problems)
    owners = _owners(problems)
    shares = _shares(problems)
    return [
        _part(problem, number, owners, shares[number]) for number, problem in enumerate(problems)
    ]


def holder(supply: Supply, person: str) -> str:
    """What is given to a region whole: a person, or the company where it has a limit."""
    return (
        f"company {supply.company}" if supply.company_term_cap is not None else f"person {person}"
    )


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


# ---- who gets a person or a company -------------------------------------------------------------
@dataclass
class _Holder:
    """One that goes to a region whole: which regions could use it, from where, and how."""

    regions: set[int]
    place: Place | None
    online: bool
    claims: dict[int, tuple[int, int]]  # region -> pinned pairs, pairs that stood


def _owners(problems: Sequence[Problem]) -> dict[str, int]:
    """The region that each person or company goes to."""
    holders = _holders(problems)
    keys = sorted(holders)
    weights = _weights(problems, [holders[key] for key in keys])
    found = {}
    for key, row in zip(keys, weights, strict=True):
        one = holders[key]
        if len(one.regions) == 1:
            found[key] = min(one.regions)
        elif one.claims:
            found[key] = max(sorted(one.claims), key=lambda region: one.claims[region])
        else:
            found[key] = _drawn(key, row)
    return found


def _holders(problems: Sequence[Problem]) -> dict[str, _Holder]:
    found: dict[str, _Holder] = {}
    for number, problem in enumerate(problems):
        people = {person.key: person for person in problem.people}
        claims = _claims(problem)
        for supply in problem.supplies:
            for name in {s.professional for s in supply.slots if s.professional is not None}:
                key = holder(supply, name)
                if key not in found:
                    person = people.get(name)
                    place = person.location if person is not None else supply.location
                    found[key] = _Holder(set(), place, online=False, claims={})
                one = found[key]
                one.regions.add(number)
                one.online |= supply.place != "onsite"
                if supply.key in claims:
                    had, more = one.claims.get(number, (0, 0)), claims[supply.key]
                    one.claims[number] = (had[0] + more[0], had[1] + more[1])
    return found


def _claims(problem: Problem) -> dict[str, tuple[int, int]]:
    """By offer: how many pinned pairs it stands in, and how many that stood yesterday."""
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for pin in problem.pins:
        if not pin.forbid:
            counted[pin.supply][0] += 1
    for _, supply, _ in problem.standing:
        counted[supply][1] += 1
    return {key: (pinned, stood) for key, (pinned, stood) in counted.items()}


def _weights(problems: Sequence[Problem], holders: Sequence[_Holder]) -> Array:
    """Shape (holders, problems): each region's needs, by how near they are to the holder."""
    cells, counts = _cells(problems)
    table = np.zeros((len(holders), len(problems)))
    here = points([one.place for one in holders])
    online = np.array([one.online for one in holders], dtype=bool)
    for cell, count in zip(cells, counts, strict=True):
        km = kilometres(here, np.broadcast_to(cell, here.shape))
        near = travel.nearness(travel.minutes(km, KMH))
        table += np.where(online, np.maximum(near, ONLINE), near)[:, None] * count[None, :]
    allowed = np.zeros(table.shape, dtype=bool)
    for row, one in enumerate(holders):
        allowed[row, sorted(one.regions)] = True
    return np.where(allowed, table + NOBODY, 0.0)


def _cells(problems: Sequence[Problem]) -> tuple[Array, Array]:
    """Squares of the map as points (n, 3), and how many needs of each problem lie in each."""
    counted: dict[tuple[float, float], list[int]] = defaultdict(lambda: [0] * len(problems))
    for number, problem in enumerate(problems):
        for demand in problem.demands:
            if demand.location is not None:
                at = (
                    round(demand.location.latitude * CELLS_PER_DEGREE) / CELLS_PER_DEGREE,
                    round(demand.location.longitude * CELLS_PER_DEGREE) / CELLS_PER_DEGREE,
                )
                counted[at][number] += 1
    places = sorted(counted)
    counts = np.array([counted[at] for at in places], dtype=float)
    return points([Place(*at) for at in places]), counts


def _drawn(key: str, weights: Array) -> int:
    """A region by the hash of a key, in proportion to the weights in ten-thousandths."""
    whole = np.cumsum(np.rint(weights / weights.sum() * 10_000).astype(np.int64) + (weights > 0))
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % int(whole[-1])
    return int(np.searchsorted(whole, number, side="right"))


# ---- who gets how many of a seat or an offer without a date -------------------------------------
def _shares(problems: Sequence[Problem]) -> list[dict[str, int]]:
    """By problem: places in webinars by slot, and of offers without a date by offer."""
    wanted: dict[str, dict[int, int]] = defaultdict(dict)  # key -> region -> least it must get
    places: dict[str, int] = {}
    for number, problem in enumerate(problems):
        claims = _claims(problem)
        for supply in problem.supplies:
            least = sum(claims.get(supply.key, (0, 0)))
            for key, many in _shared_places(supply):
                wanted[key][number] = least
                places[key] = many
    sizes = [len(problem.demands) for problem in problems]
    found: list[dict[str, int]] = [{} for _ in problems]
    for key, least_of in wanted.items():
        if len(least_of) > 1:
            regions = sorted(least_of)
            parts = _split(key, places[key], [(least_of[r], sizes[r]) for r in regions])
            for region, many in zip(regions, parts, strict=True):
                found[region][key] = many
    return found


def _shared_places(supply: Supply) -> Iterable[tuple[str, int]]:
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
    turn = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    order = sorted(
        range(len(regions)),
        key=lambda n: (round(more[n] - exact[n], 9), (n + turn) % len(regions)),
    )
    for n in order[: left - sum(more)]:
        more[n] += 1
    return [a + b for a, b in zip(given, more, strict=True)]
