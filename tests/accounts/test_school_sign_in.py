"""Coming in through a school's own sign-in service, against a real OpenID provider."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import current_app
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from sqlalchemy import select

from matcher import clock
from matcher.extensions import db
from matcher.models.account import ForeignIdentity, Person, Role
from matcher.models.outbox import OutboxMail
from tests.accounts import provider as providers
from tests.accounts.provider import Provider
from tests.cast import Cast, make_cast, make_school
from tests.conftest import build_app

BACK = "http://localhost/sign-in/school/back"
ENGLISH = {"Accept-Language": "en"}
FAILED = "Signing in through your school did not work. Try again, or sign in by mail."


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # http on this machine
    with providers.running(BACK) as made:
        yield made


@pytest.fixture
def school(provider: Provider, sqlite_url: str, tmp_path: Path) -> Iterator[Cast]:
    """The service with the provider set up, and the cast."""
    app = build_app(
        sqlite_url,
        tmp_path,
        OIDC_ISSUER=provider.address,
        OIDC_CLIENT_ID=providers.CLIENT_ID,
        OIDC_CLIENT_SECRET=providers.CLIENT_SECRET,
        OIDC_NAME="Entree",
    )
    with app.app_context():
        cast = make_cast()
        provider.claims = {
            "sub": "s-1",
            "uid": "anna@lorentz",
            "givenName": "Anna",
            "eduPersonAffiliation": ["employee"],
            "nlEduPersonHomeOrganizationId": cast.lorentz.register_code,
        }
        yield cast
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def browser(school: Cast) -> FlaskClient:
    return current_app._get_current_object().test_client()  # type: ignore[attr-defined]


def _through_school(browser: FlaskClient, path: str = "") -> Any:
    """Follow the way to the provider and back, as a browser does."""
    there = browser.get("/sign-in/school", query_string={"next": path}, headers=ENGLISH).location
    back = requests.get(there, allow_redirects=False, timeout=10).headers["Location"]
    assert back.startswith(BACK)
    return browser.get(back.removeprefix("http://localhost"), headers=ENGLISH)


def _who(browser: FlaskClient) -> str:
    page = browser.get("/account")
    return page.text.split('class="lb-lead">')[1].split("<")[0] if page.status_code == 200 else ""


def _know(person: Person, provider: Provider, subject: str = "anna@lorentz") -> None:
    db.session.add(ForeignIdentity(issuer=provider.address, subject=subject, person_id=person.id))
    db.session.commit()


def test_known_staff_are_in_and_where_they_were_going(
    school: Cast, browser: FlaskClient, provider: Provider
) -> None:
    _know(school.anna, provider)
    answer = _through_school(browser, "/visits")
    assert (answer.status_code, answer.location) == (303, "/visits")
    assert _who(browser) == "anna@example.nl"


def test_new_staff_say_their_address_once_and_are_known_from_then_on(
    school: Cast, browser: FlaskClient, provider: Provider
) -> None:
    provider.claims |= {"uid": "nora@lorentz", "givenName": "Nora"}
    assert _through_school(browser).location == "/register/school-staff"
    data = {"school_id": str(school.lorentz.id), "name": "Nora Nieuw", "email": "Nora@lorentz.nl"}
    assert browser.post("/register/school-staff", data=data).location == "/look-in-your-mail"
    body = db.session.scalars(select(OutboxMail.body)).one()
    found = re.search(r"/verify/\S+", body)
    assert found is not None
    browser.post(found[0], data={"name": "Nora Nieuw"})
    assert _who(browser) == "nora@lorentz.nl"
    person = db.session.scalars(select(Person).where(Person.email == "nora@lorentz.nl")).one()
    assert [(g.role, g.school_id) for g in person.grants] == [(Role.TEACHER, school.lorentz.id)]
    browser.post("/sign-out")
    _through_school(browser)
    assert _who(browser) == "nora@lorentz.nl"


def test_a_code_of_four_offers_all_locations_of_that_school_only(
    school: Cast, browser: FlaskClient, provider: Provider
) -> None:
    four = school.lorentz.register_code[:4]
    second = make_school("Zuid", school.region)
    second.register_code = f"{four}77"
    shut = make_school("Oud", school.region)
    shut.register_code, shut.is_open = f"{four}78", False
    db.session.commit()
    provider.claims |= {"uid": "new@lorentz", "nlEduPersonHomeOrganizationId": four.lower()}
    page = browser.get(_through_school(browser).location).text
    offered = set(re.findall(r'<option[^>]* value="(\d+)"', page))
    assert offered == {str(school.lorentz.id), str(second.id)}
    data = {"school_id": str(school.vakschool.id), "name": "N", "email": "n@lorentz.nl"}
    assert browser.post("/register/school-staff", data=data).status_code == 422
    assert db.session.scalars(select(OutboxMail)).all() == []


def test_one_account_can_be_tied_and_never_to_two_people(
    school: Cast, browser: FlaskClient, provider: Provider, sign_in
) -> None:
    sign_in(browser, school.anna)
    assert _through_school(browser).location == "/account"
    rows = db.session.execute(select(ForeignIdentity.subject, ForeignIdentity.person_id)).all()
    assert [tuple(row) for row in rows] == [("anna@lorentz", school.anna.id)]
    sign_in(browser, school.bram)
    assert _through_school(browser).status_code == 409
    assert db.session.scalars(select(ForeignIdentity.person_id)).all() == [school.anna.id]


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "pupil": (
        {"eduPersonAffiliation": ["student"]},
        "Only staff of a school can come in this way. Pupils need no account.",
    ),
    "nothing said": (
        {"eduPersonAffiliation": None},
        "Only staff of a school can come in this way. Pupils need no account.",
    ),
    "no school": (
        {"nlEduPersonHomeOrganizationId": None},
        "Your school&#39;s sign-in service does not say which school you work at.",
    ),
    "a pattern for a school": (
        {"nlEduPersonHomeOrganizationId": "%%%%"},
        "Your school&#39;s sign-in service does not say which school you work at.",
    ),
    "unknown school": (
        {"nlEduPersonHomeOrganizationId": "99ZZ"},
        "Your school is not in our register yet. Ask your coordinator.",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_who_is_no_staff_of_a_known_school_stays_out(
    school: Cast, browser: FlaskClient, provider: Provider, case: str
) -> None:
    changed, sentence = REFUSALS[case]
    provider.claims |= changed | {"uid": "somebody"}
    answer = _through_school(browser)
    assert (answer.status_code, sentence in answer.text) == (403, True)
    assert _who(browser) == ""


def test_a_blocked_person_stays_out(school: Cast, browser: FlaskClient, provider: Provider) -> None:
    _know(school.anna, provider)
    school.anna.blocked_at = clock.now()
    db.session.commit()
    assert _through_school(browser).status_code == 403
    assert _who(browser) == ""


def _foreign_key(provider: Provider) -> None:
    provider.shown_key = RSAKey.generate_key(2048, {"kid": "one"})


def _foreign_issuer(provider: Provider) -> None:
    provider.issuer = "https://elsewhere.example"


def _foreign_audience(provider: Provider) -> None:
    provider.audience = "another-service"


def _foreign_nonce(provider: Provider) -> None:
    provider.nonce = "of another browser"


@pytest.mark.parametrize(
    "spoil", [_foreign_key, _foreign_issuer, _foreign_audience, _foreign_nonce]
)
def test_a_token_that_is_not_meant_for_us_opens_nothing(
    school: Cast, browser: FlaskClient, provider: Provider, spoil: Callable[[Provider], None]
) -> None:
    _know(school.anna, provider)
    spoil(provider)
    answer = _through_school(browser)
    assert (answer.status_code, FAILED in answer.text) == (403, True)
    assert _who(browser) == ""


def test_a_code_brought_by_another_browser_opens_nothing(
    school: Cast, browser: FlaskClient, provider: Provider
) -> None:
    _know(school.anna, provider)
    there = browser.get("/sign-in/school").location
    back = requests.get(there, allow_redirects=False, timeout=10).headers["Location"]
    stranger = browser.application.test_client()
    path = back.removeprefix("http://localhost")
    assert stranger.get(path, headers=ENGLISH).status_code == 403
    assert (_who(stranger), browser.get(path).status_code) == ("", 303)
    again = browser.application.test_client()
    assert again.get(path).status_code == 403


def test_without_a_provider_the_doors_are_closed(client: FlaskClient, cast: Cast) -> None:
    paths = ("/sign-in/school", "/sign-in/school/back", "/register/school-staff")
    assert [client.get(path).status_code for path in paths] == [404] * 3
    assert "Entree" not in client.get("/sign-in").text
