"""One new need against offers that stand ready: ``python -m benchmarks.one_need``.

What the jobs process does within seconds of a publication, but for the database: the need's text is
read, all offers are weighed, and what is proposed, its alternates and their reasons, or advice, are
made. The offers are those of the national run; none of the needs has been seen before.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks.apart import forget_peak, peak_mb
from benchmarks.market import build_market
from matcher.matching import Settings
from matcher.matching.standing import StandingOffers
from matcher.matching.text import default_space
from matcher.matching.types import Person, Supply


@dataclass
class Offers:
    """A market's offers, as a problem has them."""

    supplies: tuple[Supply, ...]
    people: tuple[Person, ...]
    synonyms: tuple[tuple[str, str, str], ...] = field(default=())


def measure(offers: int, needs: int = 500, seed: int = 7) -> dict[str, object]:
    """Milliseconds of each of ``needs``; seconds to make the offers ready are told beside them."""
    market = build_market(needs, offers, seed)
    given = Offers(tuple(market.supplies), tuple(market.people))
    space = default_space()
    forget_peak()
    began = time.perf_counter()
    standing = StandingOffers(given, space)
    ready, spent, proposed = time.perf_counter() - began, [], 0
    for demand in market.demands:
        started = time.perf_counter(), time.process_time()
        result = standing.propose([demand], Settings())
        spent.append((time.perf_counter() - started[0], time.process_time() - started[1]))
        proposed += len(result.proposals)
    wall, busy = np.array(spent).T * 1000
    return {
        "offers": offers,
        "needs": needs,
        "p50 ms": round(float(np.percentile(wall, 50))),
        "p95 ms": round(float(np.percentile(wall, 95))),
        "p50 ms of a core": round(float(np.percentile(busy, 50))),
        "p95 ms of a core": round(float(np.percentile(busy, 95))),
        "proposed": proposed,
        "seconds to make ready": round(ready, 1),
        "peak_mb": round(peak_mb("self")),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offers", type=int, default=70_000)
    parser.add_argument("--needs", type=int, default=500)
    given = parser.parse_args()
    print(json.dumps(measure(given.offers, given.needs), indent=2))


if __name__ == "__main__":
    main()
