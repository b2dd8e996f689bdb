"""Weights from answers: which parts of the score went with a yes, within narrow bounds.

A regularised logistic regression over the parts of the score (Hosmer & Lemeshow, Applied Logistic
Regression, 2013): the log odds of a yes are a + s * sum(m_i * w_i * (v_i - mean_i)), with the value
v_i of part i, the weight w_i that people set by hand, and a multiplier m_i that is drawn towards 1.
No multiplier falls below ``LOWEST`` or rises above ``HIGHEST``, so no part changes its sign (a
better fit never lowers a score) and none dies of a few bad answers. As multipliers stand beside the
weights set by hand, learning again from the same answers gives the same weights.

A no that names what did not fit speaks of those parts alone: the others stand at their mean, and a
part that was named though it fitted well is not held against its weight.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = 0.5, 2.0
LEAST_EXAMPLES = 60
LEAST_OF_EACH = 4  # one in so many of these must be a yes, and one in so many a no
FIRST_SLOPES = (4.0, 16.0)  # of log odds over the score, to search from beside the present one
STIFF = 0.01  # so that answers without any yes near a no have a best slope too
LEVELS, SLOPES = (-20.0, 20.0), (0.0, 40.0)
FOLDS = 5

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answer:
    """One side's answer to a proposal: the values of its parts, and whether it was yes.

    Answers about one ``need`` are left out together. ``about``: the parts that a no names; None
    where it is about the whole.
    """

    key: str
    need: str
    values: Mapping[str, float]
    yes: bool
    about: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """What the answers say. ``loss_*`` are mean log losses on answers left out of the fit.

    ``gain_error`` is the standard error of their difference, needs taken as the units of chance.
    """

    weights: Mapping[str, float]
    multipliers: Mapping[str, float]
    answers: int
    needs: int
    yes_share: float
    loss_before: float
    loss_after: float
    gain_error: float

    @property
    def is_better(self) -> bool:
        """By more than its standard error: what chance alone brings about once in six times."""
        return self.loss_before - self.loss_after > self.gain_error


class TooFewAnswers(ValueError):
    """There is not enough to learn from yet; says how much is there."""


def learn(
    answers: Sequence[Answer],
    weights: Mapping[str, float],
    *,
    least: int = LEAST_EXAMPLES,
    pull: float = 8.0,
) -> Learned:
    """Fit the multipliers, and tell by cross-validation whether they would have done better.

    ``weights`` maps each part to the weight set by hand, all >= 0; the result's weights have the
    same sum. ``pull`` is the strength of the draw towards 1 (in units of one answer's loss).
    Raises TooFewAnswers below ``least`` answers, or a quarter of it of yes or of no. The order of
    ``answers`` does not matter.
    """
    from threadpoolctl import threadpool_limits

    ordered = sorted(answers, key=lambda answer: answer.key)
    yes = np.array([answer.yes for answer in ordered], dtype=float)
    few = min(yes.sum(), len(yes) - yes.sum()) if len(yes) else 0
    if len(yes) < least or few < max(1, least // LEAST_OF_EACH):
        raise TooFewAnswers(f"{len(yes)} answers, {int(few)} of the rarer kind")
    parts = sorted(weights)
    points = _values(ordered, parts) * np.array([weights[part] for part in parts])
    needs = [answer.need for answer in ordered]
    with threadpool_limits(1):  # sums in one order, whatever the number of cores
        multipliers = _fit(points, yes, pull)
        losses = _cross_validated(points, yes, _folds(needs), pull)
    raw = [weights[part] * m for part, m in zip(parts, multipliers, strict=True)]
    scale = sum(weights.values()) / sum(raw)
    return Learned(
        weights={part: float(value * scale) for part, value in zip(parts, raw, strict=True)},
        multipliers={part: float(m) for part, m in zip(parts, multipliers, strict=True)},
        answers=len(yes),
        needs=len(set(needs)),
        yes_share=float(yes.mean()),
        loss_before=float(losses[:, 0].mean()),
        loss_after=float(losses[:, 1].mean()),
        gain_error=_error(losses[:, 0] - losses[:, 1], needs),
    )


def _values(answers: Sequence[Answer], parts: Sequence[str]) -> Floats:
    """Shape (answers, parts): above or below the mean of all; 0 where nothing is said of a part."""
    table = np.array(
        [[answer.values.get(part, math.nan) for part in parts] for answer in answers], dtype=float
    )
    known = np.isfinite(table)
    mean = np.where(known, table, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    above = np.where(known, table - mean, 0)
    for row, answer in enumerate(answers):
        if answer.about is not None:
            named = np.array([part in answer.about for part in parts])
            above[row] = np.where(named, np.minimum(above[row], 0), 0)
    return np.asarray(above, dtype=float)


def _folds(needs: Sequence[str]) -> NDArray[np.int64]:
    """By answer: its fold; all of a need are in one, and needs fall evenly."""
    order = sorted(set(needs), key=lambda need: hashlib.sha256(need.encode()).digest())
    place = {need: number % FOLDS for number, need in enumerate(order)}
    return np.array([place[need] for need in needs], dtype=np.int64)


def _fit(points: Floats, yes: Floats, pull: float) -> Floats:
    """Multipliers, shape (parts,), for points of shape (answers, parts)."""
    from scipy.optimize import minimize

    intercept, slope = _line(points.sum(axis=1), yes)

    def loss(free: Floats) -> tuple[float, Floats]:
        rise, m = free[1], free[2:]
        score = points @ m
        odds = free[0] + rise * score
        error = _sigmoid(odds) - yes
        value = float(np.logaddexp(0, odds).sum() - (odds * yes).sum())
        value += pull * float(((m - 1) ** 2).sum()) + STIFF * rise**2
        by_part = rise * (points.T @ error) + 2 * pull * (m - 1)
        by_rise = float(error @ score) + 2 * STIFF * rise
        return value, np.concatenate([[error.sum(), by_rise], by_part])

    bounds = [LEVELS, SLOPES, *[(LOWEST, HIGHEST)] * points.shape[1]]
    ones = np.ones(points.shape[1])
    tries = [
        minimize(loss, [intercept, rise, *ones], jac=True, bounds=bounds, method="L-BFGS-B")
        for rise in (slope, *FIRST_SLOPES)
    ]
    return np.asarray(min(tries, key=lambda found: found.fun).x[2:], dtype=float)


def _line(score: Floats, yes: Floats) -> tuple[float, float]:
    """Intercept and slope >= 0 of the log odds over a score."""
    from scipy.optimize import minimize

    def loss(line: Floats) -> float:
        odds = line[0] + line[1] * score
        value = np.logaddexp(0, odds).sum() - (odds * yes).sum() + STIFF * line[1] ** 2
        return float(value)

    share = min(max(float(yes.mean()), 0.01), 0.99)
    start = np.array([math.log(share / (1 - share)), 1.0])
    found = minimize(loss, start, bounds=[LEVELS, SLOPES], method="L-BFGS-B")
    return float(found.x[0]), float(found.x[1])


def _cross_validated(points: Floats, yes: Floats, folds: NDArray[np.int64], pull: float) -> Floats:
    """Log loss of each answer while left out, shape (answers, 2): weights by hand, learnt ones."""
    losses = np.zeros((len(yes), 2))
    for fold in np.unique(folds):
        out, rest = folds == fold, folds != fold
        if not rest.any():
            rest = out  # all answers are about one need: nothing can be left out
        for column, multipliers in enumerate(
            (np.ones(points.shape[1]), _fit(points[rest], yes[rest], pull))
        ):
            intercept, slope = _line(points[rest] @ multipliers, yes[rest])
            odds = intercept + slope * (points[out] @ multipliers)
            losses[out, column] = np.logaddexp(0, odds) - odds * yes[out]
    return losses


def _error(gains: Floats, needs: Sequence[str]) -> float:
    """Standard error of the mean of ``gains``; those of one need stand or fall together."""
    _, need = np.unique(np.array(needs), return_inverse=True)
    by_need = np.bincount(need, weights=gains - gains.mean())
    return float(np.sqrt((by_need**2).sum())) / len(gains)


def _sigmoid(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -500, 500))), dtype=float)
