"""Spreading changes where regions are computed, never what comes out, even when a worker dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from matcher.matching.spread import Engine, WorkersLost, spread

distributed = pytest.importorskip("distributed")


def square(number: int) -> int:
    return number * number


def die_once(problem: tuple[int, str]) -> int:
    """Kills its own process the first time it sees problem 2, as a crash would."""
    number, folder = problem
    mark = Path(folder) / "died"
    if number == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def always_die(_number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def refuse(number: int) -> int:
    raise ValueError(f"{number} is refused")


@pytest.fixture
def cluster() -> Iterator[str]:
    """A scheduler and two worker processes on this machine."""
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        host="127.0.0.1",
        silence_logs=50,
    ) as made:
        yield made.scheduler_address


pytestmark = pytest.mark.filterwarnings("ignore")


def test_processes_give_what_this_process_gives() -> None:
    numbers = list(range(7))
    assert spread(square, numbers, Engine.PROCESSES) == spread(square, numbers)


def test_killed_process_costs_nothing_but_time(tmp_path: Path) -> None:
    problems = [(number, str(tmp_path)) for number in range(5)]
    assert spread(die_once, problems, Engine.PROCESSES) == [0, 1, 4, 9, 16]


def test_workers_that_always_die_are_told_in_the_end() -> None:
    with pytest.raises(WorkersLost):
        spread(always_die, [1], Engine.PROCESSES, workers=1)


def test_error_of_a_problem_is_the_callers() -> None:
    with pytest.raises(ValueError, match="1 is refused"):
        spread(refuse, [1], Engine.PROCESSES, workers=1)


def test_dask_gives_the_same_though_a_worker_is_killed(cluster: str, tmp_path: Path) -> None:
    problems = [(number, str(tmp_path)) for number in range(5)]
    assert spread(die_once, problems, Engine.DASK, scheduler=cluster) == [0, 1, 4, 9, 16]
    assert (tmp_path / "died").exists()


def test_dask_without_a_scheduler_is_refused() -> None:
    with pytest.raises(ValueError, match="address"):
        spread(square, [1], Engine.DASK)
