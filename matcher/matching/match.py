"""The handle's work: a board, a fair and exact choice, and what it says to people."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching import explain
from matcher.matching.advice import advise
from matcher.matching.engine import Board, make_board
from matcher.matching.fairness import choose_fairly
from matcher.matching.inputs import Inputs
from matcher.matching.reasons import Teller
from matcher.matching.result import Result
from matcher.matching.settings import Settings
from matcher.matching.text import TextSpace, default_space
from matcher.matching.types import Unmatched
from matcher.matching.working import without_collector

Array = NDArray[Any]
STAGES = (
    "space",
    "columns",
    "vectors",
    "candidates",
    "scores",
    "assignment",
    "reasons",
    "advice",
)


class Stages:
    """Seconds by stage, for people; no part of a result's bytes. ``tell`` hears each one's end."""

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self._tell = tell
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def __call__(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now
        if self._tell is not None:
            self._tell(name)


def run(
    inputs: Inputs,
    settings: Settings,
    space: TextSpace | None = None,
    tell: Callable[[str], None] | None = None,
) -> Result:
    """Propose for inputs in order."""
    stages = Stages(tell)
    space = space or default_space()
    stages("space")
    with without_collector():
        return told(make_board(inputs, settings, space, stages), stages)


def told(board: Board, stages: Stages) -> Result:
    """What is chosen of a board, and what is said of it."""
    rows, figures = choose_fairly(board)
    stages("assignment")
    teller = Teller(board)
    proposals = teller.tell(rows)
    others = explain.alternates(board, rows, teller)
    stages("reasons")
    unmatched = _unmatched(board, rows)
    stages("advice")
    figures |= counts(board, rows) | {
        "unmatched_by_blocker": dict(
            sorted(Counter(u.blockers[0].rule for u in unmatched if u.blockers).items())
        )
    }
    return Result(
        tuple(proposals),
        tuple(others),
        tuple(unmatched),
        figures,
        stages.seconds,
        board.vectors.counted,
    )


def gini(loads: Array) -> float:
    """Inequality of loads, 0 for equal: sum((2i - n - 1) x_i) / (n sum(x)), x sorted."""
    ordered, many = np.sort(loads.astype(float)), len(loads)
    if not many or ordered.sum() == 0:
        return 0.0
    places = 2 * np.arange(1, many + 1) - many - 1
    return float((places * ordered).sum() / (many * ordered.sum()))


def counts(board: Board, rows: Array) -> dict[str, Any]:
    """Figures of a choice that need no words: how many, how even, how good."""
    company = board.side.company[board.market.supply[rows]]
    loads = np.bincount(company, minlength=len(board.side.companies))
    matched = len(np.unique(board.market.need[rows]))
    return {
        "needs": len(board.inputs.demands),
        "offers": len(board.inputs.supplies),
        "candidates": len(board.d),
        "meetings": len(board.found.pair),
        "proposals": len(rows),
        "matched": matched,
        "unmatched": len(board.inputs.demands) - matched,
        "gini": round(gini(loads), 6),
        "mean_score": round(float(board.scored.score[rows].mean()), 6) if len(rows) else 0.0,
    }


def _unmatched(board: Board, rows: Array) -> list[Unmatched]:
    """Needs without a proposal, in order; the first ``advice_most`` with advice."""
    matched = set(board.market.need[rows].tolist())
    left = [n for n in range(len(board.inputs.demands)) if n not in matched]
    most = board.settings.advice_most
    silent = [Unmatched(board.inputs.demands[n].key, ()) for n in left[most:]]
    return advise(board, rows, left[:most]) + silent
