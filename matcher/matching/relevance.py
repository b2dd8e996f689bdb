"""How well an offer's topic serves a need: text, subject and level, weighed as learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.matching.curriculum import Fit, distinct, fit_table, level_fit, subject_fit
from matcher.matching.text import TextSpace, default_space
from matcher.matching.types import Demand, Supply

# Learnt by cross-validation over needs (docs/matching.md); they sum to 1.
WEIGHTS: Mapping[str, float] = {"text": 0.73, "subject": 0.15, "level": 0.12}
Floats = NDArray[np.float32]


def parts(
    demands: Sequence[Demand], supplies: Sequence[Supply], space: TextSpace | None = None
) -> dict[str, Floats]:
    """The parts text, subject and level of every pair, each of shape (demands, supplies)."""
    space = space or default_space()
    texts = space.all_pairs(
        space.encode([demand.text for demand in demands]),
        space.encode([supply.text for supply in supplies]),
    )
    return {
        "text": texts,
        "subject": _table(
            [d.subjects for d in demands], [s.subjects for s in supplies], subject_fit
        ),
        "level": _table([d.levels for d in demands], [s.levels for s in supplies], level_fit),
    }


def relevance(
    demands: Sequence[Demand],
    supplies: Sequence[Supply],
    space: TextSpace | None = None,
    weights: Mapping[str, float] = WEIGHTS,
) -> Floats:
    """The weighted sum of the three parts, in [0, 1]; shape (demands, supplies)."""
    found = parts(demands, supplies, space)
    total = sum(weights[name] * found[name] for name in weights)
    return np.asarray(total / sum(weights.values()), dtype=np.float32)


def rank(scores: Floats, keys: Sequence[str]) -> NDArray[np.int64]:
    """For each row the columns from best to worst; equal scores by key. Shape as ``scores``."""
    by_key = np.argsort(np.argsort(np.array(keys)))
    return np.stack([np.lexsort((by_key, -np.round(row, 6))) for row in scores])


def _table(wanted: Sequence[tuple[str, ...]], given: Sequence[tuple[str, ...]], fit: Fit) -> Floats:
    """``fit`` of every pair, computed once per different pair of code lists."""
    table, row_of, column_of = fit_table(distinct(wanted), distinct(given), fit)
    return table.astype(np.float32)[np.ix_(row_of, column_of)]
