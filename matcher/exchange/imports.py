"""Verbs on a file that comes in: look what it would do, keep it until the yes, do it, forget it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select
from sqlalchemy.exc import DataError, IntegrityError

from matcher import clock
from matcher.errors import DomainError, NotFound
from matcher.exchange import companies, merges, needs, offers, people, schools
from matcher.exchange.columns import LANGUAGES, Column, Record, records
from matcher.exchange.outcome import Line, Report, Verdict
from matcher.exchange.problems import Problem, Unreadable
from matcher.exchange.scope import Scope
from matcher.exchange.tables import read_table
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.exchange import ImportKind, ImportUpload, MergeKind
from matcher.web.forms import clean_line

KEPT_FOR = timedelta(days=1)
MOST_KEPT = 5  # of one person


class Importer(Protocol):
    """What brings one kind of row into the database."""

    def __init__(self, scope: Scope, found: Sequence[Record]) -> None: ...
    @staticmethod
    def key(record: Record) -> object: ...
    @staticmethod
    def is_told_twice(record: Record, first: Record) -> bool: ...
    def take(self, record: Record) -> Line: ...


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of file: what it is called, its columns, and who takes its rows."""

    title: Any
    columns: Callable[[Scope], tuple[Column, ...]]
    importer: type[Importer]

    def sheets(self, kind: ImportKind) -> list[str]:
        """The names a sheet of a workbook may have."""
        found = [kind.value]
        for language in LANGUAGES:
            with force_locale(language):
                found.append(str(self.title))
        return found


LAYOUTS: dict[ImportKind, Layout] = {
    ImportKind.SCHOOLS: Layout(_l("Schools"), schools.columns, schools.Schools),
    ImportKind.COMPANIES: Layout(_l("Companies"), companies.columns, companies.Companies),
    ImportKind.PEOPLE: Layout(_l("People"), people.columns, people.People),
    ImportKind.NEEDS: Layout(_l("Requests"), needs.columns, needs.Needs),
    ImportKind.OFFERS: Layout(_l("Offers"), offers.columns, offers.Offers),
}


JOINED = {
    ImportKind.SCHOOLS: MergeKind.SCHOOL,
    ImportKind.COMPANIES: MergeKind.COMPANY,
    ImportKind.PEOPLE: MergeKind.PERSON,
}


# ---- look and do --------------------------------------------------------------------------------
def look(kind: ImportKind, content: bytes, scope: Scope) -> Report:
    """What the file would do: it is done, looked at, and undone."""
    attempt = db.session.begin_nested()
    try:
        return _carry_out(kind, content, scope)
    finally:
        attempt.rollback()


def bring_in(
    kind: ImportKind, content: bytes, scope: Scope, *, seen: str | None = None
) -> tuple[Report, bool]:
    """Do it, all or nothing; whether it was done. ``seen`` is the digest of the report shown."""
    attempt = db.session.begin_nested()
    is_done = False
    try:
        report = _carry_out(kind, content, scope)
        is_done = not report.problems and seen in (None, report.digest)
    finally:
        (attempt.commit if is_done else attempt.rollback)()
    return report, is_done


def _carry_out(kind: ImportKind, content: bytes, scope: Scope) -> Report:
    layout, report = LAYOUTS[kind], Report()
    try:
        columns = layout.columns(scope)
        table = read_table(content, sheets=layout.sheets(kind))
        found, report.strangers = records(table, columns)
        found = _without_joined(kind, found, report)
        _take_all(layout.importer(scope, found), found, columns, report)
        if not report.problems:
            db.session.flush()
    except Unreadable as refusal:
        report.problems.append(refusal.problem)
    except (IntegrityError, DataError):
        report.problems.append(
            Problem(None, "", _("Two rows, or a row and what stands here, exclude each other."))
        )
    report.problems.sort(key=lambda problem: (problem.row or 0, problem.column))
    return report


def _without_joined(kind: ImportKind, found: list[Record], report: Report) -> list[Record]:
    """Rows of what was made one with something else are left out, or it would come back."""
    twice = JOINED.get(kind)
    joined = merges.joined_keys(twice) if twice is not None else {}
    left = []
    for record in found:
        into = joined.get(_name_in_file(record)) if joined and not record.problems else None
        if into is None:
            left.append(record)
        else:
            note = _("Was made one with %(other)s", other=into)
            line = Line(record.row, _name_in_file(record), Verdict.ASIDE, note=note)
            report.lines.append(line)
    return left


def _name_in_file(record: Record) -> str:
    """As ``merges.natural_key`` tells it."""
    if record.has("email"):
        return str(record.get("email"))
    code = f"{record.get('register_code') or ''}{record.get('establishment') or ''}"
    return code or str(record.get("name") or "").lower()


def _take_all(
    importer: Importer, found: Sequence[Record], columns: Sequence[Column], report: Report
) -> None:
    titles = {column.name: str(column.title) for column in columns}
    seen: dict[object, Record] = {}
    with db.session.no_autoflush:
        for record in found:
            report.problems.extend(record.problems)
            if record.problems:
                continue
            first = seen.setdefault(importer.key(record), record)
            if first is not record:
                _told_twice(importer, record, first, report)
                continue
            try:
                report.lines.append(importer.take(record))
            except DomainError as refusal:
                field = refusal.field or ""
                column = titles.get(field, "")
                report.problems.append(Problem(record.row, column, str(refusal)))


def _told_twice(importer: Importer, record: Record, first: Record, report: Report) -> None:
    if importer.is_told_twice(record, first):
        note = _("Stands in row %(row)d already", row=first.row)
        label = str(importer.key(record))
        report.lines.append(Line(record.row, label, Verdict.ASIDE, note=note))
        return
    text = _("Row %(row)d has the same key and says something else. Keep one.", row=first.row)
    report.problems.append(Problem(record.row, "", text))


# ---- kept until the yes -------------------------------------------------------------------------
def keep(
    kind: ImportKind, filename: str, content: bytes, report: Report, *, by: Person
) -> ImportUpload:
    """Keep a file whose rows are right, with what it would do; older ones make room."""
    upload = ImportUpload(
        by_id=by.id,
        kind=kind,
        filename=clean_line(filename)[:200] or "?",
        content=content,
        digest=report.digest,
        report=report.as_record(),
    )
    db.session.add(upload)
    db.session.flush()
    waiting = (
        select(ImportUpload.id)
        .where(ImportUpload.by_id == by.id)
        .order_by(ImportUpload.id.desc())
        .offset(MOST_KEPT)
        .limit(100)
    )
    old = list(db.session.scalars(waiting))
    db.session.execute(delete(ImportUpload).where(ImportUpload.id.in_(old)))
    return upload


def kept(upload_id: int, *, by: Person) -> ImportUpload:
    """One's own upload; who else asks hears that there is none."""
    upload = db.session.get(ImportUpload, upload_id)
    if upload is None or upload.by_id != by.id:
        raise NotFound(_l("This file is no longer kept. Choose it again."))
    return upload


def confirm(upload: ImportUpload, scope: Scope) -> tuple[Report, bool]:
    """Do what was shown, and forget the file; if it would now do something else, show that."""
    report, is_done = bring_in(upload.kind, upload.content, scope, seen=upload.digest)
    if is_done or report.problems:
        db.session.delete(upload)
    else:
        upload.digest, upload.report = report.digest, report.as_record()
    db.session.flush()
    return report, is_done


def forget(upload: ImportUpload) -> None:
    db.session.delete(upload)


def forget_old() -> int:
    """Files nobody said yes to; how many."""
    old = delete(ImportUpload).where(ImportUpload.created_at < clock.now() - KEPT_FOR)
    return int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]


def title_of(kind: ImportKind, name: str, scope: Scope) -> str:
    """What a column of this kind is called in the reader's language."""
    found = {column.name: column.title for column in LAYOUTS[kind].columns(scope)}
    return str(found.get(name, name))
