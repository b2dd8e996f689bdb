"""Ranking figures against values computed by hand; bad files are told by line."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from matcher.matching import evaluation


def test_ndcg_by_hand() -> None:
    grades = {"a": 3, "b": 1}
    ideal = 7 + 1 / math.log2(3)
    assert evaluation.ndcg(["a", "b", "c"], grades, 5) == pytest.approx(1.0)
    assert evaluation.ndcg(["b", "a"], grades, 5) == pytest.approx((1 + 7 / math.log2(3)) / ideal)
    assert evaluation.ndcg(["c", "c2", "c3", "c4", "c5", "a"], grades, 5) == 0.0
    assert evaluation.ndcg(["c"], {}, 5) == 0.0


def test_recall_and_first_hit_by_hand() -> None:
    grades = {"a": 3, "b": 2, "c": 1}
    assert evaluation.recall(["c", "a", "x", "b"], grades, 2) == 0.5
    assert evaluation.reciprocal_rank(["c", "x", "b"], grades) == pytest.approx(1 / 3)
    assert evaluation.reciprocal_rank(["c"], grades) == 0.0


def _files(folder: Path) -> tuple[Path, Path, Path]:
    need = {"id": "n1", "title": "Windenergie", "description": "vermogen", "language": "nl"}
    offers = [
        {"id": "o1", "title": "Wind farm", "description": "power of wind", "language": "en"},
        {"id": "o2", "title": "Windmolens", "description": "stroom uit wind", "language": "nl"},
        {"id": "o3", "title": "Taart bakken", "description": "deeg en room", "language": "nl"},
    ]
    paths = folder / "needs.jsonl", folder / "offers.jsonl", folder / "qrels.tsv"
    paths[0].write_text(json.dumps(need) + "\n", encoding="utf-8")
    paths[1].write_text("".join(json.dumps(o) + "\n" for o in offers), encoding="utf-8")
    paths[2].write_text("need\toffer\tgrade\nn1\to1\t3\nn1\to2\t2\n", encoding="utf-8")
    return paths


def test_evaluate_gives_the_figures_by_name(tmp_path: Path) -> None:
    found = evaluation.evaluate(*_files(tmp_path))
    assert set(found) == {
        "ndcg5",
        "ndcg10",
        "recall10",
        "mrr",
        "same_language_ndcg5",
        "cross_language_ndcg5",
        "needs",
        "offers",
        "seconds",
    }
    assert (found["needs"], found["offers"]) == (1, 3)
    assert found["recall10"] == 1.0
    assert found["cross_language_ndcg5"] == 1.0  # only o1 is in the other language
    assert found["same_language_ndcg5"] == 1.0  # o2 before o3


def test_broken_line_is_told_by_file_and_number(tmp_path: Path) -> None:
    needs, offers, qrels = _files(tmp_path)
    needs.write_text('{"id": "n1", "title": "x"}\n{broken\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"needs\.jsonl, line 2"):
        evaluation.evaluate(needs, offers, qrels)
