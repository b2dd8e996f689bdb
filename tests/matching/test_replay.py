"""A run replayed gives the same bytes: in another order, another process, on another hash seed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from matcher import matching
from matcher.matching import Settings
from matcher.matching.types import Pin, Window
from tests.conftest import CACHE
from tests.matching.market import MONDAY, TopicSpace, random_market

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = """
import hashlib, random, sys
from pathlib import Path
from matcher.matching import Settings, propose
from matcher.matching.text import default_space
from benchmarks.market import build_market
market = build_market(40, 70)
chance = random.Random(int(sys.argv[1]))
for side in (market.demands, market.supplies, market.people):
    chance.shuffle(side)
space = default_space(Path(sys.argv[2]))
result = propose(market.demands, market.supplies, market.people, Settings(), space=space)
print(len(result.proposals), hashlib.sha256(result.as_json().encode()).hexdigest())
"""


def replayed(order: int, hash_seed: str) -> str:
    """What a process of its own makes of a market whose sides stand in this order."""
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(order), str(CACHE)],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip()


def test_two_processes_with_other_hash_seeds_and_orders_give_the_same_bytes() -> None:
    """With the real texts: 40 needs, 70 offers."""
    first, second = replayed(1, "1"), replayed(2, "4242")
    proposals, digest = first.split()
    assert int(proposals) > 10
    assert len(digest) == 64
    assert second == first


def _shuffled(side: Any, name: str, chance: random.Random) -> Any:
    entries = list(getattr(side, name))
    chance.shuffle(entries)
    return replace(side, **{name: tuple(entries)})


def test_everything_shuffled_gives_the_same_bytes() -> None:
    """Pins, what stood, slots and windows too, in ten orders."""
    market = random_market(11, needs=6, offers=6)
    day = timedelta(days=1)
    more = (Window(MONDAY + 7 * day, MONDAY + 7 * day + timedelta(hours=8)),)
    market.demands = [replace(need, windows=need.windows + more) for need in market.demands]
    pins = [Pin("n0", "o0a", forbid=False), Pin("n1", "o1a", forbid=True)]
    standing = [("n2", "o2a", "p2-0"), ("n3", "o3a", "p3-0")]
    seen = set()
    for seed in range(10):
        chance = random.Random(seed)
        for side in (market.demands, market.supplies, market.people, pins, standing):
            chance.shuffle(side)
        market.supplies = [_shuffled(offer, "slots", chance) for offer in market.supplies]
        market.demands = [_shuffled(need, "windows", chance) for need in market.demands]
        result = matching.propose(
            market.demands,
            market.supplies,
            market.people,
            Settings(),
            pins=pins,
            standing=standing,
            space=TopicSpace(),
        )
        seen.add(result.as_json())
    assert len(seen) == 1
    assert '"proposals":[{' in seen.pop()
