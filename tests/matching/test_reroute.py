"""A flow led round forbidden arcs is the cheapest still; a large market's search finds the best."""

from __future__ import annotations

import random

import numpy as np
import pytest

from benchmarks.brute_force import enumerate_best, random_instance
from matcher.matching import assignment
from matcher.matching.reroute import Reroutes


def test_led_round_costs_what_a_new_flow_costs() -> None:
    """Meetings forbidden one after another, in two orders, and going back between them."""
    moved = 0
    for seed in range(60):
        market = random_instance(seed).market
        every = np.arange(len(market.need))
        solved = assignment.solved(market, every)
        reroutes, chance = Reroutes(solved.graph, solved.flow), random.Random(seed)
        ways = {(): reroutes.first}
        for _ in range(12):
            before = chance.choice(sorted(ways))
            row = chance.randrange(len(every))
            ways[(*before, row)] = reroutes.without(ways[before], [int(solved.of_row[row])])
        for out, way in ways.items():
            allowed = np.ones(len(every), dtype=bool)
            allowed[list(out)] = False
            assert way.cost == assignment.choose(market, allowed).cost
            moved += way.cost != reroutes.first.cost
    assert moved > 100


def test_a_flow_led_round_is_a_flow() -> None:
    solved = assignment.solved(random_instance(3).market, np.arange(10))
    reroutes = Reroutes(solved.graph, solved.flow)
    used = solved.of_row[solved.flow[solved.of_row] > 0]
    way = reroutes.without(reroutes.first, used[:2].tolist())
    flow = solved.flow.copy()
    flow[list(way.flow)] = list(way.flow.values())
    balance = np.zeros(solved.graph.nodes, dtype=np.int64)
    np.add.at(balance, solved.graph.tail, flow)
    np.subtract.at(balance, solved.graph.head, flow)
    balance[[solved.graph.source, solved.graph.sink]] = 0
    assert not balance.any()
    assert ((flow >= 0) & (flow <= solved.graph.capacity)).all()
    assert not flow[used[:2]].any()
    assert int((flow * solved.graph.cost).sum()) == way.cost


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every market counts as a large one."""
    monkeypatch.setattr(assignment, "LARGE", 0)


@pytest.mark.usefixtures("large")
def test_a_large_markets_search_finds_the_best_and_proves_it() -> None:
    clashing = 0
    for seed in range(60):
        instance = random_instance(seed)
        market, diary = instance.market, instance.diary
        rows, value, bound = assignment.best(
            market, diary.clashes, rounds=4, nodes=100_000, forced=instance.forced
        )
        assert diary.clashes(rows) == []
        assert assignment.cost_of(market, rows) == enumerate_best(market, diary)[0]
        assert value == bound
        clashing += value < assignment.choose(market, np.ones(len(market.need), bool)).objective
    assert clashing > 5
