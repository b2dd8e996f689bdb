"""What a file of each kind may hold: columns with their names in each language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from matcher.errors import Invalid
from matcher.exchange import cells
from matcher.exchange.problems import Problem, Unreadable
from matcher.exchange.rows import Row
from matcher.exchange.tables import Table

LANGUAGES = ("nl", "en")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column. ``asked`` must be there and filled; ``also`` are other names it goes by."""

    name: str
    title: LazyString
    read: cells.Read
    asked: bool = False
    also: tuple[str, ...] = ()
    example: str = ""
    hint: LazyString | str = ""

    def names(self) -> set[str]:
        """All its names, folded."""
        found = {self.name, *self.also}
        for language in LANGUAGES:
            with force_locale(language):
                found.add(str(self.title))
        return {cells.folded(one) for one in found}


@dataclass(slots=True)
class Record:
    """A row's values by column name; columns that the file lacks are not in it."""

    row: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def has(self, name: str) -> bool:
        return name in self.values


def records(table: Table, columns: Sequence[Column]) -> tuple[list[Record], list[str]]:
    """Each row typed, and the names of columns nobody knows. Unreadable where one is missing."""
    places, strangers = _places(table.heading, columns)
    missing = [str(column.title) for column in columns if column.asked and column not in places]
    if missing:
        raise Unreadable(
            _(
                "This column is missing: %(names)s. Add it, or begin from the template.",
                names=", ".join(missing),
            ),
            row=1,
        )
    return [_record(row, places) for row in table.rows], strangers


def _places(
    heading: Sequence[str], columns: Sequence[Column]
) -> tuple[dict[Column, int], list[str]]:
    known = {name: column for column in reversed(columns) for name in column.names()}
    places: dict[Column, int] = {}
    strangers = []
    for place, title in enumerate(heading):
        column = known.get(cells.folded(title))
        if column is None:
            strangers.extend([title] if title else [])
        elif column in places:
            raise Unreadable(
                _("The column %(name)s is there twice. Leave one out.", name=str(column.title)),
                row=1,
                column=title,
            )
        else:
            places[column] = place
    return places, strangers


def _record(row: Row, places: dict[Column, int]) -> Record:
    record = Record(row.number, {})
    for column, place in places.items():
        try:
            text = cells.unguarded(row.cells[place])
            value = column.read(text)
            if column.asked and value in ("", None, []):
                raise Invalid(_("Fill this in."))
            record.values[column.name] = value
        except Invalid as refusal:
            record.problems.append(Problem(row.number, str(column.title), str(refusal)))
    return record
