"""Every table in one file with sums, and back: a copy that is known to be whole.

The file is a zip of one JSON-lines file per table and a manifest with the migration it stands at
and, for each table, its rows and their SHA-256. It says nothing of one database's own format, so
what was copied from SQLite fills PostgreSQL, and the other way round.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)

from matcher.extensions import db
from matcher.models import plain

MANIFEST = "manifest.json"
FORM = 1
BATCH = 1_000


def write(file: Path) -> dict[str, int]:
    """Copy all tables as they stand at one moment; rows by table. The file appears when whole."""
    unfinished = file.with_name(f".{file.name}.part")
    manifest: dict[str, Any] = {"form": FORM, "tables": {}}
    with db.engine.connect() as link, zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as out:
        _at_one_moment(link)
        manifest["migration"] = _migration(link)
        for table in _tables():
            sums = hashlib.sha256()
            rows = 0
            with out.open(f"{table.name}.jsonl", "w", force_zip64=True) as into:
                for line in _lines(link, table):
                    into.write(line)
                    sums.update(line)
                    rows += 1
            manifest["tables"][table.name] = {"rows": rows, "sha256": sums.hexdigest()}
        out.writestr(MANIFEST, json.dumps(manifest, indent=1))
    unfinished.replace(file)
    return {name: told["rows"] for name, told in manifest["tables"].items()}


def check(file: Path) -> dict[str, int]:
    """Compare the file with its own sums; ValueError when it is not whole."""
    with _opened(file) as source:
        manifest = _manifest(source)
        for name, told in manifest["tables"].items():
            sums = hashlib.sha256()
            rows = 0
            for line in source.open(f"{name}.jsonl"):
                sums.update(line)
                rows += 1
            if (rows, sums.hexdigest()) != (told["rows"], told["sha256"]):
                raise ValueError(f"{file}: table {name} is damaged")
    return {name: told["rows"] for name, told in manifest["tables"].items()}


def read(file: Path) -> dict[str, int]:
    """Fill the empty, migrated database; the door commits. ValueError when anything differs."""
    check(file)
    link = db.session.connection()
    with _opened(file) as source:
        manifest = _manifest(source)
        if manifest["migration"] != _migration(link):
            raise ValueError(
                f"{file} stands at migration {manifest['migration']}, this database at"
                f" {_migration(link)}: use the release that wrote it, then migrate"
            )
        full = [
            t.name for t in _tables() if link.execute(select(1).select_from(t).limit(1)).first()
        ]
        if full:
            raise ValueError(f"this database is not empty: {', '.join(full)}")
        for table in _tables():
            if table.name in manifest["tables"]:
                _fill(link, table, source)
    _count_on(link)
    _compare(link, manifest["tables"])
    return {name: told["rows"] for name, told in manifest["tables"].items()}


def _tables() -> list[Table]:
    """Ours, those that others point to first."""
    return list(db.metadata.sorted_tables)


def _at_one_moment(link: Connection) -> None:
    """A transaction that sees nothing of what others write meanwhile (SQLite's always does)."""
    if link.dialect.name == "postgresql":
        link.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _migration(link: Connection) -> str:
    if not inspect(link).has_table("alembic_version"):
        return "none"
    return str(link.scalar(text("SELECT version_num FROM alembic_version")))


def _lines(link: Connection, table: Table) -> Iterator[bytes]:
    """The rows in the order of their keys, each as one line of JSON."""
    keys = list(table.primary_key.columns) or list(table.columns)
    rows = link.execution_options(yield_per=BATCH).execute(select(table).order_by(*keys))
    for row in rows.mappings():
        yield (
            json.dumps(plain.told_row(dict(row)), ensure_ascii=False, sort_keys=True).encode()
            + b"\n"
        )


def _fill(link: Connection, table: Table, source: zipfile.ZipFile) -> None:
    waiting: list[dict[str, Any]] = []
    for line in source.open(f"{table.name}.jsonl"):
        waiting.append(plain.meant_row(json.loads(line), table))
        if len(waiting) == BATCH:
            link.execute(insert(table), waiting)
            waiting = []
    if waiting:
        link.execute(insert(table), waiting)


def _count_on(link: Connection) -> None:
    """New rows get numbers after the restored ones (PostgreSQL counts apart from the table)."""
    if link.dialect.name != "postgresql":
        return
    for table in _tables():
        key = table.autoincrement_column
        if key is None:
            continue
        highest = link.scalar(select(func.max(key)))
        if highest is not None:
            sequence = func.pg_get_serial_sequence(table.name, key.name)
            link.execute(select(func.setval(sequence, highest)))


def _compare(link: Connection, told: dict[str, Any]) -> None:
    for table in _tables():
        if table.name not in told:
            continue
        sums = hashlib.sha256()
        for line in _lines(link, table):
            sums.update(line)
        if sums.hexdigest() != told[table.name]["sha256"]:
            raise ValueError(f"table {table.name} came back different; nothing was kept")


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{file} is no backup") from error


def _manifest(source: zipfile.ZipFile) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(source.read(MANIFEST))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError("the file has no manifest: it is no backup, or not whole") from error
    if manifest.get("form") != FORM:
        raise ValueError(f"backups of form {manifest.get('form')} cannot be read by this release")
    return manifest
