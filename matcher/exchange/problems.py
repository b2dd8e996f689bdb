"""What is wrong with a file, in words: where, what, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass

MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not right; ``row`` counts as a spreadsheet does, the heading is row 1.

    ``row`` is None where the whole file is meant, ``column`` empty where the whole row is.
    """

    row: int | None
    column: str
    says: str


class Unreadable(Exception):
    """The file cannot be read as a table at all; carries what is wrong with it."""

    def __init__(self, says: object, *, row: int | None = None, column: str = "") -> None:
        super().__init__(says)
        self.problem = Problem(row, column, str(says))
