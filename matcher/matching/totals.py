"""The figures of many runs as those of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.matching.match import gini
from matcher.matching.types import Pairing, Supply

COUNTED = ("needs", "candidates", "meetings", "proposals", "matched", "unmatched")
SHARES = ("small_company_share", "unserved_school_share", "known_partner_share", "mean_score")


@dataclass(frozen=True)
class Part:
    """One run: what it could give, what it proposed, and its figures."""

    supplies: Sequence[Supply]
    proposals: Sequence[Pairing]
    statistics: Mapping[str, Any]


def together(parts: Sequence[Part]) -> dict[str, Any]:
    """Counts added up, shares by proposals, gap and price by what they are shares of.

    The inequality of load is that of companies over all runs. Without any run all is 0.
    """
    every = [part.statistics for part in parts]
    found: dict[str, Any] = {name: sum(one.get(name, 0) for one in every) for name in COUNTED}
    found["offers"] = len({supply.key for part in parts for supply in part.supplies})
    proposals = found["proposals"]
    for name in SHARES:
        total = sum(one.get(name, 0.0) * one.get("proposals", 0) for one in every)
        found[name] = round(total / proposals, 6) if proposals else 0.0
    objective = sum(one.get("objective", 0.0) for one in every)
    bound = sum(one.get("bound", 0.0) for one in every)
    blockers: Counter[str] = Counter()
    for one in every:
        blockers.update(one.get("unmatched_by_blocker") or {})
    return found | {
        "objective": round(objective, 6),
        "bound": round(bound, 6),
        "gap": round(max(0.0, (bound - objective) / bound), 6) if bound > 0 else 0.0,
        "price_of_fairness": _price(every),
        "gini": round(_gini(parts), 6),
        "unmatched_by_blocker": dict(sorted(blockers.items())),
    }


def _price(every: Sequence[Mapping[str, Any]]) -> float:
    """Of all scores there could be, the share that was given up."""
    ours = [one.get("mean_score", 0.0) * one.get("proposals", 0) for one in every]
    most = [
        mine / (1 - min(0.999999, one.get("price_of_fairness", 0.0)))
        for mine, one in zip(ours, every, strict=True)
    ]
    return round(1 - sum(ours) / sum(most), 6) if sum(most) > 0 else 0.0


def _gini(parts: Sequence[Part]) -> float:
    company = {supply.key: supply.company for part in parts for supply in part.supplies}
    loads = Counter(company[p.supply] for part in parts for p in part.proposals)
    return gini(np.array([loads[name] for name in sorted(set(company.values()))]))
