"""The table of security requirements names tests and files that are there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.house.asvs import ROOT, Row, rows

HOWS = {"test", "partly", "place", "document", "operation", "not met", "not applicable"}
PER_LEVEL = {"1": 70, "2": 183}  # ASVS 5.0.0


def test_every_requirement_of_both_levels_stands_there_once() -> None:
    table = rows()
    assert Counter(row.level for row in table) == PER_LEVEL
    assert len({row.requirement for row in table}) == len(table)
    assert {row.how for row in table} <= HOWS
    assert [row.requirement for row in table if not row.words] == []


@pytest.mark.parametrize(
    "row", [row for row in rows() if row.where], ids=lambda row: row.requirement
)
def test_what_a_row_names_is_there(row: Row) -> None:
    file, _, name = row.where.partition("::")
    assert (ROOT / file).exists()
    if name:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == name]
        assert len(found) == 1
        assert not any("skip" in ast.unparse(mark) for mark in found[0].decorator_list)


def test_a_claim_names_what_shows_it() -> None:
    silent = {"not met", "not applicable"}
    assert [row.requirement for row in rows() if (row.where == "") != (row.how in silent)] == []


def test_the_page_counts_what_the_table_holds() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    told = [int(n) for n in re.findall(r"^\| [a-z ]+ \| (\d+) \|$", page, re.M)]
    counted = Counter(row.how for row in rows())
    order = ["test", "place", "document", "operation", "partly", "not met", "not applicable"]
    assert told == [counted[how] for how in order]


def test_every_experiment_of_the_reliability_page_is_there() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", page)
    assert len(named) > 20
    for file, name in named:
        source = Path(ROOT / file).read_text("utf-8")
        assert not name or f"def {name}(" in source, (file, name)
