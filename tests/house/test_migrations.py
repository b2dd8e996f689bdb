"""Migrations and models say the same, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, insert, inspect

from matcher.extensions import db
from matcher.models.need import Need
from tests import postgres
from tests.cast import make_cast
from tests.conftest import build_app

_THEN = datetime(2026, 9, 1, 8, tzinfo=UTC)
OLD_ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("programme", {"id": 1, "code": "nl", "name": "Nederland", "time_zone": "Europe/Amsterdam"}),
    (
        "region",
        {"id": 1, "programme_id": 1, "code": "NL-NB", "name": "Noord-Brabant", "settings": {}}
        | {"review_policy": "coordinator", "answer_days": 7, "alternates_asked": 3},
    ),
    (
        "school",
        {"id": 1, "region_id": 1, "register_code": "99AA00", "name": "Lorentz", "kind": "HAVO"}
        | dict.fromkeys(("street", "postcode", "town", "municipality", "province"), "")
        | {"holiday_region": "ZU", "website": "", "latitude": 51.4, "longitude": 5.5}
        | {"lesson_minutes": 50, "search": "lorentz", "is_open": True},
    ),
    (
        "person",
        {"id": 1, "email": "anna@example.nl", "name": "Anna", "language": "nl"}
        | {"failed_sign_ins": 0, "is_demo": False, "created_at": _THEN},
    ),
    (
        "need",
        {"id": 1, "school_id": 1, "region_id": 1, "teacher_id": 1, "state": "open"}
        | {"title": "Wind", "goal": "", "hook": "", "language": "nl", "subject": "nask"}
        | {"level": "vmbo-b", "year": 3, "group_size": 20, "kinds": ["lecture"], "place": "both"}
        | {"languages": ["nl"], "class_profile": {}, "lesson_minutes": 50, "visits_wanted": 1}
        | {"remarks": "", "published_at": _THEN, "created_at": _THEN, "changed_at": _THEN},
    ),
    ("need_window", {"id": 1, "need_id": 1, "starts_at": _THEN, "ends_at": _THEN.replace(hour=9)}),
)


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


def _checks() -> dict[str, set[str]]:
    """Each table's CHECK constraints by name, as the database tells them."""
    told = inspect(db.engine)
    return {
        table: {str(check["name"]) for check in told.get_check_constraints(table)}
        for table in told.get_table_names()
        if table != "alembic_version"
    }


def test_upgrade_gives_the_rules_the_models_name(fresh) -> None:
    upgrade()
    migrated = _checks()
    downgrade(revision="base")
    db.create_all()
    assert migrated == _checks()


def test_what_stood_in_the_tables_survives_the_upgrade(fresh) -> None:
    """The oldest tables with a need in them, brought to today's."""
    upgrade(revision="0001")
    tables = MetaData()
    tables.reflect(db.engine)
    with db.engine.begin() as link:
        for table, values in OLD_ROWS:
            link.execute(insert(tables.tables[table]), values)
    upgrade()
    need = db.session.get_one(Need, 1)
    assert (need.title, need.levels, need.years, need.groups) == ("Wind", ["vmbo-b"], [3], 1)
    assert len(need.windows) == 1
    db.session.remove()
    downgrade(revision="0001")
    with db.engine.connect() as link:
        row = link.exec_driver_sql("SELECT level, year FROM need").one()
        windows = link.exec_driver_sql("SELECT count(*) FROM need_window").scalar()
    assert (*row, windows) == ("vmbo-b", 3, 1)


def test_upgraded_database_holds_the_cast_and_survives_a_second_upgrade(fresh) -> None:
    upgrade()
    cast = make_cast()
    upgrade()
    assert cast.need.title == "Duurzame energie in de klas"


def test_downgrade_leaves_nothing_behind(fresh) -> None:
    upgrade()
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
