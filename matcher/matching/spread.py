"""Many regions at once: the same ``propose`` in this process, over processes, or over Dask.

Regions are independent problems (``shards`` sees to it), so spreading them changes where the work
is done and nothing of the result. A region whose worker died is computed again, at last alone, so
that one that kills every worker does not take the others with it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from enum import StrEnum
from multiprocessing import get_context
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

TRIES = 3
REACHED_IN = "10s"
log = logging.getLogger("lesbrug.matching")


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
    lost: Callable[[T], R] | None = None,
) -> list[R]:
    """``solve`` of every problem, in the order of ``problems``, whatever the engine.

    ``solve`` is a module's function (or a partial of one), and problems and results can be pickled.
    ``scheduler`` is the address of a Dask scheduler (needed for DASK only); one that cannot be
    reached is warned of, and the work done here. A problem that TRIES workers died of becomes
    ``lost`` of it, or WorkersLost is raised; an error that ``solve`` itself raises is raised here.
    """
    if engine == Engine.HERE:
        return [solve(problem) for problem in problems]
    if engine == Engine.DASK:
        done = _over_dask(solve, problems, scheduler)
    else:
        done = _over_processes(solve, problems, workers)
    for number, problem in enumerate(problems):
        if number in done:
            continue
        if lost is None:
            raise WorkersLost(f"{len(problems) - len(done)} of {len(problems)} lost their worker")
        done[number] = lost(problem)
    return [done[number] for number in range(len(problems))]


def _over_processes(solve: Callable[[T], R], problems: Sequence[T], workers: int) -> dict[int, R]:
    """A pool that lost a worker is broken as a whole: what it did not finish gets a new pool."""
    done: dict[int, R] = {}
    for turn in range(TRIES):
        left = [number for number in range(len(problems)) if number not in done]
        alone = turn == TRIES - 1
        for some in [[number] for number in left] if alone else [left]:
            _in_pool(solve, problems, (some, done), 1 if alone else workers)
    return done


def _in_pool(
    solve: Callable[[T], R],
    problems: Sequence[T],
    work: tuple[Sequence[int], dict[int, R]],
    workers: int,
) -> None:
    """Compute the numbered problems into what is done, unless a worker dies."""
    numbers, done = work
    if not numbers:
        return
    # Spawned, not forked: the parent holds threads and database connections.
    with ProcessPoolExecutor(min(workers, len(numbers)), mp_context=get_context("spawn")) as pool:
        futures = {number: pool.submit(solve, problems[number]) for number in numbers}
        for number, future in futures.items():
            try:
                done[number] = future.result()
            except BrokenProcessPool:
                log.warning("the worker of problem %d died", number)


def _over_dask(solve: Callable[[T], R], problems: Sequence[T], scheduler: str) -> dict[int, R]:
    """Dask itself gives a lost worker's task to another one."""
    from distributed import Client, KilledWorker

    if not scheduler:
        raise ValueError("Dask needs the address of a scheduler")
    try:
        client: Any = Client(scheduler, set_as_default=False, timeout=REACHED_IN)  # type: ignore[no-untyped-call]
    except OSError as error:
        log.warning("no Dask scheduler at %s, computing here: %s", scheduler, error)
        return {number: solve(problem) for number, problem in enumerate(problems)}
    done: dict[int, R] = {}
    with client:
        futures = client.map(solve, problems, pure=False)
        for number, future in enumerate(futures):
            try:
                done[number] = future.result()
            except KilledWorker:
                log.warning("the workers of problem %d died", number)
    return done
