"""Mailed links: once, for one purpose, for one address, not for long; and only by a click."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select, update

from matcher import clock
from matcher.accounts import links, passwords, sessions
from matcher.accounts.sessions import COOKIE_KEY
from matcher.errors import WrongState
from matcher.extensions import db
from matcher.models.account import LinkPurpose, MailLink
from matcher.models.outbox import OutboxMail
from tests.cast import Cast

NEW = "drie molens op zee"


def _mailed(message: str) -> str:
    """The path of the link in the newest mail of this kind."""
    newest = select(OutboxMail).where(OutboxMail.message == message).order_by(OutboxMail.id.desc())
    mail = db.session.scalars(newest).first()
    assert mail is not None
    [path] = re.findall(r"http://localhost(/\S+)", mail.body)
    return path


def _ask_in(client: FlaskClient, email: str = "anna@example.nl", path: str = "") -> None:
    client.post("/sign-in/by-mail", data={"mail-email": email, "mail-next": path})


def _ask_reset(client: FlaskClient, email: str = "anna@example.nl") -> None:
    client.post("/forgotten-password", data={"email": email})


def _is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_a_link_signs_in_once_and_leads_on(cast: Cast, client: FlaskClient) -> None:
    _ask_in(client, path="/account")
    path = _mailed("sign_in_link")
    assert client.post(path).headers["Location"] == "/account"
    assert _is_in(client)
    client.post("/sign-out")
    assert client.post(path).status_code == 409
    assert not _is_in(client)


def test_opening_the_link_uses_nothing_up(cast: Cast, client: FlaskClient) -> None:
    _ask_in(client)
    path = _mailed("sign_in_link")
    assert [client.get(path).status_code for _ in range(3)] == [200] * 3
    assert not _is_in(client)
    assert client.post(path).status_code == 303


@pytest.mark.parametrize(
    ("purpose", "lasts"),
    [
        (LinkPurpose.SIGN_IN, timedelta(minutes=15)),
        (LinkPurpose.RESET, timedelta(hours=1)),
        (LinkPurpose.VERIFY, timedelta(days=3)),
        (LinkPurpose.INVITE, timedelta(days=7)),
    ],
)
def test_a_link_lasts_as_long_as_its_purpose_says(
    cast: Cast, purpose: LinkPurpose, lasts: timedelta
) -> None:
    now = clock.now()
    with time_machine.travel(now, tick=False) as traveller:
        token = links.make(purpose, "anna@example.nl", person=cast.anna)
        traveller.move_to(now + lasts - timedelta(seconds=1))
        assert links.find(token, purpose).email == "anna@example.nl"
        traveller.move_to(now + lasts)
        with pytest.raises(WrongState):
            links.find(token, purpose)


def test_a_link_works_for_no_other_purpose(cast: Cast) -> None:
    for purpose in LinkPurpose:
        token = links.make(purpose, "anna@example.nl", person=cast.anna)
        for other in set(LinkPurpose) - {purpose}:
            with pytest.raises(WrongState):
                links.use(token, other)
        assert links.use(token, purpose).purpose == purpose


def test_a_link_to_come_in_does_not_change_the_password(cast: Cast, client: FlaskClient) -> None:
    _ask_in(client)
    token = _mailed("sign_in_link").rsplit("/", 1)[1]
    assert client.post(f"/new-password/{token}", data={"password": NEW}).status_code == 409
    assert cast.anna.password_hash is None


def test_the_second_of_two_that_use_a_link_at_once_is_refused(cast: Cast) -> None:
    token = links.make(LinkPurpose.SIGN_IN, "anna@example.nl", person=cast.anna)
    db.session.flush()
    link = links.find(token, LinkPurpose.SIGN_IN)  # both have read it unused …
    other = update(MailLink).where(MailLink.id == link.id).values(used_at=clock.now())
    db.session.execute(other.execution_options(synchronize_session=False))  # … and one was first
    assert link.used_at is None
    with pytest.raises(WrongState):
        links.use(token, LinkPurpose.SIGN_IN)


def test_a_link_dies_when_the_address_changes_or_its_owner_is_blocked(cast: Cast) -> None:
    token = links.make(LinkPurpose.SIGN_IN, "anna@example.nl", person=cast.anna)
    cast.anna.email = "other@example.nl"
    with pytest.raises(WrongState):
        links.find(token, LinkPurpose.SIGN_IN)
    cast.anna.email = "anna@example.nl"
    cast.anna.blocked_at = clock.now()
    with pytest.raises(WrongState):
        links.find(token, LinkPurpose.SIGN_IN)


def test_a_newer_link_ends_the_older(cast: Cast, client: FlaskClient) -> None:
    _ask_in(client)
    older = _mailed("sign_in_link")
    _ask_in(client)
    assert client.post(older).status_code == 409
    assert client.post(_mailed("sign_in_link")).status_code == 303


def test_the_database_knows_only_a_hash_of_the_token(cast: Cast, client: FlaskClient) -> None:
    _ask_in(client)
    token = _mailed("sign_in_link").rsplit("/", 1)[1]
    assert db.session.scalars(select(MailLink.token_hash)).all() == [links.hashed(token)]


@pytest.mark.parametrize("ask", [_ask_in, _ask_reset])
def test_asking_for_a_link_tells_nothing_and_mails_strangers_nothing(
    cast: Cast, client: FlaskClient, ask
) -> None:
    cast.bram.blocked_at = clock.now()
    db.session.commit()
    ask(client, "nobody@example.nl")
    ask(client, "bram@example.nl")
    assert db.session.scalars(select(OutboxMail.to_address)).all() == []
    ask(client, "anna@example.nl")
    assert db.session.scalars(select(OutboxMail.to_address)).all() == ["anna@example.nl"]


def test_known_and_unknown_addresses_get_the_same_answer(cast: Cast, client: FlaskClient) -> None:
    answers = [
        client.post(path, data={field: email})
        for path, field in (("/sign-in/by-mail", "mail-email"), ("/forgotten-password", "email"))
        for email in ("anna@example.nl", "nobody@example.nl")
    ]
    told = {(answer.status_code, answer.headers["Location"]) for answer in answers}
    assert told == {(303, "/look-in-your-mail")}


def test_an_address_gets_at_most_five_mails_in_five_minutes(
    cast: Cast, client: FlaskClient
) -> None:
    def ask() -> int:
        return client.post("/forgotten-password", data={"email": "anna@example.nl"}).status_code

    with time_machine.travel(clock.now(), tick=False) as traveller:
        assert [ask() for _ in range(6)] == [303] * 5 + [429]
        traveller.shift(timedelta(minutes=5, seconds=1))
        assert ask() == 303


# ---- a new password -----------------------------------------------------------------------------
def test_a_reset_changes_the_password_and_ends_every_session_and_link(
    cast: Cast, client: FlaskClient
) -> None:
    elsewhere = sessions.start(cast.anna, browser="at home")
    db.session.commit()
    _ask_in(client)
    _ask_reset(client)
    assert client.post(_mailed("reset"), data={"password": NEW}).status_code == 303
    assert passwords.fits(cast.anna.password_hash, NEW)
    assert client.post(_mailed("sign_in_link")).status_code == 409
    with client.session_transaction() as cookie:
        cookie[COOKIE_KEY] = elsewhere
    assert not _is_in(client)
    assert _mailed("password_changed") == "/forgotten-password"


def test_a_weak_password_does_not_use_the_link_up(cast: Cast, client: FlaskClient) -> None:
    _ask_reset(client)
    path = _mailed("reset")
    assert client.post(path, data={"password": "short"}).status_code == 422
    assert cast.anna.password_hash is None
    assert client.post(path, data={"password": NEW}).status_code == 303
    assert client.post(path, data={"password": NEW + "!"}).status_code == 409
    assert passwords.fits(cast.anna.password_hash, NEW)
