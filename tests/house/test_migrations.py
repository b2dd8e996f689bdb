"""Migrations and models say the same, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from matcher.extensions import db
from tests import postgres
from tests.cast import make_cast
from tests.conftest import build_app


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path):
    """The service on a database without tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    else:
        home = request.getfixturevalue("postgres_home")
        postgres.execute(home, "DROP DATABASE IF EXISTS fresh")
        postgres.execute(home, "CREATE DATABASE fresh")
        url = postgres.url(home, "fresh")
    app = build_app(url, tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_upgrade_gives_what_the_models_say(fresh) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_upgraded_database_holds_the_cast_and_survives_a_second_upgrade(fresh) -> None:
    upgrade()
    cast = make_cast()
    upgrade()
    assert cast.need.title == "Duurzame energie in de klas"


def test_downgrade_leaves_nothing_behind(fresh) -> None:
    upgrade()
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
