"""Many at the same moment, on both databases: one link, one account's tries, one mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from matcher import mail
from matcher.accounts import links, passwords
from matcher.extensions import db
from matcher.models.account import LinkPurpose, Person, RoleGrant, SignInSession
from matcher.models.outbox import MailState, OutboxMail
from tests.cast import Cast

PASSWORD = "een brug van wind"


def _together(app: Flask, number: int, deed: Callable[[Flask, int], Any]) -> list[Any]:
    """The deed ``number`` times at once, each in its own thread and context."""
    start = Barrier(number)

    def do(which: int) -> Any:
        start.wait(timeout=30)
        return deed(app, which)

    db.session.commit()
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(do, range(number)))


def _count(model: type) -> int:
    found = db.session.scalar(select(func.count()).select_from(model)) or 0
    db.session.commit()
    return found


def test_one_link_signs_in_one_browser(any_app: Flask, any_cast: Cast) -> None:
    token = links.make(LinkPurpose.SIGN_IN, "anna@example.nl", person=any_cast.anna)

    def enter(app: Flask, _which: int) -> int:
        return app.test_client().post(f"/sign-in/link/{token}").status_code

    assert Counter(_together(any_app, 8, enter)) == {303: 1, 409: 7}
    assert _count(SignInSession) == 1


def test_one_registration_makes_one_person(any_app: Flask, any_cast: Cast) -> None:
    details = {"role": "teacher", "school_id": any_cast.lorentz.id, "name": "Joke"}
    token = links.make(LinkPurpose.VERIFY, "joke@example.nl", details=details)
    people, grants = _count(Person), _count(RoleGrant)

    def enter(app: Flask, _which: int) -> int:
        return app.test_client().post(f"/verify/{token}", data={"name": "Joke"}).status_code

    assert Counter(_together(any_app, 6, enter)) == {303: 1, 409: 5}
    assert (_count(Person), _count(RoleGrant)) == (people + 1, grants + 1)


def test_of_thirty_guesses_at_once_ten_are_looked_at(any_app: Flask, any_cast: Cast) -> None:
    any_cast.anna.password_hash = passwords.hashed(PASSWORD)

    def guess(app: Flask, which: int) -> int:
        answer = app.test_client().post(
            "/sign-in",
            data={"email": "anna@example.nl", "password": f"guess {which}"},
            environ_base={"REMOTE_ADDR": f"10.0.0.{which}"},
        )
        return answer.status_code

    told = Counter(_together(any_app, 30, guess))
    assert set(told) <= {422, 429}
    assert told[422] <= 10


def test_two_deliverers_send_each_mail_once(any_app: Flask, any_cast: Cast) -> None:
    for number in range(20):
        mail.queue("sign_in_link", any_cast.anna, key=f"mail {number}")

    def deliver(app: Flask, _which: int) -> int:
        with app.app_context():
            return mail.deliver_waiting()

    assert sum(_together(any_app, 4, deliver)) == 20
    rows = db.session.execute(select(OutboxMail.state, OutboxMail.attempts)).all()
    assert {tuple(row) for row in rows} == {(MailState.SENT, 1)}
