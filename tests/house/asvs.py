"""Reads docs/asvs.csv: which test shows which security requirement."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent


class Row(NamedTuple):
    """One requirement: how it is met, where, in a few words."""

    requirement: str
    level: str
    how: str
    where: str
    words: str


def rows() -> list[Row]:
    with (ROOT / "docs" / "asvs.csv").open(encoding="utf-8", newline="") as table:
        read = csv.reader(table)
        next(read)
        return [Row(*row) for row in read]


def mapped_tests() -> set[str]:
    """Files and functions that show a requirement."""
    return {row.where for row in rows() if row.how in {"test", "partly"}}
