"""The price of a swap beside full enumeration: ``python -m benchmarks.swaps --instances 2000``.

In small random regions a need is given another offer. The price told (what the whole choice loses)
is compared with the best of all choices that contain the pair, found by walking through every
choice, and the choices with those of two whole runs from scratch.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np

from benchmarks.brute_force import Walk, whole
from matcher.matching import Settings, engine, propose
from matcher.matching.inputs import Inputs, in_order
from matcher.matching.market import FORCED
from matcher.matching.swap import Swap, price_of
from matcher.matching.types import Pin
from tests.matching.market import TopicSpace, random_market

PLAIN = Settings(
    small_company_share=0.0, unserved_school_share=0.0, explore_share=0.0, slots_per_pair=2
)
FAIR = Settings(small_company_share=0.4, slots_per_pair=2)
SPACE: Any = TopicSpace()
CLOSE = 2e-6  # values are told in whole millionths


def instance(seed: int) -> tuple[Inputs, tuple[str, str]]:
    """A small region with a pin and a standing suggestion or two, and a pair to swap in."""
    chance = random.Random(seed)
    market = random_market(seed, needs=4, offers=3)
    needs, offers = [d.key for d in market.demands], [s.key for s in market.supplies]
    pins = [Pin(chance.choice(needs), chance.choice(offers), forbid=True)]
    inputs = in_order(market.demands, market.supplies, market.people, pins)
    return inputs, (chance.choice(needs), chance.choice(offers))


def compare(seed: int) -> dict[str, int]:
    """One instance: what came out different (1) or not (0), and what it held."""
    inputs, pair = instance(seed)
    told = price_of(inputs, pair, PLAIN, SPACE)
    fair = price_of(inputs, pair, FAIR, SPACE)
    return {
        "possible": int(told.possible),
        "moves_others": int(any(moved.demand != pair[0] for moved in told.moved)),
        "price_differs": int(_differs_from_enumeration(told, inputs, pair)),
        "runs_differ": int(_differs_from_runs(told, inputs, pair, PLAIN)),
        "fair_runs_differ": int(_differs_from_runs(fair, inputs, pair, FAIR)),
    }


def _differs_from_enumeration(told: Swap, inputs: Inputs, pair: tuple[str, str]) -> bool:
    """The value before is the best of all choices; after, the best of those with the pair."""
    pins = [pin for pin in inputs.pins if (pin.demand, pin.supply) != pair]
    values = []
    for extra in ([], [Pin(*pair, forbid=False)]):
        made = in_order(inputs.demands, inputs.supplies, inputs.people, [*pins, *extra])
        board = engine.make_board(made, PLAIN, SPACE, lambda _stage: None)
        values.append(_best_value(board, forced=bool(extra)))
    before, after = values
    if told.possible != (after is not None) or abs(told.value_before - (before or 0.0)) > CLOSE:
        return True
    return after is not None and abs(told.value_after - after) > CLOSE


def _best_value(board: engine.Board, *, forced: bool) -> float | None:
    """The best value of all choices, or of those that hold a pinned meeting; None for none."""
    walk = Walk(board.market, board.diary)
    for need in range(len(board.market.wanted)):
        walk.widen(need)
    costs = walk.costs()
    if forced:
        kept = walk.chosen[:, board.forced].any(axis=1)
        costs = costs[kept] + whole(FORCED)
    return -float(costs.min()) / 1e9 if len(costs) else None


def _differs_from_runs(
    told: Swap, inputs: Inputs, pair: tuple[str, str], settings: Settings
) -> bool:
    """Two runs from scratch give the same sums, and move the same needs."""
    pins = [pin for pin in inputs.pins if (pin.demand, pin.supply) != pair]
    runs = [
        propose(
            inputs.demands, inputs.supplies, inputs.people, settings, pins=given, space=SPACE
        ).proposals
        for given in (pins, [*pins, Pin(*pair, forbid=False)])
    ]
    sums = [sum(p.score for p in run) for run in runs]
    given = [sorted((p.demand, p.supply, p.slot or "") for p in run) for run in runs]
    moved = {key for one in (set(given[0]) ^ set(given[1]),) for key, _, _ in one}
    close = np.allclose(sums, [told.score_before, told.score_after], atol=1e-4)
    return not close or moved != {entry.demand for entry in told.moved}


def measure(instances: int, first: int = 0, workers: int = 2) -> dict[str, float]:
    """Sums over instances, and seconds."""
    started = time.perf_counter()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(compare, range(first, first + instances), chunksize=50))
    totals = {name: sum(row[name] for row in found) for name in found[0]}
    return {"instances": instances, **totals, "seconds": round(time.perf_counter() - started, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    print(json.dumps(measure(given.instances, given.first, given.workers), indent=2))


if __name__ == "__main__":
    main()
