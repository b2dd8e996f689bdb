"""A file's bytes into a table of texts: CSV in whatever encoding and separator, or XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from matcher.exchange.problems import Unreadable
from matcher.exchange.rows import LARGEST, LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Row
from matcher.exchange.workbooks import rows_of_workbook

SEPARATORS = ";,\t|"
ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0"
MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """A heading and its rows; every row has as many cells as the heading."""

    heading: list[str]
    rows: list[Row]


def read_table(content: bytes, *, sheets: Sequence[str] = ()) -> Table:
    """The table in a file. Of several sheets the one named like one of ``sheets``, or the first.

    Raises Unreadable, in the reader's language.
    """
    if len(content) > LARGEST:
        most = LARGEST // 1024 // 1024
        raise Unreadable(_("The file is larger than %(most)d MB. Divide it.", most=most))
    if not content.strip():
        raise Unreadable(_("The file is empty. Choose the file with your data."))
    if content.startswith(OLE):
        raise Unreadable(
            _("This is an old Excel file (xls), or one with a password. Save it as xlsx or CSV.")
        )
    if content.startswith(ZIP):
        return _table(rows_of_workbook(content, sheets))
    return _table(_rows_of_csv(_decoded(content)))


def _decoded(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or the Windows encoding of Western Europe."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _strictly(content, (encoding,))
    if b"\x00" in content:
        raise Unreadable(
            _("This is no table: it holds zero bytes. Save it as CSV (UTF-8) or as xlsx.")
        )
    return _strictly(content, ("utf-8", "windows-1252"))


def _strictly(content: bytes, encodings: Iterable[str]) -> str:
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text or "\ufffd" in text:
            break
        return text
    raise Unreadable(
        _("The letters of this file cannot be read. Save it as CSV (UTF-8) or as xlsx.")
    )


def _rows_of_csv(text: str) -> Iterator[Row]:
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 1
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(_csv_trouble(str(error)), row=number) from error
        yield Row(number, cells)


def _csv_trouble(told: str) -> str:
    if "field larger" in told:
        return _too_long()
    if "end of data" in told:
        return _(
            'A text begins with " here and does not end: the file is cut off, or a " is missing.'
        )
    return _('The quotation marks of this row do not add up. Write a " inside a text as "".')


def _too_long() -> str:
    most = f"{LONGEST_CELL:_}".replace("_", " ")
    return _("This cell holds more than %(most)s characters. Shorten it.", most=most)


def _table(rows: Iterable[Row]) -> Table:
    """The first row that holds something is the heading; empty rows do not count."""
    heading: list[str] = []
    found: list[Row] = []
    for row in rows:
        if not any(cell.strip() for cell in row.cells):
            continue
        if not heading:
            heading = _heading(row)
            continue
        found.append(_checked(row, heading))
        if len(found) > MOST_ROWS:
            raise Unreadable(_("The file has more than %(most)d rows. Divide it.", most=MOST_ROWS))
    if not heading:
        raise Unreadable(_("The file is empty. Choose the file with your data."))
    if not found:
        raise Unreadable(_("Under the heading there is no row. Fill in at least one."))
    return Table(heading, found)


def _heading(row: Row) -> list[str]:
    cells = [cell.strip() for cell in row.cells]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise Unreadable(
            _("The file has more than %(most)d columns. Leave out some.", most=MOST_COLUMNS)
        )
    if any(len(cell) > 200 for cell in cells):
        raise Unreadable(
            _("The first row must be the heading, with the name of each column."), row=row.number
        )
    return cells


def _checked(row: Row, heading: list[str]) -> Row:
    width = len(heading)
    cells = row.cells
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        raise Unreadable(
            _(
                "This row has %(cells)d cells, the heading %(columns)d. The file is cut off here,"
                ' or a text that holds the separator lacks its " around it.',
                cells=len(cells),
                columns=width,
            ),
            row=row.number,
        )
    for name, cell in zip(heading, cells, strict=False):
        if len(cell) > LONGEST_CELL:
            raise Unreadable(_too_long(), row=row.number, column=name)
    return Row(row.number, cells[:width])
