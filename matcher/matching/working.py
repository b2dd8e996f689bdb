"""How a long computation uses the machine: several threads at once, without the collector's rounds.

NumPy, SciPy and the solver let go of the interpreter's lock, so threads are enough. What is
computed depends on neither: parts come back in their order, each as if it were alone.
"""

from __future__ import annotations

import gc
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
MOST_THREADS = 4  # each holds a part in memory


def threads() -> int:
    """How many parts are worked on at once: one on each core this process may use, up to four."""
    return max(1, min(MOST_THREADS, len(os.sched_getaffinity(0))))


def mapped(work: Callable[[T], R], parts: Iterable[T]) -> Iterator[R]:
    """``work`` of each part, in their order; only a few are ahead of who asks."""
    many = threads()
    if many == 1:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(many) as pool:
        ahead: deque[Future[R]] = deque()
        for part in parts:
            ahead.append(pool.submit(work, part))
            if len(ahead) > many:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


class _Collector:
    """Who has asked for quiet, over all threads of the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = 0
        self._was_on = False

    def stop(self) -> None:
        with self._lock:
            if not self._asked:
                self._was_on = gc.isenabled()
                gc.disable()
            self._asked += 1

    def go_on(self) -> None:
        with self._lock:
            self._asked -= 1
            if not self._asked and self._was_on:
                gc.enable()


_COLLECTOR = _Collector()


@contextmanager
def without_collector() -> Iterator[None]:
    """No search for circles meanwhile: a run makes millions of small objects and no circle.

    Searching through them again and again takes a quarter of a large run. What nobody holds any
    more is freed all the same, by its count.
    """
    _COLLECTOR.stop()
    try:
        yield
    finally:
        _COLLECTOR.go_on()
