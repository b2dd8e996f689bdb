"""One's own account, the administrator's page of people, and what the clock forgets."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from matcher import clock
from matcher.accounts import links, passwords, roles, service, sessions, throttle
from matcher.accounts.routes_door import browser_name
from matcher.accounts.sessions import COOKIE_KEY
from matcher.errors import Invalid, NotAllowed, NotFound, Taken, WrongState
from matcher.extensions import db
from matcher.models.account import LinkPurpose, MailLink, Person, Role, SignInAttempt, SignInSession
from matcher.models.journal import JournalEntry
from tests.cast import Cast, make_person

OLD, NEW = "een brug van wind", "drie molens op zee"


@pytest.fixture
def boss(cast: Cast) -> Person:
    person = make_person("Ada Beheer", administrator=True)
    db.session.commit()
    return person


def _use(client: FlaskClient, key: str) -> bool:
    """Whether a kept key still opens the account page."""
    with client.session_transaction() as cookie:
        cookie[COOKIE_KEY] = key
    return client.get("/account").status_code == 200


# ---- one's own ----------------------------------------------------------------------------------
def test_name_phone_and_language_are_kept(cast: Cast, client: FlaskClient, sign_in) -> None:
    sign_in(client, cast.anna)
    data = {"name": " Anna\x00 de\tBoer-Vos ", "phone": "+31 6 12345678", "language": "en"}
    assert (
        client.post("/account", data={**data, "email": "x@y.nl", "is_demo": "1"}).status_code == 303
    )
    anna = cast.anna
    assert (anna.name, anna.phone, anna.language) == ("Anna de Boer-Vos", "+31 6 12345678", "en")
    assert (anna.email, anna.is_demo) == ("anna@example.nl", False)
    assert '<html lang="en">' in client.get("/account", headers={"Accept-Language": "nl"}).text


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("name", "x" * 201), ("phone", "call me"), ("language", "xx")],
)
def test_what_cannot_be_is_refused(
    cast: Cast, client: FlaskClient, sign_in, field: str, value: str
) -> None:
    sign_in(client, cast.anna)
    data = {"name": "Anna", "phone": "", "language": "nl", field: value}
    assert client.post("/account", data=data).status_code == 422
    db.session.refresh(cast.anna)
    assert (cast.anna.name, cast.anna.phone) == ("Anna de Boer", None)


def test_a_new_password_asks_for_the_old_one_and_ends_other_browsers(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    cast.anna.password_hash = passwords.hashed(OLD)
    elsewhere = sessions.start(cast.anna, browser="elsewhere")
    sign_in(client, cast.anna)
    with client.session_transaction() as cookie:
        here = cookie[COOKIE_KEY]
    wrong = client.post("/account/password", data={"current": "wrong", "new": NEW})
    assert wrong.status_code == 422
    assert passwords.fits(cast.anna.password_hash, OLD)
    right = client.post("/account/password", data={"current": OLD, "new": NEW})
    assert right.status_code == 303
    assert passwords.fits(cast.anna.password_hash, NEW)
    assert (_use(client, here), _use(client, elsewhere)) == (True, False)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "welkom2026!",
        "Wachtwoord123",
        "aaaaaaaaaaaa",
        "1234567890",
        "anna2026!!!",
        "x" * 129,
    ],
)
def test_passwords_that_are_guessed_first_are_refused(cast: Cast, password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        service.change_password(cast.anna, password, current="", key=None)
    assert refusal.value.field == "new"
    assert cast.anna.password_hash is None


@pytest.mark.parametrize("password", [OLD, "correct horse", "ÄÖÜ-éèê-ßçñ", "  spaces count  "])
def test_any_long_enough_text_is_a_password(cast: Cast, password: str) -> None:
    service.change_password(cast.anna, password, current="", key=None)
    assert passwords.fits(cast.anna.password_hash, password)
    assert not passwords.fits(cast.anna.password_hash, password.strip() + "x")


def test_the_same_letters_from_two_keyboards_are_one_password(cast: Cast) -> None:
    composed = passwords.hashed("caf\u00e9 aan zee")
    assert passwords.fits(composed, "cafe\u0301 aan zee")


def test_one_browser_is_signed_out_from_another(cast: Cast, client: FlaskClient, sign_in) -> None:
    elsewhere = sessions.start(cast.anna, browser="elsewhere")
    strangers = sessions.start(cast.bram, browser="his own")
    sign_in(client, cast.anna)
    ids = dict(db.session.execute(select(SignInSession.browser, SignInSession.id)).all())
    assert client.post(f"/account/browsers/{ids['elsewhere']}/end").status_code == 303
    assert client.post(f"/account/browsers/{ids['his own']}/end").status_code == 404
    assert not _use(client, elsewhere)
    assert _use(client, strangers)


def test_signing_out_everywhere_ends_all_of_ones_own(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    elsewhere = sessions.start(cast.anna, browser="elsewhere")
    strangers = sessions.start(cast.bram, browser="his own")
    sign_in(client, cast.anna)
    assert client.post("/account/sign-out-everywhere").status_code == 303
    assert (_use(client, elsewhere), _use(client, strangers)) == (False, True)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/9 Safari/5 Edg/9", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Version/17 Mobile Safari/604", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/2010 Firefox/140.0", "Firefox, Linux"),
        ("curl/8", ""),
    ],
)
def test_of_a_browser_only_its_name_is_kept(agent: str, name: str) -> None:
    assert browser_name(agent) == name


# ---- the administrator --------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["anna", "carla", "dirk", "gea"])
def test_only_an_administrator_sees_and_changes_people(
    cast: Cast, client: FlaskClient, sign_in, name: str
) -> None:
    sign_in(client, getattr(cast, name))
    target = cast.bram.id
    assert client.get("/people").status_code == 403
    assert client.get(f"/people/{target}").status_code == 403
    assert client.post(f"/people/{target}/block").status_code == 403
    data = {"role": "administrator", "place": ""}
    assert client.post(f"/people/{target}/roles", data=data).status_code == 403
    assert [grant.role for grant in cast.bram.grants] == [Role.TEACHER]
    with pytest.raises(NotAllowed):
        roles.grant(cast.bram, Role.ADMINISTRATOR, "", by=getattr(cast, name))


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.COORDINATOR, "NL-NB"),
        (Role.COMPANY_CONTACT, "Windwerk"),
        (Role.TEACHER, "99LO00"),
        (Role.ADMINISTRATOR, ""),
    ],
)
def test_a_role_is_given_written_down_and_taken_away(
    cast: Cast, client: FlaskClient, sign_in, boss: Person, role: Role, place: str
) -> None:
    sign_in(client, boss)
    had = len(cast.farid.grants)
    given = client.post(f"/people/{cast.farid.id}/roles", data={"role": role, "place": place})
    assert given.status_code == 303
    assert cast.farid.has_role(role)
    again = client.post(f"/people/{cast.farid.id}/roles", data={"role": role, "place": place})
    assert again.status_code == 422
    newest = cast.farid.grants[-1]
    assert client.post(f"/people/roles/{newest.id}/revoke").status_code == 303
    assert len(cast.farid.grants) == had
    deeds = select(JournalEntry.deed, JournalEntry.by_id).order_by(JournalEntry.id)
    assert [tuple(row) for row in db.session.execute(deeds)] == [
        ("grant", boss.id),
        ("revoke", boss.id),
    ]


def test_a_role_at_a_place_that_is_not_there_is_refused(cast: Cast, boss: Person) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with pytest.raises(Invalid) as refusal:
            roles.grant(cast.farid, role, "nowhere", by=boss)
        assert refusal.value.field == "place"
    with pytest.raises(Taken):
        roles.grant(cast.gea, Role.COORDINATOR, "NL-NB", by=boss)


def test_the_last_administrator_stays(boss: Person) -> None:
    with pytest.raises(WrongState):
        roles.revoke(boss.grants[0].id, by=boss)
    with pytest.raises(NotAllowed):
        roles.block(boss, by=boss)


def test_a_block_signs_out_and_ends_links_and_can_be_lifted(cast: Cast, boss: Person) -> None:
    sessions.start(cast.anna, browser="")
    token = links.make(LinkPurpose.SIGN_IN, cast.anna.email, person=cast.anna)
    roles.block(cast.anna, by=boss)
    db.session.expire_all()
    assert service.open_sessions(cast.anna) == []
    roles.unblock(cast.anna, by=boss)
    with pytest.raises(WrongState):
        links.find(token, LinkPurpose.SIGN_IN)
    assert cast.anna.blocked_at is None


def test_people_are_found_by_parts_of_name_and_address(cast: Cast, boss: Person) -> None:
    def found(words: str) -> list[str]:
        return [person.name for person in db.session.scalars(roles.people(words))]

    assert found("de boer") == ["Anna de Boer"]
    assert found("CARLA@") == ["Carla Smit"]
    assert found("%") == []
    assert len(found("")) == 9


# ---- the operator and the clock -----------------------------------------------------------------
def test_the_operator_makes_the_first_administrator_once(cast: Cast) -> None:
    service.make_administrator("Gea@example.nl")
    service.make_administrator("gea@example.nl")
    assert [g.role for g in cast.gea.grants] == [Role.COORDINATOR, Role.ADMINISTRATOR]
    with pytest.raises(NotFound):
        service.make_administrator("nobody@example.nl")


def test_the_clock_forgets_what_stood_at_the_door_too_long(cast: Cast) -> None:
    now = clock.now()
    with time_machine.travel(now, tick=False) as traveller:
        links.make(LinkPurpose.RESET, cast.anna.email, person=cast.anna)
        throttle.knock(throttle.Counted.ACCOUNT, "anna@example.nl")
        sessions.start(cast.anna, browser="")
        db.session.commit()
        assert service.forget_expired() == 0
        traveller.move_to(now + timedelta(days=2))
        assert service.forget_expired() == 2
        traveller.move_to(now + timedelta(days=31))
        assert service.forget_expired() == 1
    for model in (MailLink, SignInAttempt, SignInSession):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0
