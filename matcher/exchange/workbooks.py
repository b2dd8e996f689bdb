"""XLSX in: values only, read row by row, and never more than fits."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _

from matcher.exchange.problems import Unreadable
from matcher.exchange.rows import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Row
from matcher.web.tables import safe_cell

MOST_UNPACKED = 60 * 1024 * 1024
MOST_PARTS = 500
BROKEN = (KeyError, ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile, AttributeError)


def rows_of_workbook(content: bytes, sheets: Sequence[str]) -> Iterator[Row]:
    """The rows of one sheet, formulas refused."""
    _refuse_bomb(content)
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = _chosen(book.worksheets, sheets)
        sheet.reset_dimensions()
        yield from _rows(sheet)
    except Unreadable:
        raise
    except (*BROKEN, SyntaxError, IndexError, InvalidFileException) as error:
        raise Unreadable(_damaged()) from error


def _damaged() -> str:
    return _("This xlsx file is damaged or not whole. Open it in your spreadsheet and save again.")


def _refuse_bomb(content: bytes) -> None:
    """What unpacks to far more than it is, or brings entities of its own, is not opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(p.file_size for p in parts) > MOST_UNPACKED:
                raise Unreadable(
                    _("Unpacked, this file is far too large. Save only the rows you need.")
                )
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise Unreadable(_("This is a zip file, not an xlsx file. Unpack it first."))
            for part in parts:
                with archive.open(part) as file:
                    if b"<!DOCTYPE" in file.read(2_000).upper():
                        raise Unreadable(_damaged())
    except (*BROKEN, NotImplementedError, RuntimeError) as error:
        raise Unreadable(_damaged()) from error


def _chosen(found: Sequence[Any], names: Sequence[str]) -> Any:
    if not found:
        raise Unreadable(_damaged())
    wanted = {name.casefold() for name in names}
    return next((one for one in found if one.title.casefold() in wanted), found[0])


def _rows(sheet: Any) -> Iterator[Row]:
    """Padded to the widest of the heading; a sheet that goes on without content ends."""
    width = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), 1):
        if number > 2 * MOST_ROWS:
            raise Unreadable(_("The file has more than %(most)d rows. Divide it.", most=MOST_ROWS))
        texts = [_text(cell, number) for cell in cells]
        if not any(texts):
            continue
        width = width or len(texts)
        yield Row(number, texts + [""] * (width - len(texts)))


def _text(cell: Any, number: int) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise Unreadable(
            _("This cell holds a formula. Put its outcome there instead (paste as values)."),
            row=number,
            column=_letter(cell),
        )
    if cell.data_type == "e":
        raise Unreadable(
            _("This cell holds an error (%(error)s). Fill in what it should be.", error=str(value)),
            row=number,
            column=_letter(cell),
        )
    return _told(value)[: LONGEST_CELL + 1]


def _letter(cell: Any) -> str:
    return str(cell.column_letter)


def _told(value: Any) -> str:
    """As one would type it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        plain = value.time() == time(0)
        return value.date().isoformat() if plain else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    return str(safe_cell(str(value)))  # a text is a text, whatever it begins with
