"""Files that are not right: each says what and where in words, and nothing is changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from matcher.exchange import imports
from matcher.models.exchange import ImportKind
from tests.cast import Cast, make_cast
from tests.exchange import files
from tests.exchange.spoiled import SPOILED, Spoiled


@pytest.fixture(scope="module")
def standing(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory):
    """One database for all of them: nothing changes it, and that is what is tested."""
    import shutil

    from matcher.extensions import db
    from tests.conftest import build_app

    folder = tmp_path_factory.mktemp("spoiled")
    shutil.copy(sqlite_template, folder / "one.sqlite")
    app = build_app(f"sqlite:///{folder / 'one.sqlite'}", folder)
    with app.app_context():
        make_cast()
        yield files.dump()
        db.session.remove()
        db.engine.dispose()


def test_there_are_at_least_fifty_each_once() -> None:
    assert len({one.name for one in SPOILED}) == len(SPOILED) >= 50


@pytest.mark.parametrize("spoiled", SPOILED, ids=lambda one: one.name)
def test_a_spoiled_file_is_told_and_changes_nothing(standing: object, spoiled: Spoiled) -> None:
    report, is_done = imports.bring_in(ImportKind(spoiled.kind), spoiled.make(), files.scope())
    assert not is_done
    first = report.problems[0]
    assert (first.row, first.column) == (spoiled.row, spoiled.column), first
    assert spoiled.says in first.says
    assert files.dump() == standing


# What the database itself has a say in: rows that were written before the bad one came.
LATE = {"duplicate brin", "two stories", "days gone by", "a tour without a sheet", "no employees"}


@pytest.mark.parametrize("spoiled", [s for s in SPOILED if s.name in LATE], ids=lambda s: s.name)
def test_what_was_written_before_the_bad_row_is_undone(any_cast: Cast, spoiled: Spoiled) -> None:
    before = files.dump()
    report, is_done = imports.bring_in(ImportKind(spoiled.kind), spoiled.make(), files.scope())
    assert (bool(report.problems), is_done) == (True, False)
    assert files.dump() == before


def test_the_command_says_it_without_a_traceback(app: Flask, tmp_path: Path) -> None:
    make_cast()
    before = files.dump()
    run = app.test_cli_runner().invoke
    path = tmp_path / "scholen.csv"
    for spoiled in [one for one in SPOILED if one.kind == "schools"][::4]:
        path.write_bytes(spoiled.make())
        answer = run(args=["import", "schools", str(path), "--json", "--language", "nl"])
        assert answer.exit_code == 1, spoiled.name
        told = json.loads(answer.stdout)
        assert told["done"] is False
        assert spoiled.says in told["problems"][0]["says"]
        assert "Traceback" not in answer.output
    assert files.dump() == before


def test_the_command_brings_in_and_a_dry_run_does_not(app: Flask, tmp_path: Path) -> None:
    make_cast()
    before = files.dump()
    path = tmp_path / "scholen.csv"
    path.write_bytes(files.as_csv([files.SCHOOL]))
    run = app.test_cli_runner().invoke
    answer = run(args=["import", "schools", str(path), "--dry-run"])
    assert (answer.exit_code, answer.stdout.strip()) == (
        0,
        "1 new, 0 changed, 0 same, 0 aside; nothing was changed",
    )
    assert files.dump() == before
    assert run(args=["import", "schools", str(path)]).stdout == (
        "1 new, 0 changed, 0 same, 0 aside\n"
    )
    assert run(args=["import", "schools", str(path)]).stdout == (
        "0 new, 0 changed, 1 same, 0 aside\n"
    )
