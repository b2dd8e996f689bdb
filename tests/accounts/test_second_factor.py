"""The second step: set up, asked for, its codes good once, lost and taken away."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from matcher.accounts import factors, passwords
from matcher.errors import Invalid, NotAllowed
from matcher.extensions import db
from matcher.models.account import SecondFactor, SignInSession
from matcher.models.outbox import OutboxMail
from tests.cast import Cast, make_person

PASSWORD = "een brug van wind"
NOON = datetime(2026, 12, 1, 12, 0, 5, tzinfo=UTC)
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def anna(cast: Cast) -> Cast:
    cast.anna.password_hash = passwords.hashed(PASSWORD)
    cast.anna.language = "en"
    db.session.commit()
    return cast


def _sign_in(client: FlaskClient, path: str = "") -> str:
    data = {"email": "anna@example.nl", "password": PASSWORD, "next": path}
    return client.post("/sign-in", data=data, headers=ENGLISH).location


def _shown_secret(page: str) -> str:
    found = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert found is not None
    return found[1]


def _set_up(client: FlaskClient) -> tuple[pyotp.TOTP, list[str]]:
    """Through the pages, as a person does; gives the device and the codes for paper."""
    _sign_in(client)
    client.post("/account/second-step/begin")
    device = pyotp.TOTP(_shown_secret(client.get("/account/second-step").text))
    answer = client.post("/account/second-step", data={"code": device.at(NOON)})
    papers = re.findall(r"<li><code>([0-9a-f]{6}-[0-9a-f]{6})</code></li>", answer.text)
    assert (answer.status_code, len(set(papers))) == (200, factors.PAPER_CODES)
    return device, papers


def _prove(client: FlaskClient, code: str, path: str = "") -> tuple[int, str | None]:
    answer = client.post("/sign-in/code", data={"code": code, "next": path}, headers=ENGLISH)
    return answer.status_code, answer.location


def _is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_set_up_signs_other_browsers_out_and_the_next_sign_in_asks(app: Flask, anna: Cast) -> None:
    phone, laptop = app.test_client(), app.test_client()
    with time_machine.travel(NOON, tick=False) as travel:
        _sign_in(laptop)
        device, _papers = _set_up(phone)
        assert (_is_in(phone), _is_in(laptop)) == (True, False)
        travel.shift(60)
        assert _sign_in(laptop, "/visits") == "/sign-in/code?next=/visits"
        assert not _is_in(laptop)
        assert _prove(laptop, device.now(), "/visits") == (303, "/visits")
        assert _is_in(laptop)
    told = db.session.scalars(select(OutboxMail.subject).where(OutboxMail.person == anna.anna))
    assert list(told) == ["The second step of signing in is on"]


def test_a_code_works_once_and_not_when_old_or_wrong(app: Flask, anna: Cast) -> None:
    client, other = app.test_client(), app.test_client()
    with time_machine.travel(NOON, tick=False) as travel:
        device, _papers = _set_up(client)
        travel.shift(120)
        for browser in (client, other):
            _sign_in(browser)
        code, old = device.now(), device.at(NOON)
        assert _prove(client, code)[0] == 303
        assert [_prove(other, each)[0] for each in (code, old, "12345", "x" * 20)] == [422] * 4
        assert not _is_in(other)


def test_a_clock_half_a_minute_off_is_forgiven(app: Flask, anna: Cast) -> None:
    client = app.test_client()
    with time_machine.travel(NOON, tick=False) as travel:
        device, _papers = _set_up(client)
        travel.shift(300)
        _sign_in(client)
        assert _prove(client, device.at(NOON + timedelta(seconds=300 - 30)))[0] == 303


def test_a_code_on_paper_works_once(app: Flask, anna: Cast) -> None:
    client = app.test_client()
    with time_machine.travel(NOON, tick=False):
        _device, papers = _set_up(client)
        _sign_in(client)
        assert _prove(client, papers[3].upper())[0] == 303
        _sign_in(client)
        assert _prove(client, papers[3])[0] == 422
        assert _prove(client, papers[4])[0] == 303
    kept = db.session.scalars(select(SecondFactor)).one()
    assert (len(kept.recovery), papers[0] in str(kept.recovery)) == (8, False)


def test_five_wrong_codes_close_the_door_for_a_while(app: Flask, anna: Cast) -> None:
    client = app.test_client()
    with time_machine.travel(NOON, tick=False) as travel:
        device, _papers = _set_up(client)
        travel.shift(60)
        _sign_in(client)
        assert [_prove(client, "000000")[0] for _ in range(5)] == [422] * 5
        assert _prove(client, device.now())[0] == 429
        travel.shift(301)
        _sign_in(client)
        assert _prove(client, device.now())[0] == 303


def test_who_waits_too_long_starts_again(app: Flask, anna: Cast) -> None:
    client = app.test_client()
    with time_machine.travel(NOON, tick=False) as travel:
        device, _papers = _set_up(client)
        travel.shift(60)
        _sign_in(client)
        travel.shift(601)
        assert _prove(client, device.now()) == (303, "/sign-in")
        assert not _is_in(client)


def test_without_the_first_step_there_is_no_second(client: FlaskClient, anna: Cast) -> None:
    assert client.get("/sign-in/code").location == "/sign-in"
    assert _prove(client, "123456") == (303, "/sign-in")


def test_secret_is_kept_sealed_and_another_key_cannot_read_it(app: Flask, anna: Cast) -> None:
    seal = factors.seal_of("one key")
    secret = factors.begin(anna.anna, seal)
    db.session.commit()
    assert anna.anna.second_factor is not None
    assert secret not in anna.anna.second_factor.sealed
    assert factors.waiting_secret(anna.anna, seal) == secret
    assert factors.waiting_secret(anna.anna, factors.seal_of("another key")) is None


def test_after_a_new_service_key_only_paper_opens(app: Flask, anna: Cast) -> None:
    client = app.test_client()
    with time_machine.travel(NOON, tick=False) as travel:
        device, papers = _set_up(client)
        travel.shift(60)
        kept = db.session.scalars(select(SecondFactor)).one()
        kept.sealed = factors.seal_of("another key").encrypt(b"x").decode()
        db.session.commit()
        _sign_in(client)
        assert [_prove(client, code)[0] for code in (device.now(), papers[0])] == [422, 303]


def test_only_oneself_or_an_administrator_takes_it_away(app: Flask, anna: Cast) -> None:
    boss = make_person("Ada Beheer", administrator=True)
    with time_machine.travel(NOON, tick=False):
        _set_up(app.test_client())
    with pytest.raises(NotAllowed):
        factors.remove(anna.anna, by=anna.gea)
    with pytest.raises(NotAllowed):
        factors.begin(anna.anna, factors.seal_of("key"))
    factors.remove(anna.anna, by=boss)
    db.session.commit()
    assert db.session.scalars(select(SecondFactor)).all() == []


def test_a_wrong_code_does_not_turn_it_on(app: Flask, anna: Cast) -> None:
    seal = factors.seal_of("key")
    factors.begin(anna.anna, seal)
    with pytest.raises(Invalid):
        factors.confirm(anna.anna, "000000", key="none", seal=seal)
    assert not anna.anna.has_second_factor


def test_administrators_see_nothing_else_before_it_is_set_up(
    app: Flask, client: FlaskClient, cast: Cast, sign_in
) -> None:
    app.config["SECOND_FACTOR"] = True
    boss = make_person("Ada Beheer", administrator=True)
    sign_in(client, boss)
    places = {path: client.get(path).location for path in ("/people", "/account", "/offers")}
    assert set(places.values()) == {"/account/second-step"}
    assert client.get("/account/second-step").status_code == 200
    sign_in(client, cast.gea)
    assert client.get("/account").status_code == 200
    with time_machine.travel(NOON, tick=False):
        sign_in(client, boss)
        client.post("/account/second-step/begin")
        device = pyotp.TOTP(_shown_secret(client.get("/account/second-step").text))
        client.post("/account/second-step", data={"code": device.at(NOON)})
        assert client.get("/people").status_code == 200
    rows = db.session.scalars(select(SignInSession).where(SignInSession.person == boss)).all()
    assert [row.proved_at is not None for row in rows if row.ended_at is None] == [True]
