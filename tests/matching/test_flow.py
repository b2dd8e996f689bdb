"""Two solvers, one answer; and no answer is an error, not a crash."""

from __future__ import annotations

import random

import numpy as np
import pytest

from matcher.matching import flow, shrink
from matcher.matching.graph import Graph


def _random_graph(seed: int) -> Graph:
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
    return Graph(*columns, source=0, sink=1, amount=5)


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


def _market_graph(seed: int) -> tuple[Graph, np.ndarray]:
    """Needs, moments, months and companies as in a market: some limits bind, others do not."""
    chance = random.Random(seed)
    needs, moments, months, companies = 12, 16, 8, 3
    at = iter(range(2, 1000))
    need, moment, month, company = (
        [next(at) for _ in range(many)] for many in (needs, moments, months, companies)
    )
    arcs = [(0, n, chance.randint(1, 2), -chance.randint(0, 300)) for n in need]
    meetings = [
        (n, m, 1, -chance.randint(100, 900)) for n in need for m in moment if chance.random() < 0.7
    ]
    of_meeting = np.arange(len(arcs), len(arcs) + len(meetings))
    arcs += meetings
    arcs += [(m, month[i // 2], chance.choice((1, 1, 3)), 0) for i, m in enumerate(moment)]
    arcs += [(m, company[i % companies], chance.randint(0, 3), 0) for i, m in enumerate(month)]
    arcs += [(c, 1, 1, step * chance.randint(0, 200)) for c in company for step in range(4)]
    amount = sum(capacity for tail, _, capacity, _ in arcs if tail == 0)
    arcs.append((0, 1, amount, 0))
    columns = [np.array(column, dtype=np.int64) for column in zip(*arcs, strict=True)]
    return Graph(*columns, source=0, sink=1, amount=amount), of_meeting


@pytest.mark.parametrize("seed", range(60))
def test_smaller_graphs_give_the_same_cost_and_a_whole_flow(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FIRST_OF_TAIL", "FIRST_OF_HEAD", "MORE_OF_TAIL", "NEARLY"):
        monkeypatch.setattr(shrink, name, 1)  # so that prices have to do the work
    graph, meetings = _market_graph(seed)
    rounds: list[int] = []

    def solve(part: Graph) -> np.ndarray:
        rounds.append(len(part.tail))
        return flow.solve_with_ortools(part)

    found = shrink.solve_shrunk(graph, meetings, solve)
    assert (found * graph.cost).sum() == (flow.solve_with_ortools(graph) * graph.cost).sum()
    assert ((found >= 0) & (found <= graph.capacity)).all()
    left = np.bincount(graph.tail, found, graph.nodes) - np.bincount(graph.head, found, graph.nodes)
    assert (left[2:] == 0).all()
    assert left[0] == graph.amount
    assert max(rounds) < len(graph.tail)


def test_without_rounds_left_all_arcs_are_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrink, "ROUNDS", 0)
    graph, meetings = _market_graph(1)
    found = shrink.solve_shrunk(graph, meetings, flow.solve_with_ortools)
    assert (found * graph.cost).sum() == (flow.solve_with_ortools(graph) * graph.cost).sum()


def test_large_graph_is_shrunk_and_solved_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, meetings = _market_graph(2)
    here = flow.solve(graph, meetings)
    monkeypatch.setattr(flow, "OWN_PROCESS_FROM", 1)
    monkeypatch.setattr(flow, "SHRUNK_FROM", 1)
    there = flow.solve(graph, meetings)
    assert (there * graph.cost).sum() == (here * graph.cost).sum()


def test_graph_that_cannot_carry_the_amount_is_refused() -> None:
    one = np.array([0], dtype=np.int64)
    graph = Graph(one, one + 1, one + 2, one, source=0, sink=1, amount=5)
    for solve in (flow.solve_with_ortools, flow.solve_apart):
        with pytest.raises(flow.NotSolved):
            solve(graph)
