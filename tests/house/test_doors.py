"""Every view names its guard, and the table of who may open what is walked."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect

from matcher.extensions import db
from tests.cast import Cast, make_person
from tests.house.doors import DOORS

ROLES = ("nobody", "teacher", "contact", "professional", "coordinator", "administrator")


def _views(app: Flask) -> dict[str, object]:
    return {name: view for name, view in app.view_functions.items() if name != "static"}


def test_every_view_names_its_guard(app: Flask) -> None:
    unguarded = {name for name, view in _views(app).items() if not hasattr(view, "guard")}
    assert unguarded == set()


def test_the_table_names_every_view_and_its_guard(app: Flask) -> None:
    assert {name: view.guard for name, view in _views(app).items()} == DOORS  # type: ignore[attr-defined]


def _people(cast: Cast) -> dict[str, object]:
    boss = make_person("Ada Beheer", administrator=True)
    db.session.commit()
    return {
        "nobody": None,
        "teacher": cast.anna,
        "contact": cast.carla,
        "professional": cast.dirk,
        "coordinator": cast.gea,
        "administrator": boss,
    }


def _may(role: str, guard: str) -> bool:
    if guard == "public":
        return True
    if role == "nobody":
        return False
    return guard == "signed_in" or role in guard.replace("company_contact", "contact").split("|")


@pytest.mark.parametrize("role", ROLES)
def test_pages_without_an_object_open_for_whom_the_table_says(
    app: Flask, cast: Cast, client: FlaskClient, sign_in, role: str
) -> None:
    person = _people(cast)[role]
    if person is not None:
        sign_in(client, person)
    wrong = {}
    for rule in app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or set()) or rule.endpoint == "static":
            continue
        status = client.get(rule.rule).status_code
        refused = status in {401, 403} or (status == 302 and role == "nobody")
        if refused == _may(role, DOORS[rule.endpoint]) and not (
            # public pages may send a visitor elsewhere (home to one's own start page)
            DOORS[rule.endpoint] == "public" and status == 302
        ):
            wrong[rule.endpoint] = status
        assert status < 500, rule.endpoint
    assert wrong == {}


def _count_rows() -> dict[str, int]:
    tables = sorted(inspect(db.engine).get_table_names())
    with db.engine.connect() as link:
        return {
            t: link.exec_driver_sql(f'SELECT count(*) FROM "{t}"').scalar() or 0 for t in tables
        }


@pytest.mark.parametrize("role", ROLES[1:])
def test_no_get_writes_anything(
    app: Flask, cast: Cast, client: FlaskClient, sign_in, role: str
) -> None:
    sign_in(client, _people(cast)[role])
    before = _count_rows()
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and rule.endpoint != "static" and not rule.arguments:
            client.get(rule.rule)
    assert _count_rows() == before
