"""Tables that leave the service: CSV that a spreadsheet opens right, and that cannot act in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from flask import Response

# How a formula may begin (OWASP, CSV injection), behind marks and spaces, in full width too.
_ACTS = re.compile(r"[' ]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
Cell = str | int | float | None


def safe_cell(value: Cell) -> Cell:
    """Text that a spreadsheet would compute is marked as text; numbers stay numbers."""
    return "'" + value if isinstance(value, str) and _ACTS.match(value) else value


def meant_by(text: str) -> str:
    """What ``safe_cell`` was given."""
    return text[1:] if text.startswith("'") and _ACTS.match(text) else text


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, separator: str = ",") -> str:
    """With a byte order mark, so that accents arrive, and without formulas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerow([safe_cell(name) for name in header])
    for row in rows:
        writer.writerow(["" if cell is None else safe_cell(cell) for cell in row])
    return "\ufeff" + out.getvalue()


def csv_download(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """The table as a file to keep; ``name`` is plain letters, without the ending."""
    answer = Response(as_csv(header, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
