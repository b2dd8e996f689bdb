"""Rows into bytes: CSV and XLSX, in which no text is taken for a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.exchange.cells import told
from matcher.web import tables

LONGEST_IN_WORKBOOK = 32_767
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table on its way out."""

    title: str
    heading: Sequence[str]
    rows: Sequence[Sequence[Any]]


def as_csv(sheet: Sheet) -> bytes:
    """With ; between cells, as spreadsheets of the continent expect it."""
    rows = [[told(value) for value in row] for row in sheet.rows]
    return tables.as_csv(sheet.heading, rows, separator=";").encode("utf-8")


def as_workbook(sheets: Iterable[Sheet]) -> bytes:
    """One sheet a table; texts are written as texts, never as formulas."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.title[:31])
        page.freeze_panes = "A2"
        for number in range(1, len(sheet.heading) + 1):
            page.column_dimensions[_letter(number)].width = 24

        def cell(value: Any, *, is_bold: bool = False, page: Any = page) -> Any:
            made = WriteOnlyCell(page, value=_fitting(told(value)))
            if isinstance(made.value, str):
                made.data_type = "s"
            if is_bold:
                made.font = Font(bold=True)
            return made

        page.append([cell(title, is_bold=True) for title in sheet.heading])
        for row in sheet.rows:
            page.append([cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fitting(value: Any) -> Any:
    """Excel refuses control signs and longer texts, and would drop the rest silently."""
    if not isinstance(value, str):
        return value
    return _ILLEGAL.sub("", value)[:LONGEST_IN_WORKBOOK]


def _letter(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(number))


def explained(columns: Sequence[Mapping[str, str]], heading: Sequence[str], title: str) -> Sheet:
    """The sheet of a template that says what each column wants."""
    rows = [[column[name] for name in ("title", "asked", "hint", "example")] for column in columns]
    return Sheet(title, heading, rows)
