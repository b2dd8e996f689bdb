"""A copy of all that is kept of oneself, by the same table as everything else about privacy."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.base import UtcDateTime
from matcher.privacy.registry import HOLDINGS, Holding
from matcher.web.tables import as_csv

Rows = list[dict[str, Any]]


def rows_of(person: Person) -> dict[str, Rows]:
    """By table, what it holds of this person; tables with nothing of theirs are left out."""
    told: dict[str, Rows] = {}
    for holding in HOLDINGS:
        rows = _rows(holding, person.id)
        if rows:
            told.setdefault(holding.table, []).extend(rows)
    return told


def as_zip(person: Person) -> bytes:
    """``everything.json`` for a program, and one CSV a table for a person with a spreadsheet."""
    told = rows_of(person)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        whole = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
        file.writestr("everything.json", whole)
        for table, rows in told.items():
            file.writestr(f"{table}.csv", _as_csv(rows))
    return out.getvalue()


def _rows(holding: Holding, person_id: int) -> Rows:
    table = db.metadata.tables[holding.table]
    moments = [c.name for c in table.columns if isinstance(c.type, UtcDateTime)]
    names = dict.fromkeys((*holding.columns, *holding.stays, *moments))
    found = select(*(table.c[name] for name in names)).where(table.c[holding.owner] == person_id)
    keys = list(table.primary_key.columns)
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in db.session.execute(found.order_by(*keys)).mappings()
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def _as_csv(rows: Rows) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return as_csv(columns, [[_cell(row.get(name)) for name in columns] for row in rows])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
