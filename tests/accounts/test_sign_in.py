"""Coming in: who may, what is told to who may not, how often they may try, where they go then."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from matcher import clock
from matcher.accounts import passwords, sessions
from matcher.accounts.sessions import COOKIE_KEY
from matcher.extensions import db
from matcher.models.account import SignInAttempt, SignInSession
from matcher.web.safety import safe_path
from tests.cast import Cast

PASSWORD = "een brug van wind"
REFUSED = "This mail address and password do not go together."


@pytest.fixture
def anna(cast: Cast) -> Cast:
    cast.anna.password_hash = passwords.hashed(PASSWORD)
    cast.anna.language = "en"
    db.session.commit()
    return cast


def _try(client: FlaskClient, email: str, password: str, **more: str):
    english = {"Accept-Language": "en"}
    data = {"email": email, "password": password, **more}
    return client.post("/sign-in", data=data, headers=english)


def _who(client: FlaskClient) -> str:
    """The mail address of who is signed in, as the account page says; empty for nobody."""
    page = client.get("/account")
    return page.text.split('class="lb-lead">')[1].split("<")[0] if page.status_code == 200 else ""


def _key(client: FlaskClient) -> str | None:
    with client.session_transaction() as cookie:
        return cookie.get(COOKIE_KEY)


def test_the_right_password_opens_and_leads_to_ones_own_start(
    anna: Cast, client: FlaskClient
) -> None:
    answer = _try(client, " Anna@Example.nl ", PASSWORD)
    assert answer.status_code == 303
    assert _who(client) == "anna@example.nl"


def test_the_database_knows_only_a_hash_of_the_key(anna: Cast, client: FlaskClient) -> None:
    _try(client, "anna@example.nl", PASSWORD)
    key = _key(client)
    assert key is not None
    assert db.session.scalars(select(SignInSession.key_hash)).all() == [sessions.hashed(key)]
    assert key != sessions.hashed(key)


def test_nobody_learns_whether_an_address_has_an_account(anna: Cast, client: FlaskClient) -> None:
    anna.bram.password_hash = passwords.hashed(PASSWORD)
    anna.bram.blocked_at = clock.now()
    anna.gea.password_hash = passwords.hashed(PASSWORD)
    anna.gea.email_verified_at = None
    db.session.commit()
    cases = {
        "anna@example.nl": "wrong password",
        "bram@example.nl": PASSWORD,  # blocked
        "gea@example.nl": PASSWORD,  # never verified
        "carla@example.nl": PASSWORD,  # has no password
        "nobody@example.nl": PASSWORD,
    }
    answers = {email: _try(client, email, password) for email, password in cases.items()}
    assert {answer.status_code for answer in answers.values()} == {422}
    pages = {answer.text.replace(email, "X") for email, answer in answers.items()}
    assert len(pages) == 1
    assert REFUSED in pages.pop()


def test_an_unknown_address_costs_as_many_hashes_as_a_known_one(
    app: Flask, anna: Cast, client: FlaskClient
) -> None:
    tools = app.extensions["passwords"]
    counted = []

    class Counting:
        def verify(self, *args: object) -> bool:
            counted.append(args[0])
            return tools_hasher.verify(*args)

    tools_hasher = tools.hasher
    tools.hasher = Counting()
    for email in ("anna@example.nl", "nobody@example.nl", "carla@example.nl"):
        _try(client, email, "wrong password")
    parameters = [str(password_hash).rsplit("$", 2)[0] for password_hash in counted]
    assert parameters == [parameters[0]] * 3


def test_passwords_are_argon2id_with_the_parameters_of_the_plan() -> None:
    tools = passwords.Passwords(cheap=False)
    assert tools.nobodys.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hash_of_older_parameters_is_renewed_at_sign_in(anna: Cast, client: FlaskClient) -> None:
    old = passwords.Passwords(cheap=False).hasher.hash(PASSWORD)
    anna.anna.password_hash = old
    db.session.commit()
    assert _try(client, "anna@example.nl", PASSWORD).status_code == 303
    assert anna.anna.password_hash != old
    assert not passwords.is_outdated(str(anna.anna.password_hash))


# ---- tries --------------------------------------------------------------------------------------
def test_the_eleventh_try_on_an_account_is_refused_wherever_it_comes_from(
    app: Flask, anna: Cast
) -> None:
    def try_from(number: int, password: str) -> int:
        return app.test_client().post(
            "/sign-in",
            data={"email": "anna@example.nl", "password": password},
            environ_base={"REMOTE_ADDR": f"10.0.0.{number}"},
        ).status_code  # fmt: skip

    with time_machine.travel(clock.now(), tick=False) as traveller:
        assert [try_from(n, "wrong") for n in range(10)] == [422] * 10
        assert try_from(10, PASSWORD) == 429  # the right one too
        traveller.shift(timedelta(minutes=5, seconds=1))
        assert try_from(11, PASSWORD) == 303


def test_the_eleventh_try_from_an_address_is_refused_whomever_it_is_about(
    anna: Cast, client: FlaskClient
) -> None:
    codes = [_try(client, f"p{n}@example.nl", "wrong").status_code for n in range(10)]
    assert codes == [422] * 10
    refused = _try(client, "anna@example.nl", PASSWORD)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "300")
    assert "Wait five minutes, then try again." in refused.text


def test_a_right_password_clears_the_accounts_tries(anna: Cast, client: FlaskClient) -> None:
    for _ in range(9):
        _try(client, "anna@example.nl", "wrong")
    assert _try(client, "anna@example.nl", PASSWORD).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 9  # the address's


def test_tries_are_kept_without_address_or_name(anna: Cast, client: FlaskClient) -> None:
    _try(client, "anna@example.nl", "wrong")
    kept = " ".join(db.session.scalars(select(SignInAttempt.subject)))
    assert [word for word in ("anna", "127.0.0.1", "example") if word in kept] == []


# ---- where to ------------------------------------------------------------------------------------
WRONG_WAYS = [
    "//evil.example",
    "////evil.example",
    "/%09/evil.example",
    "/%2Fevil.example",
    "/%5Cevil.example",
    "/\\evil.example",
    "\\\\evil.example",
    " //evil.example",
    "%20//evil.example",
    "\x01//evil.example",
    "\x0b//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%0a/evil",
    "/%0d/evil",
    "/account\r\nSet-Cookie: a=b",
    "https://evil.example/account",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/account@evil.example",
    "/no-such-page",
    "/sign-out",  # only answers to POST
    "account",
    "",
]


@pytest.mark.parametrize("path", WRONG_WAYS)
def test_after_signing_in_nobody_is_sent_elsewhere(
    anna: Cast, client: FlaskClient, path: str
) -> None:
    answer = _try(client, "anna@example.nl", PASSWORD, next=path)
    assert answer.status_code == 303
    assert answer.headers["Location"] == _try(
        client, "anna@example.nl", PASSWORD
    ).headers["Location"]  # fmt: skip
    assert safe_path(path) is None


@pytest.mark.parametrize("path", ["/account", "/register/teacher?q=lorentz", "/?stay=1"])
def test_after_signing_in_one_goes_where_one_was_going(
    anna: Cast, client: FlaskClient, path: str
) -> None:
    assert _try(client, "anna@example.nl", PASSWORD, next=path).headers["Location"] == path


def test_a_closed_page_remembers_where_one_was_going(anna: Cast, client: FlaskClient) -> None:
    answer = client.get("/account")
    assert answer.headers["Location"] == "/sign-in?next=/account"
    page = client.get(answer.headers["Location"])
    assert 'name="next" type="hidden" value="/account"' in page.text


# ---- sessions -----------------------------------------------------------------------------------
def test_signing_in_makes_a_new_key_and_ends_the_old_session(
    anna: Cast, client: FlaskClient
) -> None:
    _try(client, "anna@example.nl", PASSWORD)
    first = _key(client)
    _try(client, "anna@example.nl", PASSWORD)
    assert _key(client) != first
    ended = select(SignInSession.ended_at.is_not(None)).order_by(SignInSession.id)
    assert db.session.scalars(ended).all() == [True, False]


def test_a_planted_key_is_worth_nothing(anna: Cast, client: FlaskClient) -> None:
    with client.session_transaction() as cookie:
        cookie[COOKIE_KEY] = "planted by somebody else"
    _try(client, "anna@example.nl", PASSWORD)
    assert _key(client) != "planted by somebody else"


def test_a_cookie_kept_from_before_signing_out_opens_nothing(
    app: Flask, anna: Cast, client: FlaskClient
) -> None:
    _try(client, "anna@example.nl", PASSWORD)
    kept = client.get_cookie("session")
    assert kept is not None
    thief = app.test_client()
    thief.set_cookie("session", kept.value)
    assert _who(thief) == "anna@example.nl"
    assert client.post("/sign-out").status_code == 303
    assert _who(client) == ""
    assert _who(thief) == ""


def test_a_session_ends_after_a_working_day(anna: Cast, client: FlaskClient) -> None:
    now = clock.now()
    with time_machine.travel(now, tick=False) as traveller:
        _try(client, "anna@example.nl", PASSWORD)
        traveller.move_to(now + timedelta(hours=11, minutes=59))
        assert _who(client) == "anna@example.nl"
        traveller.move_to(now + timedelta(hours=12))
        assert _who(client) == ""


def test_a_block_ends_what_is_open(anna: Cast, client: FlaskClient) -> None:
    _try(client, "anna@example.nl", PASSWORD)
    anna.anna.blocked_at = clock.now()
    db.session.commit()
    assert _who(client) == ""


def test_the_language_stays_when_one_goes_and_is_ones_own_when_one_comes(
    anna: Cast, client: FlaskClient
) -> None:
    def spoken() -> str:
        return client.get("/look-in-your-mail", headers={"Accept-Language": "nl"}).text[:50]

    assert 'lang="nl"' in spoken()
    _try(client, "anna@example.nl", PASSWORD)
    assert 'lang="en"' in spoken()
    client.post("/sign-out")
    assert 'lang="en"' in spoken()
    anna.anna.language = "nl"
    db.session.commit()
    _try(client, "anna@example.nl", PASSWORD)
    assert 'lang="nl"' in spoken()


def test_signing_out_answers_only_to_post(anna: Cast, client: FlaskClient) -> None:
    _try(client, "anna@example.nl", PASSWORD)
    answer = client.get("/sign-out")
    assert (answer.status_code, sorted(answer.allow)) == (405, ["OPTIONS", "POST"])
    assert _who(client) == "anna@example.nl"


# ---- the demo -----------------------------------------------------------------------------------
def test_the_demo_lends_its_people_and_nobody_else(
    app: Flask, anna: Cast, client: FlaskClient
) -> None:
    anna.gea.is_demo = True
    db.session.commit()
    app.config["DEMO"] = True
    page = client.get("/sign-in", headers={"Accept-Language": "en"}).text
    assert (page.count("Continue as "), page.count("Continue as Gea")) == (1, 1)
    assert client.post(f"/sign-in/demo/{anna.anna.id}").status_code == 403
    assert _who(client) == ""
    assert client.post(f"/sign-in/demo/{anna.gea.id}").status_code == 303
    assert _who(client) == "gea@example.nl"


def test_outside_the_demo_nobody_can_be_borrowed(anna: Cast, client: FlaskClient) -> None:
    anna.gea.is_demo = True
    db.session.commit()
    assert "Continue as" not in client.get("/sign-in", headers={"Accept-Language": "en"}).text
    assert client.post(f"/sign-in/demo/{anna.gea.id}").status_code == 404
    assert _who(client) == ""
