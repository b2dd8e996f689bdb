"""How good a ranking is: gain, recall and first hits, in and across languages."""

from __future__ import annotations

import csv
import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from matcher.matching.relevance import rank, relevance
from matcher.matching.types import Demand, Supply, Text

RELEVANT = 2
Grades = Mapping[str, Mapping[str, int]]


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Normalised discounted cumulative gain at k, gain 2^grade - 1 (Burges et al., 2005).

    0 when nothing has a gain. The ideal ranking is over the offers in ``grades`` that are ranked.
    """
    gains = [2 ** grades.get(key, 0) - 1 for key in ranked]
    ideal = sorted(gains, reverse=True)
    best = _discounted(ideal[:k])
    return _discounted(gains[:k]) / best if best else 0.0


def _discounted(gains: Sequence[float]) -> float:
    return float(sum(gain / np.log2(place + 2) for place, gain in enumerate(gains)))


def recall(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Share of the relevant (grade >= 2) that stand among the first k; 0 when none is relevant."""
    relevant = {key for key, grade in grades.items() if grade >= RELEVANT} & set(ranked)
    return len(relevant & set(ranked[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """1 / place of the first relevant offer; 0 when there is none."""
    for place, key in enumerate(ranked, 1):
        if grades.get(key, 0) >= RELEVANT:
            return 1 / place
    return 0.0


def figures(rankings: Mapping[str, Sequence[str]], grades: Grades) -> dict[str, float]:
    """Means over the needs that have a relevant offer among those ranked."""
    counted = [
        need
        for need, ranked in sorted(rankings.items())
        if any(grades.get(need, {}).get(key, 0) >= RELEVANT for key in ranked)
    ]

    def mean(measure: Any) -> float:
        values = [measure(rankings[need], grades[need]) for need in counted]
        return round(float(np.mean(values)), 4) if values else 0.0

    return {
        "ndcg5": mean(lambda r, g: ndcg(r, g, 5)),
        "ndcg10": mean(lambda r, g: ndcg(r, g, 10)),
        "recall10": mean(lambda r, g: recall(r, g, 10)),
        "mrr": mean(reciprocal_rank),
    }


def evaluate(needs: Path, offers: Path, qrels: Path) -> dict[str, float]:
    """Rank the offers for each need as the matcher does, and measure against the grades.

    ValueError, with file and line, when a file does not have the shape of data/relevance.
    """
    started = time.perf_counter()
    demands, supplies, grades = read_needs(needs), read_offers(offers), read_grades(qrels)
    scores = relevance(demands, supplies)
    keys = [supply.key for supply in supplies]
    order = rank(scores, keys)
    rankings = {d.key: [keys[c] for c in order[n]] for n, d in enumerate(demands)}
    found = figures(rankings, grades)
    for name, same in (("same", True), ("cross", False)):
        some = in_language(rankings, demands, supplies, same=same)
        found[f"{name}_language_ndcg5"] = figures(some, grades)["ndcg5"]
    found["needs"], found["offers"] = len(demands), len(supplies)
    found["seconds"] = round(time.perf_counter() - started, 2)
    return found


def read_needs(path: Path) -> list[Demand]:
    """Needs of a file, in its order."""
    return [_demand(row) for row in _rows(path)]


def read_offers(path: Path) -> list[Supply]:
    """Offers of a file, in its order."""
    return [_supply(row) for row in _rows(path)]


def in_language(
    rankings: Mapping[str, Sequence[str]],
    demands: Sequence[Demand],
    supplies: Sequence[Supply],
    *,
    same: bool,
) -> dict[str, list[str]]:
    """The rankings with only the offers in each need's own language, or only the others."""
    language = {supply.key: supply.text.language for supply in supplies}
    return {
        demand.key: [
            key for key in rankings[demand.key] if (language[key] == demand.text.language) is same
        ]
        for demand in demands
    }


def _rows(path: Path) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
                rows.append({**row, "id": row["id"], "title": row["title"]})
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path.name}, line {number}: {error!r}") from error
    return rows


def read_grades(path: Path) -> dict[str, dict[str, int]]:
    """Need -> offer -> grade."""
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t"), 2):
            try:
                grades[row["need"]][row["offer"]] = int(row["grade"])
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path.name}, line {number}: {error!r}") from error
    return grades


def _demand(row: Mapping[str, Any]) -> Demand:
    return Demand(
        key=row["id"],
        text=Text(row["title"], row.get("description", ""), row.get("language", "nl")),
        subjects=(row["subject"],) if row.get("subject") else (),
        levels=(row["level"],) if row.get("level") else (),
        group_size=row.get("group_size") or 25,
        kinds=frozenset(row.get("kinds") or ()),
        place=row.get("format", "both"),
        languages=frozenset(row.get("accepts_languages") or ()),
        minutes=row.get("duration_minutes") or 50,
        school="",
        region="",
    )


def _supply(row: Mapping[str, Any]) -> Supply:
    return Supply(
        key=row["id"],
        kind=row.get("kind", "lecture"),
        text=Text(row["title"], row.get("description", ""), row.get("language", "nl")),
        subjects=tuple(row.get("subjects") or ()),
        levels=tuple(row.get("levels") or ()),
        place=row.get("format", "both"),
        languages=frozenset({row.get("language", "nl")}),
        minutes=row.get("duration_minutes") or 50,
        max_group=row.get("max_group"),
        company="",
        employees=row.get("employees") or 1,
        region="",
    )
