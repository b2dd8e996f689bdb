"""Tables that leave the service: CSV that a spreadsheet opens right, and that cannot act in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

_ACTS = ("=", "+", "-", "@", "\t", "\r")  # how a formula may begin (OWASP, CSV injection)
Cell = str | int | float | None


def safe_cell(value: Cell) -> Cell:
    """Text that a spreadsheet would compute is marked as text; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_ACTS):
        return "'" + value
    return value


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """With a byte order mark, so that accents arrive, and without formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe_cell(name) for name in header])
    for row in rows:
        writer.writerow(["" if cell is None else safe_cell(cell) for cell in row])
    return "\ufeff" + out.getvalue()


def csv_download(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """The table as a file to keep; ``name`` is plain letters, without the ending."""
    answer = Response(as_csv(header, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
