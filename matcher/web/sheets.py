"""Tables to take along: CSV that Excel and LibreOffice open right, and that runs nothing there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response
from flask_babel import format_decimal

# What a spreadsheet would read as the beginning of a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark, semicolons, numbers as the reader's language writes them."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe_cell(title) for title in head])
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return sheet.getvalue().encode("utf-8-sig")


def safe_cell(value: object) -> str:
    """As text; what would be a formula gets an apostrophe in front and stays words."""
    if value is None:
        return ""
    if isinstance(value, float):
        return format_decimal(value, "0.##")
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULAS) else text


def download(sheet: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(sheet, mimetype="text/csv", headers=headers)
