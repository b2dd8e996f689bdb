"""Min-cost flow behind one port: OR-Tools for every size, SciPy's HiGHS to check it by.

Both give an integral optimum, because the constraint matrix of a flow is totally unimodular.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
OWN_PROCESS_FROM = 60_000  # arcs; OR-Tools holds the interpreter's lock while it solves


class NotSolved(RuntimeError):
    """The solver did not reach an optimum; carries its status."""


@dataclass(frozen=True)
class Graph:
    """Arcs as arrays of one length: tail, head, capacity >= 0, integer cost.

    ``amount`` units go from node ``source`` to node ``sink``; the graph must be able to carry them.
    """

    tail: Ints
    head: Ints
    capacity: Ints
    cost: Ints
    source: int
    sink: int
    amount: int

    @property
    def nodes(self) -> int:
        return int(max(self.tail.max(), self.head.max())) + 1 if len(self.tail) else 2


def solve(graph: Graph) -> Ints:
    """The cheapest flow, an amount for each arc. NotSolved when there is none."""
    if graph.amount == 0:
        return np.zeros(len(graph.tail), dtype=np.int64)
    if len(graph.tail) < OWN_PROCESS_FROM:
        return solve_with_ortools(graph)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(solve_with_ortools, graph).result()


def solve_with_ortools(graph: Graph) -> Ints:
    """By cost-scaling push-relabel (Goldberg & Tarjan, 1990), as OR-Tools has it."""
    from ortools.graph.python import min_cost_flow

    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        graph.tail, graph.head, graph.capacity, graph.cost
    )
    solver.set_node_supply(graph.source, graph.amount)
    solver.set_node_supply(graph.sink, -graph.amount)
    status = solver.solve()
    if status != solver.OPTIMAL:  # reading flows after anything else would crash the process
        raise NotSolved(str(status))
    return np.asarray(solver.flows(arcs), dtype=np.int64)


def solve_with_highs(graph: Graph) -> Ints:
    """As a linear programme by HiGHS (Huangfu & Hall, 2018)."""
    from scipy import sparse
    from scipy.optimize import linprog

    count = len(graph.tail)
    rows = np.concatenate([graph.tail, graph.head])
    columns = np.concatenate([np.arange(count), np.arange(count)])
    signs = np.concatenate([np.ones(count), -np.ones(count)])
    balance = sparse.csr_matrix((signs, (rows, columns)), shape=(graph.nodes, count))
    supply = np.zeros(graph.nodes)
    supply[graph.source], supply[graph.sink] = graph.amount, -graph.amount
    bounds = np.column_stack([np.zeros(count), graph.capacity])
    scale = max(1.0, float(np.abs(graph.cost).max()))
    found = linprog(graph.cost / scale, A_eq=balance, b_eq=supply, bounds=bounds, method="highs")
    if found.status != 0:
        raise NotSolved(found.message)
    return np.rint(found.x).astype(np.int64)
