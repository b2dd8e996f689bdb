"""Which pairs are worth scoring, without forming them all.

Needs go in chunks; within a chunk the rules are applied to whole columns, and a sparse product of
the concept and word views picks each need's best and each offer's best among what is possible.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.constraints import Field, possible
from matcher.matching.text import Encoded

CHUNK = 256
Array = NDArray[Any]


def candidates(
    field: Field, needs: Encoded, offers: Encoded, blocks: list[tuple[Array, Array]]
) -> tuple[Array, Array]:
    """Pairs (demand index, supply index) in order; the best by the sparse view of the texts.

    ``blocks`` are (demand indices, supply indices) within which to look.
    """
    per_need, per_offer = field.settings.candidates_per_need, field.settings.candidates_per_offer
    found_d, found_s, found_score = [], [], []
    for rows, columns in blocks:
        theirs = offers.topic[columns].T.tocsc()
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            allowed = possible(field, some[:, None], columns[None, :])
            scores = (needs.topic[some] @ theirs).toarray()
            scores[~allowed] = -1.0
            d, s = _best(scores, per_need, per_offer)
            found_d.append(some[d])
            found_s.append(columns[s])
            found_score.append(scores[d, s])
    if not found_d:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    keys = np.concatenate(found_d).astype(np.int64) << 32 | np.concatenate(found_s)
    unique = np.unique(keys)
    return unique >> 32, unique & 0xFFFFFFFF


def _best(scores: Array, per_need: int, per_offer: int) -> tuple[Array, Array]:
    """The best ``per_need`` of each row, and of each column the best few of this chunk."""
    rows, columns = scores.shape
    picked = np.zeros(scores.shape, dtype=bool)
    if columns > per_need:
        top = np.argpartition(-scores, per_need, axis=1)[:, :per_need]
        picked[np.arange(rows)[:, None], top] = True
    else:
        picked[:] = True
    if rows > per_offer:
        best = np.argpartition(-scores, per_offer, axis=0)[:per_offer]
        few = np.sort(-scores, axis=0)[0] < -0.05 if columns < 20_000 else None
        if few is not None:
            picked[best[:, few], np.nonzero(few)[0][None, :]] = True
    picked &= scores >= 0
    d, s = np.nonzero(picked)
    return d, s
