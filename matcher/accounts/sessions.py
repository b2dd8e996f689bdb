"""Signed-in browsers: rows in the database, of which the cookie carries only the key."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from flask import Flask, session
from flask_login import AnonymousUserMixin, UserMixin
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from matcher import clock
from matcher.accounts import passwords
from matcher.extensions import db, login_manager
from matcher.models.account import Person, SignInSession

COOKIE_KEY = "session_key"
# A working day. Not longer by use: reading never writes, and a school's computers are shared.
LASTS = timedelta(hours=12)
SECOND_STEP_LASTS = timedelta(minutes=10)


class SignedIn(UserMixin):
    """What Flask-Login calls the current user; models know nothing of it."""

    def __init__(self, row: SignInSession) -> None:
        self.row = row
        self.person: Person = row.person
        self.person_id = row.person_id  # known when the row is not at hand any more

    def get_id(self) -> str:
        return str(self.row.id)


class Visitor(AnonymousUserMixin):
    """Nobody in particular."""

    person = None


def register(app: Flask) -> None:
    """Tell Flask-Login how to find who is signed in; make the password tools."""
    passwords.register(app)
    login_manager.anonymous_user = Visitor
    login_manager.request_loader(_from_cookie)


def _from_cookie(_request: object) -> SignedIn | None:
    key = session.get(COOKIE_KEY)
    if not isinstance(key, str):
        return None
    row = _open_row(key)
    if row is None or (row.person.has_second_factor and row.proved_at is None):
        return None
    return SignedIn(row)


def _open_row(key: str) -> SignInSession | None:
    """The session of a key that is still open, of a person who may still come in."""
    whose = joinedload(SignInSession.person)
    row = db.session.scalar(
        select(SignInSession)
        .where(
            SignInSession.key_hash == hashed(key),
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > clock.now(),
        )
        .options(whose.selectinload(Person.grants), whose.joinedload(Person.second_factor))
    )
    return row if row is not None and row.person.blocked_at is None else None


def unproved(key: object) -> SignInSession | None:
    """The session of a browser that has given the first factor and not yet the second."""
    row = _open_row(key) if isinstance(key, str) else None
    if row is None or not row.person.has_second_factor or row.proved_at is not None:
        return None
    fresh = row.created_at > clock.now() - SECOND_STEP_LASTS
    return row if fresh else None


def prove(key: str) -> None:
    """This browser has given the second factor as well."""
    row = update(SignInSession).where(SignInSession.key_hash == hashed(key))
    db.session.execute(row.values(proved_at=clock.now()))


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def start(person: Person, *, browser: str) -> str:
    """A new session; gives the key for the cookie, which is stored nowhere else."""
    key = secrets.token_urlsafe(32)
    person.seen_at = clock.now()
    db.session.add(
        SignInSession(
            key_hash=hashed(key),
            person_id=person.id,
            expires_at=clock.now() + LASTS,
            browser=browser[:200],
        )
    )
    return key


def end(key: str) -> None:
    """This browser is signed out, whoever still holds its cookie."""
    _end_where(SignInSession.key_hash == hashed(key))


def end_all(person: Person, *, but: str | None = None) -> None:
    """Every browser of a person is signed out, or every other one."""
    condition = SignInSession.person_id == person.id
    if but is not None:
        condition = condition & (SignInSession.key_hash != hashed(but))
    _end_where(condition)


def _end_where(condition: object) -> None:
    db.session.execute(
        update(SignInSession)
        .where(condition, SignInSession.ended_at.is_(None))  # type: ignore[arg-type]
        .values(ended_at=clock.now())
    )
