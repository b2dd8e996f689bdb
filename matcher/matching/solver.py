"""OR-Tools alone in a process: a graph comes in on standard input, the flow goes out.

Started by ``flow`` with this file's path, so that the process loads nothing else of ours. OR-Tools
holds the interpreter's lock while it solves, and what it used of memory goes back with the process.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def cheapest(arcs: tuple[Any, Any, Any, Ints], source: int, sink: int, amount: int) -> Ints:
    """By cost-scaling push-relabel (Goldberg & Tarjan, 1990); ValueError carries a bad status.

    ``arcs`` are tail, head, capacity and cost. Flows are read after an optimum only: OR-Tools would
    crash the process otherwise.
    """
    from ortools.graph.python import min_cost_flow

    solver: Any = min_cost_flow.SimpleMinCostFlow()
    numbers = solver.add_arcs_with_capacity_and_unit_cost(*arcs)
    solver.set_node_supply(source, amount)
    solver.set_node_supply(sink, -amount)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise ValueError(str(status))
    return np.asarray(solver.flows(numbers), dtype=np.int64)


def main() -> None:
    """In: arcs, source, sink and amount (64 bits), tails, heads, capacities (32), costs (64).

    Out: nanoseconds spent, flows (64).
    """
    read = sys.stdin.buffer.read
    many, source, sink, amount = (int(n) for n in np.frombuffer(read(32), dtype=np.int64))
    tail, head, capacity = (np.frombuffer(read(4 * many), np.int32) for _ in range(3))
    cost = np.frombuffer(read(8 * many), np.int64)
    started = time.perf_counter_ns()
    flows = cheapest((tail, head, capacity, cost), source, sink, amount)
    spent = np.array([time.perf_counter_ns() - started], dtype=np.int64)
    sys.stdout.buffer.write(spent.tobytes() + flows.tobytes())


if __name__ == "__main__":
    main()
