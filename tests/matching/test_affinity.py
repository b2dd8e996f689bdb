"""The optimum of two public instances, reproduced; their files are not ours to ship."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks import ways
from benchmarks.affinity import KNOWN, PAPERS, REVIEWERS, as_market, ours, read

FOLDER = Path(os.environ.get("AFFINITY_DATA", "") or "there is none")

needs_files = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="AFFINITY_DATA names no folder with aamas2015.in and aamas2016.in"
)


@needs_files
@pytest.mark.parametrize("name", sorted(KNOWN))
def test_known_optimum_of_a_public_instance(name: str) -> None:
    market = as_market(read(FOLDER / f"{name}.in"))
    rows = ours(market)
    assert float(market.value[rows].sum()) == KNOWN[name][0]
    assert np.bincount(market.need[rows]).max() <= REVIEWERS
    assert np.bincount(market.supply[rows]).max() <= PAPERS


@pytest.fixture
def scores() -> np.ndarray:
    """Papers enough that limits bite; four levels of score, as people bid."""
    return np.random.default_rng(5).choice([0.0, 0.25, 0.5, 1.0], size=(45, 11))


def test_our_choice_is_that_of_an_integer_programme(scores: np.ndarray) -> None:
    """The same model by HiGHS; and no other way passes it or its limits."""
    market = as_market(scores)
    best = market.value[ours(market)].sum()
    assert best == pytest.approx(market.value[ways.by_highs(market)].sum())
    for way in (ways.greedy, ways.first_come, ways.picking_sequence, ways.hungarian_rounds):
        rows = way(market)
        assert market.value[rows].sum() <= best
        assert np.bincount(market.need[rows]).max() <= REVIEWERS
        assert np.bincount(market.supply[rows]).max() <= PAPERS


def test_file_of_another_size_than_it_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.in"
    path.write_text("2 3\n0 1 0.5\n")
    with pytest.raises(ValueError, match="says 2 x 3 and holds"):
        read(path)
