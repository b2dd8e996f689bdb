"""Weights from answers: which parts of the score went with a yes, within narrow bounds.

A regularised logistic regression over the parts of the score (Hosmer & Lemeshow, Applied Logistic
Regression, 2013): the log odds of a yes are a + s * sum(m_i * w_i * v_i), with the value v_i of
part i, its present weight w_i, and a multiplier m_i that is drawn towards 1. No multiplier falls
below ``LOWEST`` or rises above ``HIGHEST``, so no part changes its sign (a better fit never lowers
a score) and none dies of a few bad answers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = 0.5, 2.0
LEAST_EXAMPLES = 60
LEAST_OF_EACH = 15
FOLDS = 5

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered proposal: the values of its parts, and whether the answer was yes."""

    key: str
    values: Mapping[str, float]
    yes: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """What the answers say. ``loss_*`` are mean log losses on answers left out of the fit."""

    weights: Mapping[str, float]
    multipliers: Mapping[str, float]
    answers: int
    yes_share: float
    loss_before: float
    loss_after: float

    @property
    def is_better(self) -> bool:
        return self.loss_after < self.loss_before


class TooFewAnswers(ValueError):
    """There is not enough to learn from yet; says how much is there."""


def learn(answers: Sequence[Answer], weights: Mapping[str, float], *, pull: float = 8.0) -> Learned:
    """Fit the multipliers, and tell by cross-validation whether they would have done better.

    ``weights`` maps each part to its present weight, all >= 0; the result's weights have the same
    sum. ``pull`` is the strength of the draw towards 1 (in units of one answer's loss).
    Raises TooFewAnswers below LEAST_EXAMPLES answers or LEAST_OF_EACH of yes or no. The order of
    ``answers`` does not matter.
    """
    ordered = sorted(answers, key=lambda answer: answer.key)
    yes = np.array([answer.yes for answer in ordered], dtype=float)
    few = min(yes.sum(), len(yes) - yes.sum()) if len(yes) else 0
    if len(yes) < LEAST_EXAMPLES or few < LEAST_OF_EACH:
        raise TooFewAnswers(f"{len(yes)} answers, {int(few)} of the rarer kind")
    parts = sorted(weights)
    points = np.array(
        [[weights[part] * answer.values.get(part, 0.0) for part in parts] for answer in ordered]
    )
    multipliers = _fit(points, yes, pull)
    before, after = _cross_validated(points, yes, pull)
    total, raw = (
        sum(weights.values()),
        [weights[p] * m for p, m in zip(parts, multipliers, strict=True)],
    )
    scale = total / sum(raw)
    return Learned(
        weights={part: float(value * scale) for part, value in zip(parts, raw, strict=True)},
        multipliers={part: float(m) for part, m in zip(parts, multipliers, strict=True)},
        answers=len(yes),
        yes_share=float(yes.mean()),
        loss_before=before,
        loss_after=after,
    )


def _fit(points: Floats, yes: Floats, pull: float) -> Floats:
    """Multipliers, shape (parts,), for points of shape (answers, parts)."""
    from scipy.optimize import minimize

    intercept, slope = _line(points.sum(axis=1), yes)

    def loss(m: Floats) -> tuple[float, Floats]:
        odds = intercept + slope * (points @ m)
        error = _sigmoid(odds) - yes
        value = float(np.logaddexp(0, odds).sum() - (odds * yes).sum())
        value += pull * float(((m - 1) ** 2).sum())
        return value, slope * (points.T @ error) + 2 * pull * (m - 1)

    start = np.ones(points.shape[1])
    bounds = [(LOWEST, HIGHEST)] * points.shape[1]
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B")
    return np.asarray(found.x, dtype=float)


def _line(score: Floats, yes: Floats) -> tuple[float, float]:
    """Intercept and slope >= 0 of the log odds over the present score."""
    from scipy.optimize import minimize

    def loss(line: Floats) -> float:
        odds = line[0] + line[1] * score
        value = np.logaddexp(0, odds).sum() - (odds * yes).sum() + 0.01 * line[1] ** 2
        return float(value)

    share = min(max(float(yes.mean()), 0.01), 0.99)
    start = np.array([math.log(share / (1 - share)), 1.0])
    found = minimize(loss, start, bounds=[(-20.0, 20.0), (0.0, 40.0)], method="L-BFGS-B")
    return float(found.x[0]), float(found.x[1])


def _cross_validated(points: Floats, yes: Floats, pull: float) -> tuple[float, float]:
    """Mean log loss on the left-out fold, with present weights and with learnt ones."""
    folds = np.arange(len(yes)) % FOLDS
    losses = np.zeros((len(yes), 2))
    for fold in range(FOLDS):
        out, rest = folds == fold, folds != fold
        for column, multipliers in enumerate(
            (np.ones(points.shape[1]), _fit(points[rest], yes[rest], pull))
        ):
            intercept, slope = _line(points[rest] @ multipliers, yes[rest])
            odds = intercept + slope * (points[out] @ multipliers)
            losses[out, column] = np.logaddexp(0, odds) - odds * yes[out]
    return float(losses[:, 0].mean()), float(losses[:, 1].mean())


def _sigmoid(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -500, 500))), dtype=float)
