"""What solving regions apart costs: ``python -m benchmarks.shards``.

One market is cut into contiguous parts with about as many needs each. Every part may use what its
needs could reach (its own, its neighbours', all that is online), shared out by ``shards.divide`` as
in the nightly run, and is solved alone; then the needs left empty are matched once more with what
is left, as the jobs process does within seconds.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.apart import apart
from benchmarks.market import build_market
from matcher import clock
from matcher.matching import Inputs, Result, Settings, propose
from matcher.matching.inputs import in_order
from matcher.matching.shards import divide
from matcher.matching.text import default_space
from matcher.matching.types import Demand, Pairing, Person, Place, Supply

REACH_DEGREES = (0.9, 1.4)  # as the nightly run reads a region's problem
NOWHERE = Place(0.0, 0.0)
Row = dict[str, float | str | int]


def contiguous(demands: Sequence[Demand], parts: int) -> list[list[Demand]]:
    """Needs by halves of the map, the longer side first, until there are so many parts."""
    if parts == 1:
        return [list(demands)]
    places = [d.location or NOWHERE for d in demands]
    tall = max(p.latitude for p in places) - min(p.latitude for p in places)
    wide = max(p.longitude for p in places) - min(p.longitude for p in places)

    def along(demand: Demand) -> tuple[float, str]:
        place = demand.location or NOWHERE
        return (place.latitude if tall > wide * 0.6 else place.longitude), demand.key

    ordered = sorted(demands, key=along)
    first = parts // 2
    cut = len(ordered) * first // parts
    return contiguous(ordered[:cut], first) + contiguous(ordered[cut:], parts - first)


def problem_of(demands: Sequence[Demand], whole: Inputs) -> Inputs:
    """Some needs with every offer they might reach."""
    places = [d.location for d in demands if d.location is not None]
    north, east = REACH_DEGREES
    box = (
        min(p.latitude for p in places) - north,
        max(p.latitude for p in places) + north,
        min(p.longitude for p in places) - east,
        max(p.longitude for p in places) + east,
    )
    supplies = [s for s in whole.supplies if _is_within(s, box)]
    named = {slot.professional for s in supplies for slot in s.slots}
    return in_order(demands, supplies, [p for p in whole.people if p.key in named])


def _is_within(supply: Supply, box: tuple[float, float, float, float]) -> bool:
    if supply.on_demand or supply.place != "onsite" or supply.location is None:
        return True
    south, north, west, east = box
    at = supply.location
    return south <= at.latitude <= north and west <= at.longitude <= east


def left_over(whole: Inputs, made: Sequence[Pairing]) -> Inputs:
    """The needs without a proposal, and what nobody was given."""
    served = {p.demand for p in made}
    slots, films = Counter(p.slot for p in made), Counter(p.supply for p in made if p.slot is None)
    visits: dict[str, Counter[str]] = {}
    for pairing in made:
        if pairing.professional is not None and pairing.start is not None:
            day = clock.local(pairing.start).date()
            counted = visits.setdefault(pairing.professional, Counter())
            counted.update([clock.month(day), clock.term(day)])
    return in_order(
        [d for d in whole.demands if d.key not in served],
        [_less(s, slots, films[s.key]) for s in whole.supplies],
        [_busier(p, visits.get(p.key)) for p in whole.people],
    )


def _less(supply: Supply, taken: Counter[str | None], given: int) -> Supply:
    slots = [replace(s, seats=s.seats - taken[s.key]) for s in supply.slots]
    kept = tuple(s for s in slots if s.seats > 0)
    return replace(supply, slots=kept, capacity=max(0, supply.capacity - given))


def _busier(person: Person, visits: Counter[str] | None) -> Person:
    if visits is None:
        return person
    return replace(person, taken=dict(Counter(person.taken) + visits))


@dataclass(frozen=True)
class Solved:
    """A part's result and how long it took, with the reading of texts."""

    result: Result
    seconds: float


def solve(inputs: Inputs) -> Solved:
    started = time.perf_counter()
    result = propose(inputs.demands, inputs.supplies, inputs.people, Settings())
    return Solved(result, time.perf_counter() - started)


def table(needs: int, offers: int, counts: Sequence[int]) -> list[Row]:
    """A row per number of parts, each in a process of its own; the first is the whole."""
    rows: list[Row] = []
    best = 0.0
    for parts in counts:
        done = apart(row, needs, offers, parts)
        value = done.value.pop("objective")
        best = best or value
        rows.append(done.value | {"of the whole": f"{value / best:.2%}", "MB": round(done.peak_mb)})
    return rows


def row(needs: int, offers: int, parts: int) -> dict[str, float | int]:
    """What so many parts come to."""
    market = build_market(needs, offers)
    whole = in_order(market.demands, market.supplies, market.people)
    solve(in_order(market.demands[:5], market.supplies[:5], market.people))  # the texts are learnt
    started = time.perf_counter()
    problems = [problem_of(some, whole) for some in contiguous(whole.demands, parts)]
    shares = divide(problems, default_space())
    divided = time.perf_counter() - started
    solved = [solve(problem) for problem in shares]
    made = [p for one in solved for p in one.result.proposals]
    last = solve(left_over(whole, made)) if parts > 1 else None
    results = [one.result for one in solved] + ([last.result] if last else [])
    seconds = [one.seconds for one in solved]
    return {
        "parts": parts,
        "offers of a part": round(sum(len(p.supplies) for p in shares) / parts),
        "objective": sum(float(r.statistics["objective"]) for r in results),
        "empty before": needs - len({p.demand for p in made}),
        "empty after": needs - len({p.demand for r in results for p in r.proposals}),
        "seconds to divide": round(divided, 1),
        "slowest part s": round(max(seconds), 1),
        "all parts s": round(sum(seconds), 1),
        "what is left s": round(last.seconds, 1) if last else 0.0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--needs", type=int, default=6_000)
    parser.add_argument("--offers", type=int, default=3_000)
    parser.add_argument("--parts", type=int, nargs="+", default=[1, 4, 12, 24])
    given = parser.parse_args()
    print(json.dumps(table(given.needs, given.offers, given.parts), indent=1))


if __name__ == "__main__":
    main()
