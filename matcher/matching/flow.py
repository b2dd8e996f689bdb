"""Min-cost flow behind one port: OR-Tools for every size, SciPy's HiGHS to check it by.

Both give an integral optimum, because the constraint matrix of a flow is totally unimodular. A
large graph is made smaller without losing anything (``shrink``) and solved in its own process.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from matcher.matching import solver
from matcher.matching.graph import Graph, Ints
from matcher.matching.shrink import solve_shrunk

OWN_PROCESS_FROM = 60_000  # arcs; OR-Tools holds the interpreter's lock while it solves
SHRUNK_FROM = 300_000  # arcs; below, the solver is quicker than the shrinking


class NotSolved(RuntimeError):
    """The solver did not reach an optimum; carries its status."""


def solve(graph: Graph, choice: Ints | None = None) -> Ints:
    """The cheapest flow, an amount for each arc. NotSolved when there is none.

    ``choice`` are positions of arcs of which a flow uses few (meetings): a large graph is solved
    with the best of them, and with more until none of the others could make it cheaper.
    """
    if graph.amount == 0:
        return np.zeros(len(graph.tail), dtype=np.int64)
    if len(graph.tail) < OWN_PROCESS_FROM:
        return solve_with_ortools(graph)
    if choice is None or len(graph.tail) < SHRUNK_FROM:
        return solve_apart(graph)
    return solve_shrunk(graph, choice, solve_apart)


def solve_with_ortools(graph: Graph) -> Ints:
    """In this process."""
    arcs = graph.tail, graph.head, graph.capacity, graph.cost
    try:
        return solver.cheapest(arcs, graph.source, graph.sink, graph.amount)
    except ValueError as error:
        raise NotSolved(str(error)) from error


def solve_apart(graph: Graph) -> Ints:
    """By OR-Tools in a process of its own; other threads go on meanwhile."""
    size = np.array([len(graph.tail), graph.source, graph.sink, graph.amount], dtype=np.int64)
    arcs = [np.asarray(part, np.int32) for part in (graph.tail, graph.head, graph.capacity)]
    given = b"".join([size.tobytes(), *(part.tobytes() for part in arcs), graph.cost.tobytes()])
    command = [sys.executable, "-P", str(Path(solver.__file__))]
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    if done.returncode:
        raise NotSolved(done.stderr.decode(errors="replace").strip()[-500:])
    return np.frombuffer(done.stdout, dtype=np.int64)[1:].copy()


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
