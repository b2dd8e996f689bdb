"""The exact choice beside other ways of choosing, and one solver beside another, on one market."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from benchmarks import ways
from benchmarks.apart import apart
from benchmarks.market import build_market
from matcher.matching import Settings, assignment, engine, flow, match, network
from matcher.matching.assignment import Market
from matcher.matching.clashes import Diary
from matcher.matching.inputs import in_order
from matcher.matching.text import default_space

Row = dict[str, float | str | int]
DENSE_UP_TO = 60_000_000  # cells of the largest matrix tried


def exact(market: Market, diary: Diary) -> np.ndarray:
    """Ours, with the settings' usual repair of clashes."""
    usual = Settings()
    return assignment.best(
        market, diary.clashes, rounds=usual.repair_rounds, nodes=usual.repair_nodes
    )[0]


def _plain(way: Callable[[Market], np.ndarray]) -> Callable[[Market, Diary], np.ndarray]:
    return _Plain(way)


class _Plain:
    """A way that knows no clashes; a class, so that it can be sent to another process."""

    def __init__(self, way: Callable[[Market], np.ndarray]) -> None:
        self.way = way

    def __call__(self, market: Market, _diary: Diary) -> np.ndarray:
        return self.way(market)


WAYS: Mapping[str, Callable[[Market, Diary], np.ndarray]] = {
    "min-cost flow with repair (ours)": exact,
    "HiGHS on the same network": _plain(ways.by_highs),
    "linear_sum_assignment, dense": _plain(ways.linear_sum),
    "Hungarian rounds, as tools for mentors do": _plain(ways.hungarian_rounds),
    "picking sequence, like FairSequence": _plain(ways.picking_sequence),
    "greedy, best score first": _plain(ways.greedy),
    "first come, first served": _plain(ways.first_come),
}


def board_of(needs: int, offers: int) -> engine.Board:
    """The market of ``build_market`` with scored meetings."""
    market = build_market(needs, offers)
    inputs = in_order(market.demands, market.supplies, market.people)
    return engine.make_board(inputs, Settings(), default_space(), lambda _stage: None)


def table(needs: int, offers: int) -> list[Row]:
    """One row per way of choosing, each computed in a process of its own."""
    board = board_of(needs, offers)
    everything = np.ones(len(board.market.need), dtype=bool)
    bound = assignment.choose(board.market, everything).objective
    cells = int(board.market.wanted.sum()) * int(board.market.slot_cap.sum())
    return [
        _row(board, name, way, bound)
        for name, way in WAYS.items()
        if cells <= DENSE_UP_TO or "dense" not in name
    ]


def _row(
    board: engine.Board, name: str, way: Callable[[Market, Diary], np.ndarray], bound: float
) -> Row:
    done = apart(way, board.market, board.diary)
    rows, market = done.value, board.market
    companies = sorted({supply.company for supply in board.inputs.supplies})
    number = {company: n for n, company in enumerate(companies)}
    owner = np.array([number[s.company] for s in board.inputs.supplies])
    loads = np.bincount(owner[market.supply[rows]], minlength=len(companies))
    return {
        "way": name,
        "seconds": round(done.seconds, 2),
        "MB": round(done.peak_mb),
        "of the bound": f"{assignment.objective(market, rows) / bound:.2%}",
        "needs left": len(market.wanted) - len(np.unique(market.need[rows])),
        "over their limit": ways.breaches(market, rows),
        "clashes": len(board.diary.clashes(rows)),
        "Gini": round(match.gini(loads), 3),
    }


def solvers(needs: int, offers: int) -> list[Row]:
    """OR-Tools and HiGHS on the very same network."""
    board = board_of(needs, offers)
    graph, _ = network.make_graph(board.market, np.arange(len(board.market.need)))
    rows: list[Row] = []
    for name, solve in (
        ("OR-Tools", flow.solve_with_ortools),
        ("HiGHS", flow.solve_with_highs),
    ):
        done = apart(solve, graph)
        cost = int((done.value * graph.cost).sum())
        rows.append(
            {
                "solver": name,
                "arcs": len(graph.tail),
                "seconds": round(done.seconds, 2),
                "MB": round(done.peak_mb),
                "cost": cost,
            }
        )
    return rows
