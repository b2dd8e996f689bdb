"""What a page and a template tell of each kind of file: its columns, what they want, an example."""

from __future__ import annotations

from flask_babel import gettext as _

from matcher.exchange.imports import LAYOUTS
from matcher.exchange.scope import Scope
from matcher.exchange.writing import Sheet, as_csv, as_workbook, explained
from matcher.models.exchange import ImportKind


def described(kind: ImportKind, scope: Scope) -> list[dict[str, str]]:
    """Each column in the reader's language."""
    return [
        {
            "name": column.name,
            "title": str(column.title),
            "asked": _("yes") if column.asked else "",
            "hint": str(column.hint),
            "example": column.example,
        }
        for column in LAYOUTS[kind].columns(scope)
    ]


def template(kind: ImportKind, form: str, scope: Scope) -> bytes:
    """An empty file to fill in: "csv" has the heading, "xlsx" says beside it what goes where."""
    columns = described(kind, scope)
    sheet = Sheet(str(LAYOUTS[kind].title), [column["title"] for column in columns], [])
    if form == "csv":
        return as_csv(sheet)
    heading = [_("Column"), _("Must be filled"), _("What goes there"), _("Example")]
    return as_workbook([sheet, explained(columns, heading, _("Explanation"))])
