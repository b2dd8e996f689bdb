"""Files as people bring them, built in the test."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from matcher import backups
from matcher.exchange import imports
from matcher.exchange.outcome import Report
from matcher.exchange.scope import Scope
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.exchange import ImportKind
from matcher.reference import programme

SCHOOL = {
    "code": "01AB00",
    "naam": "De Brug",
    "postcode": "5611AB",
    "plaats": "Eindhoven",
    "type": "HAVO/VWO",
}
COMPANY = {
    "naam": "Molenbouw",
    "kvk": "01234567",
    "medewerkers": "12",
    "postcode": "5611 AB",
}
TEACHER = {
    "mail": "nieuw@school.nl",
    "naam": "Nina Nieuw",
    "rol": "docent",
    "school": "99LO00",
    "bedrijf": "",
}
NEED = {
    "kenmerk": "v-1",
    "school": "99LO00",
    "docent": "anna@example.nl",
    "titel": "Wind op zee",
    "doel": "Weten hoe stroom van zee komt.",
    "vak": "natuurkunde",
    "levels": "havo-bovenbouw",
    "leerjaar": "4",
    "leerlingen": "28",
    "kinds": "lecture; tour",
    "data en tijden": "2027-03-01 09:00-10:00; 2-3-2027 13:30-15:10",
}
OFFER = {
    "kenmerk": "a-1",
    "bedrijf": "Windwerk",
    "soort": "gastles",
    "titel": "Een windmolen van binnen",
    "omschrijving": "We halen een tandwielkast uit elkaar.",
    "vakken": "natuurkunde",
    "niveaus": "havo-bovenbouw",
    "languages": "nl",
    "gastdocenten": "dirk@example.nl",
}
Rows = Sequence[Mapping[str, Any]]


def as_csv(rows: Rows, separator: str = ";", encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: Rows, *, title: str = "Blad1", more: Iterable[Sequence[Any]] = ()) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    sheet.append(list(rows[0]))
    for row in (*(list(row.values()) for row in rows), *more):
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def scope(by: Person | None = None) -> Scope:
    return Scope(by, programme("nl"))


def bring(kind: str, content: bytes, by: Person | None = None) -> Report:
    """Bring a file in for good; what was wrong stands in the report."""
    report, is_done = imports.bring_in(ImportKind(kind), content, scope(by))
    assert is_done == (not report.problems)
    (db.session.commit if is_done else db.session.rollback)()
    return report


def told(report: Report) -> list[tuple[int | None, str, str]]:
    return [(problem.row, problem.column, problem.says) for problem in report.problems]


def dump() -> dict[str, list[bytes]]:
    """Every row of every table, as the database has it now."""
    db.session.rollback()
    with db.engine.connect() as link:
        return {
            table.name: list(backups._lines(link, table)) for table in db.metadata.sorted_tables
        }
