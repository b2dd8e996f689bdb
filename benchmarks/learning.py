"""How well weights are learnt from answers whose rule is known: ``python -m benchmarks.learning``.

Pretended regions answer by a rule: as the weights say, by chance, or with other weights of their
own; what is learnt of some answers is tried on 4,000 others. Values of parts are drawn as runs show
them: the topic narrow around a half, the other parts wider.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from matcher.matching.learning import Answer, learn
from matcher.matching.settings import DEFAULT_WEIGHTS

Floats = NDArray[np.float64]
PARTS = sorted(DEFAULT_WEIGHTS)
HAND = np.array([DEFAULT_WEIGHTS[part] for part in PARTS])
SIZES = (100, 200, 400, 1000)
REGIONS = 30
TRIED_ON = 4_000
PER_NEED = 2
STEEP = 14.0  # log odds from the worst score to the best
RULES: Mapping[str, Mapping[str, float] | None] = {
    "as the weights say": {},
    "travel counts double": {"distance": 2.0},
    "travel double, topic three quarters": {"distance": 2.0, "text": 0.75},
    "by chance": None,
}


def _values(many: int, chance: np.random.Generator) -> Floats:
    table = chance.beta(2.0, 1.2, size=(many, len(PARTS)))
    table[:, PARTS.index("text")] = np.clip(chance.normal(0.5, 0.13, many), 0, 1)
    return np.asarray(table)


def _said(values: Floats, rule: Mapping[str, float] | None, chance: np.random.Generator) -> Floats:
    if rule is None:
        return np.asarray(chance.random(len(values)) < 0.6)
    true = HAND * np.array([rule.get(part, 1.0) for part in PARTS])
    score = values @ (true / true.sum())
    odds = STEEP * (score - np.median(score)) + 0.4
    return np.asarray(chance.random(len(values)) < 1 / (1 + np.exp(-odds)))


def _agreement(weights: Floats, values: Floats, yes: Floats) -> float:
    """How often a yes scores above a no (the area under the curve)."""
    order = np.argsort(np.argsort(values @ weights)) + 1
    many = int(yes.sum())
    return float((order[yes].sum() - many * (many + 1) / 2) / (many * (len(yes) - many)))


def measure(rule: str, size: int) -> dict[str, object]:
    """Means over pretended regions."""
    rows = []
    for region in range(REGIONS):
        chance = np.random.default_rng([region, size])
        values, fresh = _values(size, chance), _values(TRIED_ON, chance)
        yes, then = _said(values, RULES[rule], chance), _said(fresh, RULES[rule], chance)
        answers = [
            Answer(str(n), str(n // PER_NEED), dict(zip(PARTS, row, strict=True)), bool(said))
            for n, (row, said) in enumerate(zip(values.tolist(), yes, strict=True))
        ]
        found = learn(answers, DEFAULT_WEIGHTS)
        learnt = np.array([found.weights[part] for part in PARTS])
        before, after = _agreement(HAND, fresh, then), _agreement(learnt, fresh, then)
        rows.append(
            (before, after, after >= before, found.is_better, found.multipliers["distance"])
        )
    table = np.array(rows, dtype=float)
    offered = table[:, 3] > 0
    return {
        "rule": rule,
        "answers": size,
        "yes above no, by hand": round(float(table[:, 0].mean()), 3),
        "learnt": round(float(table[:, 1].mean()), 3),
        "offered": round(float(offered.mean()), 2),
        "offered and better": round(float((offered & (table[:, 2] > 0)).mean()), 2),
        "travel times": round(float(table[:, 4].mean()), 2),
    }


def table() -> list[dict[str, object]]:
    return [measure(rule, size) for rule in RULES for size in SIZES]


if __name__ == "__main__":
    for row in table():
        print(json.dumps(row))
