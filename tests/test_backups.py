"""A backup comes back the same, on either database; a damaged one is refused."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from matcher import backups
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.proposal import Proposal
from matcher.models.run import MatchRun, RunState
from matcher.proposals import consistency
from tests import postgres
from tests.cast import make_cast, make_person
from tests.conftest import build_app
from tests.proposals import scenes

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def _fresh(request: pytest.FixtureRequest, kind: str, name: str, tmp_path: Path) -> Flask:
    """The service on a migrated database without rows."""
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / name}.sqlite"
    else:
        home = request.getfixturevalue("postgres_home")
        postgres.execute(home, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        postgres.execute(home, f"CREATE DATABASE {name}")
        url = postgres.url(home, name)
    app = build_app(url, tmp_path)
    with app.app_context():
        upgrade()
        _leave()
    return app


def _leave() -> None:
    db.session.remove()
    db.engine.dispose()


@pytest.fixture(params=KINDS)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    app = _fresh(request, request.param, "backup_source", tmp_path)
    with app.app_context():
        cast = make_cast()
        scenes.confirm(cast, cast.need, cast.lecture, cast.slot)
        run = MatchRun(
            region_id=cast.region.id,
            state=RunState.FAILED,
            settings={"weights": {"text": 0.5}, "größe": None},
            inputs=b"\x00\xff bytes",
            statistics={},
        )
        db.session.add(run)
        db.session.commit()
        yield app
        _leave()


@pytest.fixture(params=KINDS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    app = _fresh(request, request.param, "backup_target", tmp_path)
    yield app
    with app.app_context():
        _leave()


def test_backup_comes_back_row_for_row_and_counts_on(
    source: Flask, target: Flask, tmp_path: Path
) -> None:
    file, again = tmp_path / "one.zip", tmp_path / "two.zip"
    counts = backups.write(file)
    assert (counts["proposal"], counts["claimed_quarter"], counts["match_run"]) == (1, 4, 1)
    with target.app_context():
        assert backups.read(file) == counts
        db.session.commit()
        assert backups.write(again) == counts
        assert _texts(again) == _texts(file)
        assert db.session.scalars(select(MatchRun)).one().inputs == b"\x00\xff bytes"
        assert not any(consistency.check().values())
        highest = max(db.session.scalars(select(Person.id)))
        assert make_person("Nora Nieuw").id == highest + 1
        db.session.rollback()


def _texts(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def _rewritten(file: Path, name: str, text: bytes | None) -> Path:
    """The same file with one part changed or left out."""
    parts = _texts(file)
    changed = file.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w") as out:
        for part, content in parts.items():
            if part != name:
                out.writestr(part, content)
            elif text is not None:
                out.writestr(part, text)
    return changed


def test_damaged_and_foreign_files_are_refused_and_nothing_is_filled(
    source: Flask, target: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "one.zip"
    backups.write(file)
    lines = _texts(file)["person.jsonl"]
    half, none = tmp_path / "half.zip", tmp_path / "none.zip"
    half.write_bytes(file.read_bytes()[:-500])
    none.write_text("no zip")
    manifest = _texts(file)["manifest.json"]
    runner = target.test_cli_runner()
    told = []
    for spoiled in (
        lambda: _rewritten(file, "person.jsonl", lines.replace(b"Anna", b"Anne")),
        lambda: _rewritten(file, "person.jsonl", b"".join(lines.splitlines(keepends=True)[1:])),
        lambda: _rewritten(file, "manifest.json", None),
        lambda: _rewritten(
            file, "manifest.json", manifest.replace(b'"migration": "', b'"migration": "x')
        ),
        lambda: half,
        lambda: none,
    ):
        result = runner.invoke(args=["restore", str(spoiled())])
        assert result.exit_code == 1
        told.append(result.output.split(":")[-1].strip().split(" ")[-1])
    assert told == ["damaged", "damaged", "whole", "migrate", "backup", "backup"]
    with target.app_context():
        assert list(db.session.scalars(select(Person.id))) == []


def test_filled_database_is_not_overwritten(source: Flask, tmp_path: Path) -> None:
    file = tmp_path / "one.zip"
    backups.write(file)
    before = len(list(db.session.scalars(select(Proposal.id))))
    result = source.test_cli_runner().invoke(args=["restore", str(file)])
    assert (result.exit_code, "this database is not empty" in result.output) == (1, True)
    assert len(list(db.session.scalars(select(Proposal.id)))) == before
