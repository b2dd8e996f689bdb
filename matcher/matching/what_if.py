"""The same region chosen under other weights: only weighed and solved anew, not read anew.

What no weight touches (texts, candidates, possible meetings, the parts of each score) is laid out
once. Every choice made from it is the one that a whole run with those settings makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from matcher.matching import engine, rating
from matcher.matching.fairness import choose_fairly
from matcher.matching.inputs import Inputs
from matcher.matching.match import counts
from matcher.matching.settings import Settings
from matcher.matching.swap import Held, held_of
from matcher.matching.text import TextSpace
from matcher.matching.working import without_collector

# Settings that only weigh or choose; all others decide what is laid out.
WEIGHING = frozenset(
    {
        "weights",
        "slots_per_pair",
        "alternates",
        "stay_bonus",
        "first_visit_bonus",
        "school_bonus",
        "load_cost",
        "maybe_cost",
        "small_company_share",
        "unserved_school_share",
        "reserve_price",
        "explore_share",
        "repair_rounds",
        "repair_nodes",
        "advice_most",
    }
)


@dataclass(frozen=True)
class Bench:
    """A region laid out: everything up to the parts of each score."""

    laid: engine.Laid
    measured: tuple[rating.Measured, ...]

    def serves(self, settings: Settings) -> bool:
        """Whether these settings differ only in what is weighed and chosen."""
        mine = self.laid.settings
        return all(
            getattr(mine, entry.name) == getattr(settings, entry.name)
            for entry in fields(Settings)
            if entry.name not in WEIGHING
        )


@dataclass(frozen=True)
class Chosen:
    """Each need's meetings by its key, and the figures of the choice, as a run states them."""

    held: Mapping[str, tuple[Held, ...]]
    figures: Mapping[str, Any]


def set_out(inputs: Inputs, settings: Settings, space: TextSpace) -> Bench:
    """Lay a region out; ``inputs`` in order."""
    with without_collector():
        laid = engine.lay(inputs, settings, space, lambda _stage: None)
        measured = tuple(
            rating.measure(inputs, laid.field, laid.sides, laid.vectors, some)
            for some in rating.in_stretches(laid.pairs)
        )
    return Bench(laid, measured)


def choose(bench: Bench, settings: Settings) -> Chosen:
    """What a whole run with these settings would propose. ValueError when the bench serves not."""
    if not bench.serves(settings):
        raise ValueError("these settings change more than what is weighed")
    field = replace(bench.laid.field, settings=settings)
    laid = replace(bench.laid, settings=settings, field=field)
    with without_collector():
        board = engine.board_of(laid, rating.weigh(bench.measured, field))
        rows, figures = choose_fairly(board)
    return Chosen(held_of(board, rows), figures | counts(board, rows))
