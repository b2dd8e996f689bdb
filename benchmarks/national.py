"""The national run, end to end: vectors, candidates, scores, assignment, reasons."""

from __future__ import annotations

import argparse
import json
import time

from benchmarks.apart import Children, forget_peak, peak_mb
from benchmarks.market import build_market
from matcher.matching import Settings, propose


def measure(needs: int, offers: int, seed: int = 7) -> dict[str, object]:
    """One run on a market of this size; seconds exclude building the market itself.

    ``peak_mb`` is the most memory of this process, market and libraries included, and the most of
    its solvers at any one time.
    """
    market = build_market(needs, offers, seed)
    forget_peak()
    with Children() as solvers:
        started = time.perf_counter()
        result = propose(market.demands, market.supplies, market.people, Settings())
        seconds = time.perf_counter() - started
    statistics = result.statistics
    return {
        "needs": needs,
        "offers": offers,
        "seconds": round(seconds, 2),
        "peak_mb": round(peak_mb("self") + solvers.peak_mb),
        "candidates": statistics["candidates"],
        "matched": statistics["matched"],
        "unmatched": statistics["unmatched"],
        "gap": statistics["gap"],
        "gini": statistics["gini"],
        "small_company_share": statistics["small_company_share"],
        "stages": {name: round(value, 2) for name, value in result.timings.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--needs", type=int, default=40_000)
    parser.add_argument("--offers", type=int, default=70_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(given.needs, given.offers, given.seed)
    print(json.dumps(figures) if given.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
