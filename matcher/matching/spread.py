"""Many regions at once: the same ``propose`` in this process, over processes, or over Dask.

Regions are independent problems, so spreading them changes where the work is done and nothing of
the result. A region whose worker died is computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from enum import StrEnum
from multiprocessing import get_context
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

TRIES = 3


class Engine(StrEnum):
    """Where regions are computed."""

    HERE = "here"
    PROCESSES = "processes"
    DASK = "dask"


class WorkersLost(RuntimeError):
    """Workers died again and again; says how many problems were left."""


def spread(
    solve: Callable[[T], R],
    problems: Sequence[T],
    engine: Engine = Engine.HERE,
    *,
    workers: int = 2,
    scheduler: str = "",
) -> list[R]:
    """``solve`` of every problem, in the order of ``problems``, whatever the engine.

    ``solve`` is a module's function and problems and results can be pickled. ``scheduler`` is the
    address of a Dask scheduler (needed for DASK only). Raises WorkersLost after TRIES rounds in
    which workers died; an error that ``solve`` itself raises is raised here.
    """
    if engine == Engine.PROCESSES:
        return _over_processes(solve, problems, workers)
    if engine == Engine.DASK:
        return _over_dask(solve, problems, scheduler)
    return [solve(problem) for problem in problems]


def _over_processes(solve: Callable[[T], R], problems: Sequence[T], workers: int) -> list[R]:
    """A pool that lost a worker is broken as a whole: what it did not finish gets a new pool."""
    done: dict[int, R] = {}
    for _ in range(TRIES):
        left = [number for number in range(len(problems)) if number not in done]
        if not left:
            break
        # Spawned, not forked: the parent holds threads and database connections.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            futures = {number: pool.submit(solve, problems[number]) for number in left}
            for number, future in futures.items():
                try:
                    done[number] = future.result()
                except BrokenProcessPool:
                    continue
    return _in_order(done, len(problems))


def _over_dask(solve: Callable[[T], R], problems: Sequence[T], scheduler: str) -> list[R]:
    """Dask itself gives a lost worker's task to another one."""
    from distributed import Client

    if not scheduler:
        raise ValueError("Dask needs the address of a scheduler")
    with Client(scheduler, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        futures = client.map(solve, problems, pure=False, retries=TRIES)
        results: Iterable[R] = client.gather(futures)
        return list(results)


def _in_order(done: dict[int, R], count: int) -> list[R]:
    if len(done) < count:
        raise WorkersLost(f"{count - len(done)} of {count} problems lost their worker")
    return [done[number] for number in range(count)]
