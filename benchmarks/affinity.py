"""Two public instances of papers and reviewers, solved by our assignment beside its peers.

``python -m benchmarks.affinity --data FOLDER`` with aamas2015.in and aamas2016.in (the bids of two
conferences, published through PrefLib, as the experiments of Xu et al., Perturbed Maximization,
2023, use them): k reviewers a paper, at most so many papers a reviewer.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from benchmarks import ways
from benchmarks.apart import apart
from matcher.matching import assignment, match
from matcher.matching.assignment import Market
from matcher.matching.groups import Groups

REVIEWERS, PAPERS = 3, 12  # a paper, a reviewer
# Sum of the best choice, and the best least sum of a paper (README of the data).
KNOWN: Mapping[str, tuple[float, float]] = {"aamas2015": (1406.25, 1.5), "aamas2016": (949.5, 1.0)}
Row = dict[str, str | float | int]


def read(path: Path) -> np.ndarray:
    """Scores, shape (papers, reviewers). ValueError when the file is not of its stated size."""
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    papers, reviewers = (int(word) for word in first.split())
    table = np.array([[float(word) for word in line.split()] for line in lines if line.strip()])
    if table.shape != (papers, reviewers):
        raise ValueError(f"{path.name} says {papers} x {reviewers} and holds {table.shape}")
    return table


def as_market(scores: np.ndarray) -> Market:
    """Papers as needs that want REVIEWERS visits, reviewers as offers without a date."""
    papers, reviewers = scores.shape
    count = papers * reviewers
    none, nothing = np.full(count, -1), np.zeros(count, dtype=bool)
    empty = np.zeros(0, dtype=np.int64)
    return Market(
        need=np.repeat(np.arange(papers), reviewers),
        pair=np.arange(count),
        slot=none,
        supply=np.tile(np.arange(reviewers), papers),
        month=none,
        term=none,
        company=none,
        value=scores.ravel(),
        tie=(np.arange(count, dtype=np.int64) * 2654435761 >> 7) & 0xFFFF,
        small=nothing,
        known=nothing,
        stood=nothing,
        wanted=np.full(papers, REVIEWERS),
        school=np.arange(papers),
        school_first=np.zeros(papers),
        unserved=np.zeros(papers, dtype=bool),
        need_first=np.zeros(papers),
        slot_cap=empty,
        supply_cap=np.full(reviewers, PAPERS),
        groups=Groups(*[empty] * 10),
        load_cost=0.0,
    )


def ours(market: Market) -> np.ndarray:
    """The product's own assignment."""
    return assignment.best(market, lambda _rows: [], rounds=0)[0]


WAYS: Mapping[str, Callable[[Market], np.ndarray]] = {
    "min-cost flow (ours)": ours,
    "best least, then best sum (HiGHS, integer)": ways.max_min_then_sum,
    "picking sequence, like FairSequence": ways.picking_sequence,
    "greedy": ways.greedy,
    "Hungarian rounds": ways.hungarian_rounds,
    "first come, first served": ways.first_come,
}


def table(folder: Path) -> list[Row]:
    """A row for each instance and way: sum, its share of the best, least paper, time, memory."""
    rows: list[Row] = []
    for name, (best, _) in KNOWN.items():
        market = as_market(read(folder / f"{name}.in"))
        for way, choose in WAYS.items():
            done = apart(choose, market)
            papers = np.bincount(
                market.need[done.value], market.value[done.value], len(market.wanted)
            )
            loads = np.bincount(market.supply[done.value], minlength=len(market.supply_cap))
            rows.append(
                {
                    "instance": name,
                    "way": way,
                    "sum": round(float(papers.sum()), 2),
                    "of the best": f"{papers.sum() / best:.2%}",
                    "least paper": round(float(papers.min()), 2),
                    "reviewers over their limit": int((loads > PAPERS).sum()),
                    "Gini": round(match.gini(loads), 3),
                    "seconds": round(done.seconds, 2),
                    "MB": round(done.peak_mb),
                }
            )
    return rows


def main() -> None:
    from benchmarks.page import as_table

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    print(as_table(table(parser.parse_args().data)))


if __name__ == "__main__":
    main()
