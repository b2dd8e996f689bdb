"""Home, language, health: doors of no room; guards, paging and the rule against foreign forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from matcher import clock
from matcher.accounts import passwords
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.outbox import Heartbeat
from matcher.web.guards import allow, insist
from matcher.web.paging import page_of
from tests.cast import Cast, make_cast, make_person
from tests.conftest import build_app


# ---- language -----------------------------------------------------------------------------------
def _language(client: FlaskClient, accepts: str, path: str = "/sign-in") -> str:
    page = client.get(path, headers={"Accept-Language": accepts})
    return re.findall(r'<html lang="(\w+)">', page.text)[0]


@pytest.mark.parametrize(
    ("accepts", "language"),
    [("en-GB,en;q=0.9", "en"), ("nl", "nl"), ("fr,en;q=0.5", "en"), ("fr", "nl"), ("", "nl")],
)
def test_a_visitor_is_answered_in_the_browsers_language(
    cast: Cast, client: FlaskClient, accepts: str, language: str
) -> None:
    assert _language(client, accepts) == language


def test_a_visitors_choice_goes_before_the_browser(cast: Cast, client: FlaskClient) -> None:
    answer = client.post("/language", data={"language": "en", "next": "/register?"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/register")
    assert _language(client, "nl") == "en"


def test_a_person_keeps_the_choice(cast: Cast, client: FlaskClient, sign_in) -> None:
    sign_in(client, cast.anna)
    client.post("/language", data={"language": "en"})
    assert cast.anna.language == "en"
    assert _language(client, "nl", "/account") == "en"


@pytest.mark.parametrize("language", ["xx", "", "de", "../nl"])
def test_an_unknown_language_is_refused(cast: Cast, client: FlaskClient, language: str) -> None:
    assert client.post("/language", data={"language": language}).status_code == 400


# ---- home ---------------------------------------------------------------------------------------
def test_home_sends_each_to_their_own_start(
    app: Flask, cast: Cast, client: FlaskClient, sign_in
) -> None:
    wanted = {
        "anna": "needs.list_needs",
        "carla": "offers.list_offers",
        "dirk": "proposals.list_proposals",
        "gea": "coordination.show_board",
    }
    for name, endpoint in wanted.items():
        if endpoint not in app.view_functions:
            continue
        sign_in(client, getattr(cast, name))
        with app.test_request_context():
            expected = app.url_for(endpoint)
        assert client.get("/").headers["Location"] == expected
    assert client.get("/?stay=1").status_code == 200


# ---- health -------------------------------------------------------------------------------------
def test_health_needs_no_database(app: Flask, client: FlaskClient) -> None:
    db.drop_all()
    assert client.get("/healthz").text == "ok\n"


def test_readiness_tells_of_database_migrations_and_jobs(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "ready": True,
        "database": "ok",
        "migrations": "none",
        "jobs": "absent",
        "heartbeat_seconds": None,
    }
    db.session.add(Heartbeat(name="jobs", process="here:1", at=clock.now()))
    db.session.commit()
    told = client.get("/readyz").json
    assert told is not None
    assert told["jobs"] == "leading"
    db.session.get(Heartbeat, "jobs").at = clock.now() - timedelta(minutes=2)  # type: ignore[union-attr]
    db.session.commit()
    told = client.get("/readyz").json
    assert told is not None
    assert (told["jobs"], round(told["heartbeat_seconds"])) == ("absent", 120)


def test_a_database_that_lags_behind_is_not_ready(app: Flask, client: FlaskClient) -> None:
    link = db.session.connection()
    link.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    link.exec_driver_sql("INSERT INTO alembic_version VALUES ('long ago')")
    db.session.commit()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["ready"], answer.json["migrations"]) == (False, "behind")


def test_security_txt_names_contact_and_an_end_within_a_year(
    cast: Cast, client: FlaskClient
) -> None:
    lines = dict(
        line.split(": ", 1) for line in client.get("/.well-known/security.txt").text.splitlines()
    )
    assert lines["Contact"] == "mailto:noreply@localhost"
    assert lines["Canonical"] == "http://localhost/.well-known/security.txt"
    assert lines["Expires"] < (clock.now() + timedelta(days=365)).isoformat()


def test_robots_stay_away_from_links_in_mails(client: FlaskClient) -> None:
    lines = client.get("/robots.txt").text.splitlines()
    assert {"Disallow: /verify/", "Disallow: /sign-in", "Disallow: /new-password/"} <= set(lines)


# ---- mail shown in the demo ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("demo", "smtp", "status"),
    [(True, "", 200), (False, "", 404), (True, "smtp://mail.example", 404)],
)
def test_mails_are_shown_only_in_a_demo_without_server(
    app: Flask, cast: Cast, client: FlaskClient, demo: bool, smtp: str, status: int
) -> None:
    client.post("/forgotten-password", data={"email": "anna@example.nl"})
    app.config.update(DEMO=demo, SMTP_URL=smtp)
    page = client.get("/mail")
    assert page.status_code == status
    assert ("/new-password/" in page.text) is (status == 200)


# ---- guards and pages ---------------------------------------------------------------------------
def test_strangers_things_are_not_there_and_closed_ones_say_why(app: Flask) -> None:
    from werkzeug.exceptions import NotFound

    from matcher.errors import NotAllowed

    allow(True)
    insist(True, "")
    with pytest.raises(NotFound):
        allow(False)
    with pytest.raises(NotAllowed, match="Only she may"):
        insist(False, "Only she may.")


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("", 1),
        ("2", 2),
        ("3", 3),
        ("4", 3),
        ("0", 1),
        ("-1", 1),
        ("x", 1),
        ("9" * 400, 1),
        ("²", 1),
    ],
)
def test_a_page_number_that_makes_no_sense_reads_as_the_nearest(
    app: Flask, cast: Cast, asked: str, number: int
) -> None:
    with app.test_request_context("/people", query_string={"page": asked, "q": "a b"}):
        page = page_of(select(Person).order_by(Person.id), size=3)
        assert (page.number, page.pages, page.total) == (number, 3, 8)
        ids = [person.id for person in page.items]
        everybody = db.session.scalars(select(Person.id).order_by(Person.id)).all()
        assert ids == everybody[(number - 1) * 3 : number * 3]
        assert page.url(2) == "/people?q=a+b&page=2"


# ---- foreign forms ------------------------------------------------------------------------------
@pytest.fixture
def strict(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The service with its check of forms on, as it runs outside tests."""
    app = build_app(sqlite_url, tmp_path, WTF_CSRF_ENABLED=True)
    with app.app_context():
        cast = make_cast()
        cast.anna.password_hash = passwords.hashed("een brug van wind")
        make_person("Ada Beheer", administrator=True)
        db.session.commit()
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


def _token(client: FlaskClient) -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)[0]


def test_no_form_is_taken_without_its_token(strict: Flask) -> None:
    posting = {
        re.sub(r"<[^>]+>", "1", rule.rule)
        for rule in strict.url_map.iter_rules()
        if "POST" in (rule.methods or set())
    }
    codes = {path: strict.test_client().post(path).status_code for path in sorted(posting)}
    assert {path: code for path, code in codes.items() if code != 400} == {}
    assert len(codes) > 15


def test_somebody_elses_token_does_not_sign_in(strict: Flask) -> None:
    """No foreign page can sign a visitor in as its own account."""
    data = {"email": "anna@example.nl", "password": "een brug van wind"}
    attacker, victim = strict.test_client(), strict.test_client()
    stolen = _token(attacker)
    _token(victim)
    assert victim.post("/sign-in", data={**data, "csrf_token": stolen}).status_code == 400
    assert victim.get("/account").status_code == 302
    own = {**data, "csrf_token": _token(victim)}
    assert victim.post("/sign-in", data=own).status_code == 303
    assert victim.get("/account").status_code == 200


def test_a_token_from_before_signing_in_is_worth_nothing_after(strict: Flask) -> None:
    client = strict.test_client()
    before = _token(client)
    data = {"email": "anna@example.nl", "password": "een brug van wind", "csrf_token": before}
    assert client.post("/sign-in", data=data).status_code == 303
    answer = client.post(
        "/sign-out", data={"csrf_token": before}, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 400
    assert "Something" not in answer.text
    assert client.get("/account").status_code == 200


def test_names_and_permissions_are_there_in_macros_too(app: Flask) -> None:
    template = "{% macro shown() %}{{ names.place('x') }} {{ may is defined }}{% endmacro %}"
    macro = app.jinja_env.from_string(template).module.shown  # type: ignore[attr-defined]
    assert macro() == "x True"
