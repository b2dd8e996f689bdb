"""What every answer carries, and how a request ends that ends badly."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from matcher.errors import Invalid, NotAllowed, NotFound, Taken, TooMany, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.web.guards import load_or_404, public
from tests.cast import Cast, make_company

ENGLISH = {"Accept-Language": "en"}
RAISED = {
    "not-allowed": (NotAllowed("Only she may."), 403),
    "not-found": (NotFound("It is gone."), 404),
    "invalid": (Invalid("That cannot be."), 400),
    "wrong-state": (WrongState("It moved on."), 409),
    "taken": (Taken("He was first."), 409),
    "too-many": (TooMany("Wait a while."), 429),
    "stale": (StaleDataError("UPDATE expected 1 row"), 409),
    "away": (OperationalError("SELECT 1", {}, Exception("secret-host:5432 refused")), 503),
    "bug": (KeyError("secret detail"), 500),
}


@pytest.fixture
def doors(app: Flask) -> FlaskClient:
    """The service with a few doors that end badly on purpose."""
    room = Blueprint("trouble", __name__)

    @room.route("/trouble/<name>", methods=["GET", "POST"])
    @public
    def show(name: str) -> str:
        raise RAISED[name][0]

    @room.get("/things/<int:number>")
    @public
    def show_thing(number: int) -> str:
        return load_or_404(Person, number).name

    @room.post("/companies/twin")
    @public
    def create_twin() -> str:
        name = db.session.execute(text("SELECT name, region_id FROM company")).first()
        make_company(name[0], type("Region", (), {"id": name[1]}))  # type: ignore[arg-type, index]
        return "no"

    @room.post("/big")
    @public
    def show_big() -> str:
        return str(len(request.form))

    app.register_blueprint(room)
    return app.test_client()


@pytest.mark.parametrize(
    "name", ["not-allowed", "not-found", "invalid", "wrong-state", "taken", "too-many"]
)
def test_a_refusal_is_a_page_with_its_own_sentence(
    cast: Cast, doors: FlaskClient, name: str
) -> None:
    refusal, status = RAISED[name]
    page = doors.get(f"/trouble/{name}", headers=ENGLISH)
    assert page.status_code == status
    assert f'<p class="lb-lead">{refusal}</p>' in page.text


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("stale", "Somebody else was first"),
        ("away", "Out for a moment"),
        ("bug", "Something went wrong"),
    ],
)
def test_a_failure_is_a_page_without_its_inside(
    cast: Cast, doors: FlaskClient, sign_in, name: str, title: str
) -> None:
    cast.anna.language = "en"
    sign_in(doors, cast.anna)
    page = doors.post(f"/trouble/{name}", headers=ENGLISH)
    assert page.status_code == RAISED[name][1]
    assert f'<h1 class="utrecht-heading-1">{title}</h1>' in page.text
    assert [word for word in ("secret", "Traceback", "SELECT", "5432") if word in page.text] == []


def test_what_a_failed_request_had_changed_is_given_up(cast: Cast, app: Flask) -> None:
    room = Blueprint("half", __name__)

    @room.post("/half")
    @public
    def show() -> str:
        db.session.get(Person, cast.anna.id).name = "Changed"  # type: ignore[union-attr]
        db.session.flush()
        raise WrongState("no")

    app.register_blueprint(room)
    assert app.test_client().post("/half").status_code == 409
    assert db.session.get(Person, cast.anna.id).name == "Anna de Boer"  # type: ignore[union-attr]


def test_a_rule_of_the_database_is_told_as_a_sentence(cast: Cast, doors: FlaskClient) -> None:
    page = doors.post("/companies/twin", headers=ENGLISH)
    assert page.status_code == 409
    assert '<p class="lb-lead">This company is here.</p>' in page.text


@pytest.mark.parametrize(
    "number", ["0", "999999999", "2147483648", "9" * 30, "9" * 5000, "-1", "x", "%00"]
)
def test_a_number_of_any_size_in_an_address_is_just_not_there(
    cast: Cast, doors: FlaskClient, number: str
) -> None:
    assert doors.get(f"/things/{number}").status_code == 404


@pytest.mark.parametrize("language", ["nl", "en"])
def test_error_pages_speak_the_readers_language(
    cast: Cast, client: FlaskClient, language: str
) -> None:
    page = client.get("/no-such-page", headers={"Accept-Language": language})
    assert page.status_code == 404
    assert f'<html lang="{language}">' in page.text


def test_too_large_a_form_is_refused(app: Flask, cast: Cast, doors: FlaskClient) -> None:
    files = {"content_type": "multipart/form-data"}
    assert doors.post("/big", data={"a": "x" * 600_000}).status_code == 413
    assert doors.post("/big", data={"a": "x" * 600_000}, **files).status_code == 413
    many = {f"f{number}": "x" for number in range(1001)}
    assert doors.post("/big", data=many, **files).status_code == 413
    assert doors.post("/big", data={"a": "x"}).text == "1"


# ---- headers ------------------------------------------------------------------------------------
def _policy(client: FlaskClient) -> dict[str, str]:
    header = client.get("/sign-in").headers["Content-Security-Policy"]
    return {part.split()[0]: " ".join(part.split()[1:]) for part in header.split("; ")}


def test_the_content_policy_lets_only_our_own_content_in(cast: Cast, client: FlaskClient) -> None:
    assert _policy(client) == {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "frame-src": "https://www.youtube-nocookie.com https://player.vimeo.com",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }


@pytest.mark.parametrize("path", ["/sign-in", "/no-such-page", "/healthz", "/static/css/theme.css"])
def test_every_answer_carries_the_headers(cast: Cast, client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    named = ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")
    assert [headers[name] for name in named] == ["nosniff", "same-origin", "same-origin"]
    assert headers["X-Frame-Options"] == "DENY"
    assert "Strict-Transport-Security" not in headers
    secure = client.get(path, base_url="https://localhost").headers
    assert secure["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_pages_of_who_is_signed_in_are_kept_nowhere(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    assert client.get("/sign-in").headers["Cache-Control"] == "private, no-cache"
    assert client.get("/new-password/secret").headers["Cache-Control"] == "no-store"
    sign_in(client, cast.anna)
    assert client.get("/account").headers["Cache-Control"] == "no-store"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    app: Flask, cast: Cast, client: FlaskClient
) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    set_cookie = client.post(
        "/language", data={"language": "en"}, base_url="https://localhost"
    ).headers["Set-Cookie"]
    attributes = {part.strip() for part in set_cookie.split(";")[1:]}
    assert attributes >= {"Secure", "HttpOnly", "SameSite=Lax"}


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-123-def", True), ("x", False), ("a b c d e f g", False)]
)
def test_a_request_number_is_taken_over_only_when_it_is_plain(
    cast: Cast, client: FlaskClient, given: str, kept: bool
) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is kept
