"""What each part of the text understanding is worth: parts off in turn, cross-validated weights.

``python -m benchmarks.ablation`` measures on benchmarks/data/judged; ``--data FOLDER`` on another
collection besides (needs.jsonl, offers.jsonl, qrels.tsv). With two collections the weights of text,
subject and level are cross-validated over the needs of both.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.page import as_table
from benchmarks.variants import WITHOUT
from matcher.matching import evaluation, relevance
from matcher.matching.relevance import parts, rank
from matcher.matching.text import TextSpace
from matcher.matching.types import Demand, Supply

JUDGED = Path(__file__).resolve().parent / "data" / "judged"
GRID = {"subject": (0.08, 0.12, 0.15, 0.2, 0.25), "level": (0.06, 0.09, 0.12, 0.16, 0.2)}
FOLDS = 5
DRAWS = 2_000  # of needs, for an interval
Scores = np.ndarray[Any, Any]


class Collection:
    """Needs, offers and grades, read once."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.demands: list[Demand] = evaluation.read_needs(folder / "needs.jsonl")
        self.supplies: list[Supply] = evaluation.read_offers(folder / "offers.jsonl")
        self.grades = evaluation.read_grades(folder / "qrels.tsv")
        self.keys = [supply.key for supply in self.supplies]

    def rankings(self, scores: Scores, needs: Sequence[int]) -> dict[str, list[str]]:
        order = rank(scores.astype(np.float32), self.keys)
        return {self.demands[n].key: [self.keys[c] for c in order[n]] for n in needs}

    def figures(self, scores: Scores, needs: Sequence[int] | None = None) -> dict[str, float]:
        """NDCG@5 over all offers, the need's own language and the others; NDCG@10, recall@10."""
        some = list(range(len(self.demands)) if needs is None else needs)
        rankings, demands = self.rankings(scores, some), [self.demands[n] for n in some]
        whole = evaluation.figures(rankings, self.grades)
        found = {"ndcg5": whole["ndcg5"]}
        for name, same in (("same", True), ("other", False)):
            kept = evaluation.in_language(rankings, demands, self.supplies, same=same)
            found[name] = evaluation.figures(kept, self.grades)["ndcg5"]
        return found | {"ndcg10": whole["ndcg10"], "recall10": whole["recall10"]}

    def by_need(self, scores: Scores) -> Scores:
        """NDCG@5 of each need; NaN for one without a relevant offer."""
        rankings = self.rankings(scores, range(len(self.demands)))
        return np.array(
            [
                evaluation.ndcg(ranked, self.grades.get(key, {}), 5)
                if max(self.grades.get(key, {}).values(), default=0) >= evaluation.RELEVANT
                else np.nan
                for key, ranked in rankings.items()
            ]
        )

    def half(self, which: int) -> list[int]:
        """Every other need in the order of keys: 0 the half choices were made on, 1 the other."""
        order = sorted(range(len(self.demands)), key=lambda n: self.demands[n].key)
        return order[which::2]


def weighed(found: Mapping[str, Scores], weights: Mapping[str, float]) -> Scores:
    return np.asarray(sum(weights[name] * found[name] for name in weights))


def interval(values: Scores) -> tuple[float, float]:
    """95 % of the means of needs drawn anew with replacement (percentile bootstrap, seeded)."""
    known = values[~np.isnan(values)]
    drawn = np.random.default_rng(0).choice(known, size=(DRAWS, len(known))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return round(float(low), 3), round(float(high), 3)


def cross_validated(
    collections: Sequence[Collection], found: Sequence[Mapping[str, Scores]]
) -> dict[str, Any]:
    """NDCG@5 on needs left out of the choice of weights, by collection, and what folds chose."""
    choices = []
    for values in itertools.product(*GRID.values()):
        less = dict(zip(GRID, values, strict=True))
        choices.append({"text": round(1 - sum(less.values()), 2), **less})
    tables = [
        np.array([data.by_need(weighed(some, weights)) for weights in choices])
        for data, some in zip(collections, found, strict=True)
    ]
    left_out: list[list[float]] = [[] for _ in collections]
    chosen = []
    for number in range(FOLDS):
        folds = [np.arange(table.shape[1]) % FOLDS for table in tables]
        means = [
            np.nanmean(table[:, fold != number], axis=1)
            for table, fold in zip(tables, folds, strict=True)
        ]
        best = int(np.mean(means, axis=0).argmax())
        chosen.append(choices[best])
        for table, fold, kept in zip(tables, folds, left_out, strict=True):
            kept.extend(table[best, fold == number])
    figures = zip(collections, left_out, strict=True)
    return {
        "ndcg5": {data.name: round(float(np.nanmean(values)), 4) for data, values in figures},
        "chosen": chosen,
    }


def plain_tfidf(data: Collection, analyzer: str) -> Scores:
    """The baseline: TF-IDF over words, or over letters within words, fitted on the two files."""
    reach = (1, 2) if analyzer == "word" else (3, 5)
    vectorizer = TfidfVectorizer(analyzer=analyzer, ngram_range=reach, sublinear_tf=True)
    offers = vectorizer.fit_transform([f"{s.text.title} {s.text.body}" for s in data.supplies])
    needs = vectorizer.transform([f"{d.text.title} {d.text.body}" for d in data.demands])
    return np.asarray((needs @ offers.T).toarray())


def table(data: Collection, space: TextSpace) -> list[dict[str, Any]]:
    """A row for each way: the baselines, everything, and everything without one part."""
    found = parts(data.demands, data.supplies, space)
    ways = {
        "TF-IDF, words": plain_tfidf(data, "word"),
        "TF-IDF, letters": plain_tfidf(data, "char_wb"),
        "everything": weighed(found, relevance.WEIGHTS),
    }
    for name, switched in WITHOUT.items():
        less = parts(data.demands, data.supplies, switched(space))
        ways[f"without {name}"] = weighed(less, relevance.WEIGHTS)
    for part in ("subject", "level"):
        ways[f"without {part}"] = weighed(found, {**relevance.WEIGHTS, part: 0.0})
    ways["text alone"] = found["text"]
    return [{"way": name, **data.figures(scores)} for name, scores in ways.items()]


def report(folders: Sequence[Path], space: TextSpace | None = None) -> dict[str, Any]:
    """All figures of these collections; the first is the judged one, told by halves as well."""
    space = space or TextSpace()
    collections = [Collection(folder) for folder in folders]
    found = [parts(data.demands, data.supplies, space) for data in collections]
    scores = [weighed(some, relevance.WEIGHTS) for some in found]
    judged = collections[0]
    return {
        "tables": {data.name: table(data, space) for data in collections},
        "interval": {
            data.name: interval(data.by_need(some))
            for data, some in zip(collections, scores, strict=True)
        },
        "halves": [
            {"half": name, **judged.figures(scores[0], judged.half(which))}
            for which, name in enumerate(("chosen on", "left out"))
        ],
        "cross_validated": cross_validated(collections, found),
    }


def sections() -> list[str]:
    """The judged collection's figures as lines of Markdown."""
    found = report([JUDGED])
    low, high = found["interval"]["judged"]
    cross = found["cross_validated"]
    return [
        "## How well texts are understood",
        "64 needs and 190 offers judged by hand (`benchmarks/data/judged`); NDCG@5 over all offers,"
        " over those in the need's own language, and over the others; NDCG@10 and recall@10 over"
        f" all. 95 % of resampled sets of needs lie between {low} and {high} for everything.",
        "",
        as_table(found["tables"]["judged"]),
        "",
        "Choices were made on one half of the needs; the other half was left out of all of them:",
        "",
        as_table(found["halves"]),
        "",
        f"Weights of text, subject and level chosen on four fifths of the needs give NDCG@5"
        f" {cross['ndcg5']['judged']} on the rest.",
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, action="append", default=[])
    given = parser.parse_args()
    print(json.dumps(report([JUDGED, *given.data]), indent=1))


if __name__ == "__main__":
    main()
