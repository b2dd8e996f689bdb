"""The operator's door: flask --app wsgi demo, serve, jobs, match, verify, backup and others."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from matcher.errors import DomainError
from matcher.exchange import cli as exchange
from matcher.extensions import db

F = TypeVar("F", bound=Callable[..., Any])


def register(app: Flask) -> None:
    """Hang the commands on the application."""
    commands = (
        serve,
        jobs,
        demo,
        match,
        evaluate,
        deliver,
        verify,
        backup,
        restore,
        load_register,
        make_administrator,
        docs,
    )
    for command in commands:
        app.cli.add_command(command)
    exchange.register(app)


def plainly(function: F) -> F:
    """Turn expected refusals into one line on stderr and exit code 1, without a traceback."""

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (DomainError, ValueError, OSError) as error:
            raise click.ClickException(str(error)) from error

    return wrapped  # type: ignore[return-value]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64))
@with_appcontext
def serve(host: str, port: int, threads: int) -> None:
    """Serve the web, with the jobs as a child process."""
    from waitress import serve as serve_web

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    child = None
    if app.config["JOBS_IN_SERVE"]:
        child = subprocess.Popen([sys.executable, "-m", "flask", "--app", "wsgi", "jobs"])
    click.echo(f"Lesbrug answers at http://{host}:{port}")
    if app.config["DEMO"]:
        _show_demo_people()
    db.session.remove()  # or its transaction would hold SQLite's lock as long as we serve
    try:
        serve_web(app, host=host, port=port, threads=threads, ident="")
    finally:
        if child is not None:
            child.terminate()
            child.wait(timeout=30)


@click.command()
@with_appcontext
@plainly
def jobs() -> None:
    """Run the scheduler: matching, reminders, mail. Several may run; one leads."""
    from matcher.jobs import serve_jobs

    logging.getLogger("lesbrug").setLevel(logging.INFO)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    serve_jobs(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command()
@with_appcontext
@plainly
def demo() -> None:
    """Migrate, load the school register, and fill an empty database with a living demo."""
    from flask_migrate import upgrade

    from matcher.demo import build
    from matcher.organisations import service as organisations

    logging.disable(logging.INFO)
    upgrade()
    db.session.remove()
    counts = organisations.load_register(current_app.config["PROGRAMME"])
    db.session.commit()
    click.echo("Register: " + ", ".join(f"{number} {name}" for name, number in counts.items()))
    if build.is_empty():
        click.echo("Building the demo: two regions, 40 schools, 25 companies …")
        build.build()
    else:
        click.echo("The database has people in it already: nothing was added.")
    _show_demo_people()


def _show_demo_people() -> None:
    from matcher.demo import build

    for person in build.people():
        roles = ", ".join(sorted({grant.role.value for grant in person.grants}))
        click.echo(f"  {person.name:<22} {person.email:<42} {roles}")


@click.command()
@click.option("--region", "code", help="One region's code; all regions without it.")
@click.option("--dry-run", is_flag=True, help="Compute and store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Statistics as JSON.")
@with_appcontext
@plainly
def match(code: str | None, dry_run: bool, as_json: bool) -> None:
    """Match open needs with published offers, and print each run's statistics."""
    from matcher.proposals import nightly

    if code:
        figures = _match_one(code, dry_run=dry_run)
        _print_figures({code: figures}, json_of=figures if as_json else None)
        return
    night = nightly.dry_run_all() if dry_run else nightly.run_all_regions()
    (db.session.rollback if dry_run else db.session.commit)()
    figures_of = {"all regions": night.together} | night.regions
    _print_figures(figures_of, json_of=night.as_json() if as_json else None)
    if night.failed:
        raise ValueError("; ".join(f"{code}: {error}" for code, error in night.failed.items()))


def _match_one(code: str, *, dry_run: bool) -> dict[str, Any]:
    from matcher.models.organisation import Region
    from matcher.proposals import run as runs

    region = db.session.scalars(select(Region).where(Region.code == code)).one_or_none()
    if region is None:
        raise ValueError(f"there is no region {code}")
    if dry_run:
        figures = runs.dry_run(region)
        db.session.rollback()
        return figures
    made = runs.run_region(region)
    db.session.commit()
    if made.error:
        raise ValueError(made.error)
    return dict(made.statistics)


def _print_figures(figures: dict[str, dict[str, Any]], *, json_of: Any = None) -> None:
    if json_of is not None:
        click.echo(json.dumps(json_of, sort_keys=True, indent=2))
        return
    for name, values in figures.items():
        click.echo(name)
        for figure, value in sorted(values.items()):
            click.echo(f"  {figure:<24} {value}")


@click.command()
@click.option("--needs", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--offers", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--qrels", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", is_flag=True)
@plainly
def evaluate(needs: Path, offers: Path, qrels: Path, as_json: bool) -> None:
    """Rank offers for each need with the matcher's own scoring, and print how good that is."""
    from matcher.matching.evaluation import evaluate as measure

    figures = measure(needs, offers, qrels)
    if as_json:
        click.echo(json.dumps(figures, sort_keys=True))
        return
    for name, value in figures.items():
        click.echo(f"{name:<24} {value}")


@click.command()
@with_appcontext
@plainly
def deliver() -> None:
    """Send what waits in the outbox now."""
    from matcher import mail

    sent = mail.deliver_waiting()
    db.session.commit()
    click.echo(f"{sent} sent")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Every rule with what it found, as JSON.")
@with_appcontext
def verify(as_json: bool) -> None:
    """Check that states, visits, claims, loads, seats and mail agree; changes nothing.

    Exit code 1 when a rule is broken.
    """
    from matcher.proposals import consistency

    found = consistency.check()
    if as_json:
        told = {rule: [asdict(row) for row in rows] for rule, rows in found.items()}
        click.echo(json.dumps(told, sort_keys=True, indent=2))
    else:
        for rule, rows in found.items():
            click.echo(f"{rule.replace('_', ' '):<28} {len(rows) or 'holds'}")
            for row in rows:
                click.echo(f"  {row.record}: {row.says}")
    if any(found.values()):
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
@plainly
def backup(file: Path) -> None:
    """Copy every table into FILE (a zip), as it stands at one moment, while the service runs."""
    from matcher import backups

    counts = backups.write(file)
    click.echo(f"{sum(counts.values())} rows of {len(counts)} tables in {file}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--check", is_flag=True, help="Only compare the file with its own sums.")
@with_appcontext
@plainly
def restore(file: Path, check: bool) -> None:
    """Fill an empty, migrated database from FILE, and compare every table with its sum.

    The database may be the other kind: so one moves from SQLite to PostgreSQL.
    """
    from matcher import backups
    from matcher.privacy import erasure

    counts = backups.check(file) if check else backups.read(file)
    if not check:
        db.session.commit()
        click.echo(f"{erasure.erase_noted()} people erased since are erased again")
        db.session.commit()
    done = "are whole in" if check else "restored from"
    click.echo(f"{sum(counts.values())} rows of {len(counts)} tables {done} {file}")


@click.command("load-register")
@with_appcontext
@plainly
def load_register() -> None:
    """Load the programme's regions and schools from its files; safe to repeat."""
    from matcher.organisations import service as organisations

    counts = organisations.load_register(current_app.config["PROGRAMME"])
    db.session.commit()
    click.echo(", ".join(f"{number} {name}" for name, number in counts.items()))


@click.command("make-administrator")
@click.argument("email")
@with_appcontext
@plainly
def make_administrator(email: str) -> None:
    """Make a registered person administrator: the first one has nobody to ask."""
    from matcher.accounts import service as accounts

    person = accounts.make_administrator(email)
    db.session.commit()
    click.echo(f"{person.name} is administrator now")


@click.command()
def docs() -> None:
    """Write the pages of docs/ that come from the code."""
    from matcher.models.moves import as_markdown

    path = Path(__file__).resolve().parent.parent / "docs" / "states.md"
    path.write_text(as_markdown(), encoding="utf-8")
    click.echo(f"wrote docs/{path.name}")
