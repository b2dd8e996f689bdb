"""A measurement in a process of its own, so that its memory is its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

PROC = Path("/proc")


@dataclass(frozen=True)
class Measured:
    """What came of it, how long it took, and by how much it raised the process's peak of memory.

    ``peak_mb`` counts the processes it started too, looked at often; 0 where there is no /proc.
    """

    value: Any
    seconds: float
    peak_mb: float


def apart(work: Callable[..., Any], *given: Any) -> Measured:
    """Run ``work(*given)`` alone; both can be pickled."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, work, given).result()


def _measured(work: Callable[..., Any], given: tuple[Any, ...]) -> Measured:
    forget_peak()
    before = peak_mb("self")
    with Children() as children:
        started = time.perf_counter()
        value = work(*given)
        seconds = time.perf_counter() - started
    return Measured(value, seconds, peak_mb("self") - before + children.peak_mb)


def forget_peak() -> None:
    """Start counting the peak anew (Linux, proc(5))."""
    try:
        (PROC / "self" / "clear_refs").write_text("5")
    except OSError:
        return


def peak_mb(process: str) -> float:
    """The most memory a process has had since it began, or since ``forget_peak``."""
    try:
        lines = (PROC / process / "status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


class Children:
    """Looks at the memory of the processes this one has started, while it stands."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Children:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            total = sum(peak_mb(child) for child in self._pids())
            self.peak_mb = max(self.peak_mb, total)

    def _pids(self) -> list[str]:
        found: list[str] = []
        for task in (PROC / "self" / "task").glob("*/children"):
            try:
                found += task.read_text().split()
            except OSError:
                continue
        return found
