"""The operator's door for files: flask --app wsgi import, export."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_babel import force_locale

from matcher.exchange import exports, imports
from matcher.exchange.outcome import Report
from matcher.exchange.rows import LARGEST
from matcher.exchange.scope import Scope
from matcher.extensions import db
from matcher.models.exchange import ImportKind
from matcher.reference import programme

MOST_SHOWN = 50


def register(app: Flask) -> None:
    """Hang the commands on the application."""
    app.cli.add_command(import_file)
    app.cli.add_command(export_file)


@click.command("import")
@click.argument("kind", type=click.Choice([kind.value for kind in ImportKind]))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--dry-run", is_flag=True, help="Say what it would do, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option("--language", type=click.Choice(["en", "nl"]), default="en", help="Of the report.")
@with_appcontext
def import_file(kind: str, file: Path, dry_run: bool, as_json: bool, language: str) -> None:
    """Bring schools, companies, people, needs or offers in from FILE (CSV or XLSX).

    All rows or none; safe to repeat. Exit code 1 when a row is wrong, with every reason.
    """
    with force_locale(language):
        try:
            with file.open("rb") as source:
                content = source.read(LARGEST + 1)
        except OSError as error:
            raise click.ClickException(str(error)) from error
        scope = Scope(None, programme(current_app.config["PROGRAMME"]))
        if dry_run:
            report, is_done = imports.look(ImportKind(kind), content, scope), False
        else:
            report, is_done = imports.bring_in(ImportKind(kind), content, scope)
        (db.session.commit if is_done else db.session.rollback)()
        _tell(report, as_json=as_json, is_done=is_done)
    if report.problems:
        raise click.exceptions.Exit(1)


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--region", "code", help="One region's code; all regions without it.")
@click.option("--language", type=click.Choice(["en", "nl"]), default="en", help="Of the headings.")
@with_appcontext
def export_file(file: Path, code: str | None, language: str) -> None:
    """Write all that coordinators see into FILE: a .zip of CSV files, or an .xlsx."""
    form = file.suffix.lower().lstrip(".")
    if form not in {"zip", "xlsx"}:
        raise click.ClickException("the name of the file must end in .zip or .xlsx")
    scope = Scope(None, programme(current_app.config["PROGRAMME"]))
    regions = [region for region in scope.regions() if code in (None, region.code)]
    if not regions:
        raise click.ClickException(f"there is no region {code}" if code else "there is no region")
    unfinished = file.with_name(f".{file.name}.part")
    try:
        with force_locale(language):
            sheets = exports.sheets_of(regions, scope)
            unfinished.write_bytes(exports.as_file(sheets, form))
        unfinished.replace(file)
    except OSError as error:
        raise click.ClickException(str(error)) from error
    exports.note_leaving(regions, form, by=None)
    db.session.commit()
    rows = sum(len(sheet.rows) for sheet in sheets)
    click.echo(f"{rows} rows of {len(sheets)} tables in {file}")


def _tell(report: Report, *, as_json: bool, is_done: bool) -> None:
    if as_json:
        told = {"done": is_done} | report.as_record()
        click.echo(json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True, default=str))
        return
    for problem in report.problems:
        at = f"row {problem.row}" if problem.row else "file"
        where = f"{at}, {problem.column}" if problem.column else at
        click.echo(f"{where}: {problem.says}", err=True)
    if report.problems:
        click.echo(f"{len(report.problems)} problems; nothing was changed", err=True)
        return
    changed = [line for line in report.lines if line.changes]
    for line in changed[:MOST_SHOWN]:
        for name, (before, after) in line.changes.items():
            click.echo(f"row {line.row}: {line.label}: {name}: {before!r} -> {after!r}")
    if len(changed) > MOST_SHOWN:
        click.echo(f"and {len(changed) - MOST_SHOWN} changed rows more")
    if report.strangers:
        click.echo(f"columns not read: {', '.join(report.strangers)}")
    counted = ", ".join(f"{number} {verdict}" for verdict, number in report.counts.items())
    click.echo(counted + ("" if is_done else "; nothing was changed"))
