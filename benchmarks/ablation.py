"""What each part of the text understanding is worth: parts off in turn, cross-validated weights.

Run as ``python -m benchmarks.ablation --data FOLDER`` with needs.jsonl, offers.jsonl and qrels.tsv.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from matcher.matching import evaluation, relevance
from matcher.matching.relevance import parts, rank
from matcher.matching.text import VIEWS, TextSpace
from matcher.matching.types import Demand, Supply

GRID = {"text": (0.5, 0.6, 0.7, 0.8), "subject": (0.1, 0.2, 0.3), "level": (0.0, 0.05, 0.1)}
FOLDS = 5


class Collection:
    """Needs, offers and grades, read once."""

    def __init__(self, folder: Path) -> None:
        self.demands: list[Demand] = evaluation.read_needs(folder / "needs.jsonl")
        self.supplies: list[Supply] = evaluation.read_offers(folder / "offers.jsonl")
        self.grades = evaluation.read_grades(folder / "qrels.tsv")
        self.keys = [supply.key for supply in self.supplies]

    def figures(self, scores: np.ndarray) -> dict[str, float]:
        """NDCG@5 over all, the need's own, and the other language."""
        order = rank(scores.astype(np.float32), self.keys)
        rankings = {d.key: [self.keys[c] for c in order[n]] for n, d in enumerate(self.demands)}
        found = {"all": evaluation.figures(rankings, self.grades)["ndcg5"]}
        for name, same in (("same", True), ("cross", False)):
            some = evaluation.in_language(rankings, self.demands, self.supplies, same=same)
            found[name] = evaluation.figures(some, self.grades)["ndcg5"]
        return found

    def by_need(self, scores: np.ndarray) -> np.ndarray:
        """NDCG@5 of each need."""
        order = rank(scores.astype(np.float32), self.keys)
        return np.array(
            [
                evaluation.ndcg([self.keys[c] for c in order[n]], self.grades.get(d.key, {}), 5)
                for n, d in enumerate(self.demands)
            ]
        )


def weighed(found: Mapping[str, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
    return sum(weights[name] * found[name] for name in weights)


def cross_validated(data: Collection, found: Mapping[str, np.ndarray]) -> tuple[float, list[dict]]:
    """NDCG@5 on needs left out of the choice of weights, and the weights each fold chose."""
    choices = [dict(zip(GRID, values, strict=True)) for values in itertools.product(*GRID.values())]
    table = np.array([data.by_need(weighed(found, weights)) for weights in choices])
    fold = np.arange(table.shape[1]) % FOLDS
    left_out, chosen = [], []
    for number in range(FOLDS):
        best = int(table[:, fold != number].mean(axis=1).argmax())
        chosen.append(choices[best])
        left_out.extend(table[best, fold == number])
    return float(np.mean(left_out)), chosen


def plain_tfidf(data: Collection, analyzer: str) -> np.ndarray:
    """The baseline: TF-IDF over words, or over letters within words, fitted on the two files."""
    reach = (1, 2) if analyzer == "word" else (3, 5)
    vectorizer = TfidfVectorizer(analyzer=analyzer, ngram_range=reach, sublinear_tf=True)
    offers = vectorizer.fit_transform([f"{s.text.title} {s.text.body}" for s in data.supplies])
    needs = vectorizer.transform([f"{d.text.title} {d.text.body}" for d in data.demands])
    return (needs @ offers.T).toarray()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    given = parser.parse_args()
    data = Collection(given.data)
    table = {
        "TF-IDF, words": data.figures(plain_tfidf(data, "word")),
        "TF-IDF, letters": data.figures(plain_tfidf(data, "char_wb")),
    }
    space = TextSpace()
    found = parts(data.demands, data.supplies, space)
    table["everything"] = data.figures(weighed(found, relevance.WEIGHTS))
    for view in VIEWS:
        space.views = {name: (0.0 if name == view else weight) for name, weight in VIEWS.items()}
        less = parts(data.demands, data.supplies, space)
        table[f"without {view}"] = data.figures(weighed(less, relevance.WEIGHTS))
    for part in ("subject", "level"):
        weights = {**relevance.WEIGHTS, part: 0.0}
        table[f"without {part}"] = data.figures(weighed(found, weights))
    left_out, chosen = cross_validated(data, found)
    print(json.dumps({"table": table, "cross_validated": left_out, "chosen": chosen}, indent=1))


if __name__ == "__main__":
    main()
