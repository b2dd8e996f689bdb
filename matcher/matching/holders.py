"""Those who go to one of several regions whole: people, and companies whose limit may bite."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.matching import travel
from matcher.matching.columns import kilometres, points
from matcher.matching.scoring import ONLINE
from matcher.matching.types import Demand, Person, Pin, Place, Supply

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
    @property
    def synonyms(self) -> tuple[tuple[str, str, str], ...]: ...


class Keys:
    """The key of who goes to a region whole: a person, or the company where its limit may bite."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self._limited = _limited(problems)

    def holder(self, supply: Supply, person: str) -> str:
        return (
            f"company {supply.company}" if supply.company in self._limited else f"person {person}"
        )

    def holders(self, supply: Supply) -> list[str]:
        """Of all who give this offer, in order."""
        return sorted({self.holder(supply, s.professional) for s in supply.slots if s.professional})


def _limited(problems: Sequence[Problem]) -> frozenset[str]:
    """Companies whose people could give more visits in a term than the company has left."""
    left: dict[str, int] = {}
    moments: dict[tuple[str, str], set[str]] = defaultdict(set)
    caps: dict[str, int] = {}
    for problem in problems:
        caps |= {person.key: person.term_cap for person in problem.people}
        for supply in problem.supplies:
            if supply.company_term_cap is not None:
                taken = max(supply.company_taken.values(), default=0)
                here = supply.company_term_cap - taken
                left[supply.company] = min(here, left.get(supply.company, here))
            for slot in supply.slots:
                if slot.professional is not None:
                    moments[supply.company, slot.professional].add(slot.key)
    most: dict[str, int] = defaultdict(int)
    for (company, person), slots in moments.items():
        most[company] += min(len(slots), caps.get(person, len(slots)))
    return frozenset(company for company, visits in left.items() if most[company] > visits)


@dataclass
class Holder:
    """Which regions could use it, from where, and how.

    ``claims`` are, by region, how many pinned pairs and how many of yesterday's pairs it stands in.
    """

    regions: set[int]
    place: Place | None
    online: bool
    claims: dict[int, tuple[int, int]]

    @property
    def claimed_by(self) -> int | None:
        """The region with most pinned pairs, then with most that stood; the first of equals."""
        if len(self.regions) == 1:
            return min(self.regions)
        return max(sorted(self.claims), key=self.claims.__getitem__) if self.claims else None


def find_holders(problems: Sequence[Problem], keys: Keys) -> dict[str, Holder]:
    """Everybody who holds something, by key."""
    found: dict[str, Holder] = {}
    for number, problem in enumerate(problems):
        people = {person.key: person for person in problem.people}
        claims = claims_of(problem)
        for supply, name in _givers(problem):
            key = keys.holder(supply, name)
            if key not in found:
                person = people.get(name)
                place = person.location if person is not None else supply.location
                found[key] = Holder(set(), place, online=False, claims={})
            one = found[key]
            one.regions.add(number)
            one.online |= supply.place != "onsite"
            if supply.key in claims:
                had, more = one.claims.get(number, (0, 0)), claims[supply.key]
                one.claims[number] = (had[0] + more[0], had[1] + more[1])
    return found


def _givers(problem: Problem) -> Iterator[tuple[Supply, str]]:
    """Each offer with each person who gives it, the same whatever the order of offers."""
    for supply in sorted(problem.supplies, key=lambda s: s.key):
        for name in sorted({s.professional for s in supply.slots if s.professional}):
            yield supply, name


def claims_of(problem: Problem) -> dict[str, tuple[int, int]]:
    """By offer: how many pinned pairs it stands in, and how many that stood yesterday."""
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for pin in problem.pins:
        if not pin.forbid:
            counted[pin.supply][0] += 1
    for _, supply, _ in problem.standing:
        counted[supply][1] += 1
    return {key: (pinned, stood) for key, (pinned, stood) in counted.items()}


def drawn(problems: Sequence[Problem], left: Mapping[str, Holder]) -> dict[str, int]:
    """A region for each, by the hash of its key, in proportion to the needs that are near."""
    keys = sorted(left)
    weights = _weights(problems, [left[key] for key in keys])
    return {key: _draw(key, row) for key, row in zip(keys, weights, strict=True)}


def _weights(problems: Sequence[Problem], holders: Sequence[Holder]) -> Array:
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


def _draw(key: str, weights: Array) -> int:
    """A region by the hash of a key, in proportion to the weights in ten-thousandths."""
    whole = np.cumsum(np.rint(weights / weights.sum() * 10_000).astype(np.int64) + (weights > 0))
    return int(np.searchsorted(whole, hashed(key) % int(whole[-1]), side="right"))


def hashed(key: str) -> int:
    """A large number that is the same for a key in every process."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
