"""A measurement in a process of its own, so that its memory is its own."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any


@dataclass(frozen=True)
class Measured:
    """What came of it, how long it took, and by how much it raised the process's peak of memory."""

    value: Any
    seconds: float
    peak_mb: float


def apart(work: Callable[..., Any], *given: Any) -> Measured:
    """Run ``work(*given)`` alone; both can be pickled. Its own child processes count too."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, work, given).result()


def _measured(work: Callable[..., Any], given: tuple[Any, ...]) -> Measured:
    before, started = _peak_mb(), time.perf_counter()
    value = work(*given)
    return Measured(value, time.perf_counter() - started, _peak_mb() - before)


def _peak_mb() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + child) / 1024
