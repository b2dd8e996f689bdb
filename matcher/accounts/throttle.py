"""Too many tries: counted in the database, so that every web worker sees all of them."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from matcher import clock
from matcher.errors import TooMany
from matcher.extensions import db
from matcher.models.account import SignInAttempt

WINDOW = timedelta(minutes=5)


class Counted(StrEnum):
    """What is counted, each by somebody's name for it."""

    ACCOUNT = "account"  # wrong passwords for one mail address
    ADDRESS = "address"  # wrong passwords from one internet address
    MAILS = "mails"  # mails asked for to one mail address
    CODES = "codes"  # codes of the second step for one person
    SENDERS = "senders"  # mails asked for from one internet address
    GUIDES = "guides"  # answers to the guide from one internet address


# A room of teachers registering together has one internet address.
MOST = {
    Counted.ACCOUNT: 10,
    Counted.ADDRESS: 10,
    Counted.CODES: 5,
    Counted.MAILS: 5,
    Counted.SENDERS: 60,
    Counted.GUIDES: 60,
}


def knock(kind: Counted, name: str) -> str:
    """Count one try and give the subject it is counted under.

    The door commits before it asks ``refuse_many``: so a hundred tries at once see each other.
    """
    subject = f"{kind}:{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"
    db.session.add(SignInAttempt(subject=subject, at=clock.now()))
    return subject


def refuse_many(*subjects: str) -> None:
    """Raises TooMany when one of the subjects has had its tries; the present one counts."""
    for subject in subjects:
        tries = db.session.scalar(
            select(func.count())
            .select_from(SignInAttempt)
            .where(SignInAttempt.subject == subject, SignInAttempt.at > clock.now() - WINDOW)
        )
        if (tries or 0) > MOST[Counted(subject.partition(":")[0])]:
            raise TooMany(_l("That was tried too often. Wait five minutes, then try again."))


def forgive(account: str, address: str) -> None:
    """After a right password: the account starts anew, the address loses this one try."""
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.subject == account))
    latest = select(func.max(SignInAttempt.id)).where(SignInAttempt.subject == address)
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.id == latest.scalar_subquery()))


def forget_old() -> int:
    old = delete(SignInAttempt).where(SignInAttempt.at < clock.now() - timedelta(days=1))
    return int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]
