"""One row of texts, and how much a file may hold."""

from __future__ import annotations

from dataclasses import dataclass

LARGEST = 5 * 1024 * 1024  # bytes; also what a request may carry
MOST_ROWS = 20_000
MOST_COLUMNS = 100
LONGEST_CELL = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, by their place; ``number`` is the spreadsheet's."""

    number: int
    cells: list[str]
