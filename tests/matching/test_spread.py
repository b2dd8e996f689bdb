"""Spreading changes where regions are computed, never what comes out, even when a worker dies."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from matcher.matching.inputs import in_order
from matcher.matching.shards import divide
from matcher.matching.spread import Engine, WorkersLost, spread
from tests.matching.market import TopicSpace, random_market
from tests.matching.regions import Region, match
from tests.matching.toys import all_but_two, always_die, refuse, shrug

distributed = pytest.importorskip("distributed")


@pytest.fixture
def regions() -> list[Region]:
    """Four regions that share all offers out among themselves."""
    market = random_market(3, needs=12, offers=12)
    whole = [in_order(market.demands[n::4], market.supplies, market.people) for n in range(4)]
    parts = divide(whole, TopicSpace())
    return [Region(part) for part in parts]


@pytest.fixture
def doomed(regions: list[Region], tmp_path: Path) -> Iterator[list[Region]]:
    """The same, and a thread that kills the first worker of one region in the midst of it."""
    os.mkfifo(tmp_path / "worker")
    os.mkfifo(tmp_path / "never")
    killer = threading.Thread(target=_kill, args=(tmp_path / "worker",), daemon=True)
    killer.start()
    yield [replace(regions[0], folder=str(tmp_path)), *regions[1:]]
    killer.join(timeout=60)
    assert not killer.is_alive()


def _kill(pipe: Path) -> None:
    os.kill(int(pipe.read_text()), signal.SIGKILL)


@pytest.fixture
def cluster() -> Iterator[str]:
    """A scheduler and three worker processes on this machine."""
    with distributed.LocalCluster(
        n_workers=3,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        host="127.0.0.1",
        silence_logs=50,
    ) as made:
        yield made.scheduler_address


pytestmark = pytest.mark.filterwarnings("ignore")


def test_killed_process_costs_nothing_but_time(doomed: list[Region], regions: list[Region]) -> None:
    here = spread(match, regions)
    assert spread(match, doomed, Engine.PROCESSES) == here
    assert len(set(here)) == 4


def test_workers_that_always_die_are_told_in_the_end() -> None:
    with pytest.raises(WorkersLost):
        spread(always_die, [1], Engine.PROCESSES, workers=1)


def test_problem_that_kills_its_workers_does_not_take_the_others_with_it() -> None:
    numbers = list(range(5))
    assert spread(all_but_two, numbers, Engine.PROCESSES, lost=shrug) == [0, 1, -2, 3, 4]


def test_error_of_a_problem_is_the_callers() -> None:
    with pytest.raises(ValueError, match="1 is refused"):
        spread(refuse, [1], Engine.PROCESSES, workers=1)


def test_dask_gives_the_same_though_a_worker_is_killed(
    cluster: str, doomed: list[Region], regions: list[Region]
) -> None:
    assert spread(match, doomed, Engine.DASK, scheduler=cluster) == spread(match, regions)


def test_dask_without_a_scheduler_is_refused() -> None:
    with pytest.raises(ValueError, match="address"):
        spread(refuse, [1], Engine.DASK)


def test_scheduler_that_cannot_be_reached_leaves_the_work_here(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("matcher.matching.spread.REACHED_IN", "200ms")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        assert spread(shrug, [1, 2], Engine.DASK, scheduler=address) == [-1, -2]
    assert "computing here" in caplog.text
