"""A what-if beside a whole run, in one region: ``python -m benchmarks.what_if --needs 2000``.

The first answer lays the region out; those after it only weigh and solve. Each is compared with a
whole run with the same settings.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import Any

from benchmarks.market import build_market
from matcher.matching import Settings, propose, what_if
from matcher.matching.inputs import Inputs, in_order
from matcher.matching.settings import DEFAULT_WEIGHTS
from matcher.matching.text import default_space

WEIGHTS = [
    {**DEFAULT_WEIGHTS, part: weight}
    for part in ("text", "distance", "level", "novelty", "partner")
    for weight in (0.0, 0.5)
]
TRIED: tuple[Settings, ...] = (
    *(Settings(weights=weights) for weights in WEIGHTS),
    Settings(first_visit_bonus=0.0, school_bonus=0.0, load_cost=0.0, reserve_price=0.0),
    Settings(first_visit_bonus=0.3, school_bonus=0.15, load_cost=0.03, reserve_price=0.36),
)


def measure(needs: int, offers: int, seed: int = 7) -> dict[str, Any]:
    """Seconds of a whole run, of laying out, and of each answer after it; and how many differ."""
    market, space = build_market(needs, offers, seed), default_space()
    first, _ = _timed(lambda: propose(*_sides(market), Settings(), space=space))
    standing = [(p.demand, p.supply, p.slot) for p in first.proposals]
    inputs = in_order(*_sides(market), standing=standing)
    bench, laid_out = _timed(lambda: what_if.set_out(inputs, Settings(), space))
    answers, wholes, differing = [], [], 0
    for settings in TRIED:
        chosen, seconds = _timed(lambda s=settings: what_if.choose(bench, s))
        run, whole = _timed(lambda s=settings: _whole(inputs, s, space))
        answers.append(seconds)
        wholes.append(whole)
        told = {(n, h.supply, h.slot) for n, held in chosen.held.items() for h in held}
        differing += told != {(p.demand, p.supply, p.slot) for p in run.proposals}
    answer, whole = statistics.median(answers), statistics.median(wholes)
    return {
        "needs": needs,
        "offers": offers,
        "settings tried": len(TRIED),
        "whole run s": round(whole, 2),
        "laid out s": round(laid_out, 2),
        "answer s": round(answer, 2),
        "slowest answer s": round(max(answers), 2),
        "of a whole run": f"{100 * answer / whole:.0f}%",
        "differing from the whole run": differing,
    }


def _sides(market: Any) -> tuple[Any, Any, Any]:
    return market.demands, market.supplies, market.people


def _whole(inputs: Inputs, settings: Settings, space: Any) -> Any:
    sides = inputs.demands, inputs.supplies, inputs.people
    return propose(*sides, settings, standing=inputs.standing, space=space)


def _timed(work: Any) -> tuple[Any, float]:
    started = time.perf_counter()
    done = work()
    return done, time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--needs", type=int, default=2_000)
    parser.add_argument("--offers", type=int, default=3_500)
    given = parser.parse_args()
    print(json.dumps(measure(given.needs, given.offers), indent=2))


if __name__ == "__main__":
    main()
