"""The exact choice beside greedy, first come first served, and another solver, on one market."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import numpy as np

from benchmarks.market import build_market
from matcher.matching import Settings, assignment, engine, flow, match, network
from matcher.matching.inputs import in_order
from matcher.matching.text import default_space

Row = dict[str, float | str | int]


def table(needs: int, offers: int) -> list[Row]:
    """One row per way of choosing: seconds, objective as a share of the bound, needs left, Gini."""
    market = build_market(needs, offers)
    inputs = in_order(market.demands, market.supplies, market.people)
    board = engine.make_board(inputs, Settings(), default_space(), lambda _stage: None)
    everything = np.ones(len(board.market.need), dtype=bool)
    bound = assignment.choose(board.market, everything).objective
    by_score = np.lexsort((board.market.tie, -board.market.value))
    by_date = np.arange(len(board.market.need))
    ways: dict[str, Callable[[], np.ndarray]] = {
        "min-cost flow with repair": lambda: assignment.best(
            board.market, board.diary.clashes, rounds=4
        )[0],
        "greedy, best score first": lambda: in_turn(board, by_score),
        "first come, first served": lambda: in_turn(board, by_date),
    }
    return [_row(board, name, way, bound) for name, way in ways.items()]


def solvers(needs: int, offers: int) -> list[Row]:
    """OR-Tools and HiGHS on the very same graph."""
    market = build_market(needs, offers)
    inputs = in_order(market.demands, market.supplies, market.people)
    board = engine.make_board(inputs, Settings(), default_space(), lambda _stage: None)
    graph, _ = network.make_graph(board.market, np.arange(len(board.market.need)))
    rows: list[Row] = []
    for name, solve in (
        ("OR-Tools", flow.solve_with_ortools),
        ("HiGHS", flow.solve_with_highs),
    ):
        started = time.perf_counter()
        cost = int((solve(graph) * graph.cost).sum())
        seconds = round(time.perf_counter() - started, 2)
        rows.append({"solver": name, "arcs": len(graph.tail), "seconds": seconds, "cost": cost})
    return rows


def in_turn(board: engine.Board, order: np.ndarray) -> np.ndarray:
    """Take each meeting in this order if no limit and no clash is in its way."""
    m, g = board.market, board.market.groups
    limits = (
        (m.need, m.wanted),
        (m.slot, m.slot_cap),
        (np.where(m.slot < 0, m.supply, -1), m.supply_cap),
        (m.month, g.month_cap),
        (m.term, g.term_cap),
        (m.company, g.company_cap),
    )
    used: list[Counter[int]] = [Counter() for _ in limits]
    pairs: set[int] = set()
    taken: list[int] = []
    for row in order.tolist():
        keys = [int(group[row]) for group, _ in limits]
        full = any(
            key >= 0 and count[key] >= cap[key]
            for key, count, (_, cap) in zip(keys, used, limits, strict=True)
        )
        if full or int(m.pair[row]) in pairs:
            continue
        pairs.add(int(m.pair[row]))
        taken.append(row)
        for key, count in zip(keys, used, strict=True):
            count[key] += 1
    return np.array(sorted(taken), dtype=np.int64)


def _row(board: engine.Board, name: str, way: Callable[[], np.ndarray], bound: float) -> Row:
    started = time.perf_counter()
    rows = way()
    seconds = time.perf_counter() - started
    companies = sorted({supply.company for supply in board.inputs.supplies})
    number = {company: n for n, company in enumerate(companies)}
    owner = np.array([number[s.company] for s in board.inputs.supplies])
    loads = np.bincount(owner[board.market.supply[rows]], minlength=len(companies))
    return {
        "way": name,
        "seconds": round(seconds, 2),
        "of the bound": f"{assignment.objective(board.market, rows) / bound:.2%}",
        "needs left": len(board.inputs.demands) - len(np.unique(board.market.need[rows])),
        "clashes": len(board.diary.clashes(rows)),
        "Gini": round(match.gini(loads), 3),
    }
