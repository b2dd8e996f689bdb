"""Verbs on one's own account: come in, prove who you are, change what is known of you."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, or_, select

from matcher import clock, mail
from matcher.accounts import links, passwords, sessions, throttle
from matcher.errors import Invalid, NotAllowed, NotFound
from matcher.extensions import db
from matcher.models.account import LinkPurpose, Person, Role, RoleGrant, SignInSession
from matcher.models.journal import write_journal

SESSIONS_KEPT = timedelta(days=30)


def find_person(email: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.email == email.strip().lower()))


def authenticate(email: str, password: str) -> Person | None:
    """Who it is, if the password is theirs and they may come in; the same time for everybody."""
    person = find_person(email)
    right = passwords.fits(person.password_hash if person else None, password)
    if person is None or not right or not _may_come_in(person):
        return None
    if person.password_hash and passwords.is_outdated(person.password_hash):
        person.password_hash = passwords.hashed(password)
    return person


def _may_come_in(person: Person) -> bool:
    return person.blocked_at is None and person.email_verified_at is not None


# ---- by mail ------------------------------------------------------------------------------------
def mail_sign_in_link(email: str, *, language: str, path: str = "") -> None:
    """Mail a link to come in with; a stranger's address gets nothing, and takes as long.

    ``path`` is where to go then.
    """
    _mail_link(email, LinkPurpose.SIGN_IN, "sign_in_link", language=language, path=path)


def mail_reset_link(email: str, *, language: str) -> None:
    """Mail a link to choose a new password with."""
    _mail_link(email, LinkPurpose.RESET, "reset", language=language)


def _mail_link(
    email: str, purpose: LinkPurpose, message: str, *, language: str, path: str = ""
) -> None:
    person = find_person(email)
    if person is None or not _may_come_in(person):
        mail.rehearse(message, mail.Stranger(email, language))
        return
    links.end_all(person.email, purpose)
    token = links.make(purpose, person.email, person=person, details={"next": path})
    way = {LinkPurpose.SIGN_IN: "sign-in/link", LinkPurpose.RESET: "new-password"}[purpose]
    mail.queue(message, person, key=f"{message}:{links.hashed(token)}", path=f"/{way}/{token}")


def come_in_by_link(token: str) -> tuple[Person, str]:
    """Who it is, and where they were going."""
    link = links.use(token, LinkPurpose.SIGN_IN)
    assert link.person is not None  # the table's constraint
    return link.person, str(link.details.get("next", ""))


def reset_password(token: str, password: str) -> Person:
    """A new password by mail: all browsers and all other links end."""
    person = links.find(token, LinkPurpose.RESET).person
    assert person is not None  # the table's constraint
    passwords.insist_on_strength(password, email=person.email)
    links.use(token, LinkPurpose.RESET)
    _set_password(person, password)
    sessions.end_all(person)
    return person


# ---- signed in ----------------------------------------------------------------------------------
def change_password(person: Person, new: str, *, current: str, key: str | None) -> None:
    """``current`` is asked of who has one; ``key`` is the browser that stays signed in."""
    if person.password_hash is not None and not passwords.fits(person.password_hash, current):
        raise Invalid(_l("This is not your present password."), field="current")
    passwords.insist_on_strength(new, email=person.email, field="new")
    _set_password(person, new)
    sessions.end_all(person, but=key)


def _set_password(person: Person, password: str) -> None:
    person.password_hash = passwords.hashed(password)
    links.end_all(person.email, LinkPurpose.SIGN_IN, LinkPurpose.RESET)
    write_journal("change_password", person, by=person)
    mail.queue(
        "password_changed",
        person,
        key=f"password_changed:{person.id}:{clock.now().isoformat()}",
        path="/forgotten-password",
    )


def change_profile(person: Person, *, name: str, phone: str, language: str) -> None:
    person.name, person.phone, person.language = name, phone or None, language


def open_sessions(person: Person) -> list[SignInSession]:
    """The browsers in which a person is signed in, newest first; at most 50."""
    rows = (
        select(SignInSession)
        .where(
            SignInSession.person_id == person.id,
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > clock.now(),
        )
        .order_by(SignInSession.created_at.desc(), SignInSession.id.desc())
    )
    return list(db.session.scalars(rows.limit(50)))


def end_session(session_id: int, *, by: Person) -> None:
    """Sign one of one's own browsers out."""
    row = db.session.get(SignInSession, session_id)
    if row is None or row.person_id != by.id:
        raise NotFound(_l("There is no such browser."))
    row.ended_at = row.ended_at or clock.now()


def demo_people() -> list[Person]:
    """Whom a visitor of the demo may become; at most 20."""
    rows = select(Person).where(Person.is_demo, Person.blocked_at.is_(None)).order_by(Person.id)
    return list(db.session.scalars(rows.limit(20)))


def demo_person(person_id: int) -> Person:
    person = db.session.get(Person, person_id)
    if person is None or not person.is_demo or person.blocked_at is not None:
        raise NotAllowed(_l("Only the people of the demo can be borrowed."))
    return person


# ---- the operator and the clock -----------------------------------------------------------------
def make_administrator(email: str) -> Person:
    """The first administrator has nobody to ask; safe to repeat."""
    person = find_person(email)
    if person is None:
        raise NotFound(f"nobody is registered as {email}")
    if not person.has_role(Role.ADMINISTRATOR):
        person.grants.append(RoleGrant(role=Role.ADMINISTRATOR))
        db.session.flush()
        write_journal("grant", person, by=None, changes={"role": [None, Role.ADMINISTRATOR.value]})
    return person


def forget_expired() -> int:
    """What stood at the door too long: links, tries, ended sessions, the texts of old mails."""
    before = clock.now() - SESSIONS_KEPT
    ended = func.coalesce(SignInSession.ended_at, SignInSession.expires_at)
    old = delete(SignInSession).where(or_(SignInSession.expires_at < before, ended < before))
    gone = int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]
    return gone + links.forget_expired() + throttle.forget_old() + mail.forget_old()
