"""Two solvers, one answer; and no answer is an error, not a crash."""

from __future__ import annotations

import random

import numpy as np
import pytest

from matcher.matching import flow


def _random_graph(seed: int) -> flow.Graph:
    chance = random.Random(seed)
    nodes = 8
    arcs = [(0, n, chance.randint(0, 2), 0) for n in range(2, 5)]
    arcs += [
        (a, b, chance.randint(0, 2), chance.randint(-50, 50))
        for a in range(2, 5)
        for b in range(5, nodes)
    ]
    arcs += [(n, 1, chance.randint(0, 2), 0) for n in range(5, nodes)]
    arcs.append((0, 1, 10, 0))
    columns = [np.array(column, dtype=np.int64) for column in zip(*arcs, strict=True)]
    return flow.Graph(*columns, source=0, sink=1, amount=5)


@pytest.mark.parametrize("seed", range(25))
def test_both_solvers_find_the_same_cost(seed: int) -> None:
    graph = _random_graph(seed)
    ours, check = flow.solve_with_ortools(graph), flow.solve_with_highs(graph)
    assert (ours * graph.cost).sum() == (check * graph.cost).sum()
    assert (ours <= graph.capacity).all()


def test_own_process_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = _random_graph(3)
    here = flow.solve(graph)
    monkeypatch.setattr(flow, "OWN_PROCESS_FROM", 1)
    assert (flow.solve(graph) == here).all()


def test_graph_that_cannot_carry_the_amount_is_refused() -> None:
    one = np.array([0], dtype=np.int64)
    graph = flow.Graph(one, one + 1, one + 2, one, source=0, sink=1, amount=5)
    with pytest.raises(flow.NotSolved):
        flow.solve(graph)
