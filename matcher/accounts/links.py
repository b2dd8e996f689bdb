"""Links sent by mail: secret, for one purpose and one address, used once and not for long."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update

from matcher import clock
from matcher.errors import WrongState
from matcher.extensions import db
from matcher.models.account import LinkPurpose, MailLink, Person

LASTS = {
    LinkPurpose.SIGN_IN: timedelta(minutes=15),
    LinkPurpose.RESET: timedelta(hours=1),
    LinkPurpose.VERIFY: timedelta(days=3),
    LinkPurpose.INVITE: timedelta(days=7),
}


def hashed(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def make(
    purpose: LinkPurpose,
    email: str,
    *,
    person: Person | None = None,
    details: dict[str, Any] | None = None,
) -> str:
    """A new link's token; it stands in the mail and nowhere else."""
    token = secrets.token_urlsafe(32)
    link = MailLink(
        token_hash=hashed(token),
        purpose=purpose,
        person_id=person.id if person else None,
        email=email,
        details=details or {},
        expires_at=clock.now() + LASTS[purpose],
    )
    db.session.add(link)
    return token


def find(token: str, purpose: LinkPurpose) -> MailLink:
    """The link, if it can still be used for this; WrongState tells nothing of why not."""
    link = db.session.scalar(
        select(MailLink).where(
            MailLink.token_hash == hashed(token),
            MailLink.purpose == purpose,
            MailLink.used_at.is_(None),
            MailLink.expires_at > clock.now(),
        )
    )
    if link is None or (link.person is not None and not _is_for(link, link.person)):
        raise WrongState(_l("This link has been used or is too old. Ask for a new one."))
    return link


def _is_for(link: MailLink, person: Person) -> bool:
    return link.email == person.email and person.blocked_at is None


def use(token: str, purpose: LinkPurpose) -> MailLink:
    """Use it up. Of two browsers that try at once, the database lets one through."""
    link = find(token, purpose)
    spent = db.session.execute(
        update(MailLink)
        .where(MailLink.id == link.id, MailLink.used_at.is_(None))
        .values(used_at=clock.now())
    )
    if spent.rowcount != 1:  # type: ignore[attr-defined]
        raise WrongState(_l("This link has been used or is too old. Ask for a new one."))
    return link


def end_all(email: str, *purposes: LinkPurpose) -> None:
    """What was mailed to this address for these purposes (or any) works no more."""
    wanted = purposes or tuple(LinkPurpose)
    db.session.execute(
        update(MailLink)
        .where(MailLink.email == email, MailLink.purpose.in_(wanted), MailLink.used_at.is_(None))
        .values(used_at=clock.now())
    )


def forget_expired() -> int:
    old = delete(MailLink).where(MailLink.expires_at < clock.now() - timedelta(days=1))
    return int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]
