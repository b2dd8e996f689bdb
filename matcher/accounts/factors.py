"""The second step: a code from one's own device (TOTP, RFC 6238), and codes on paper beside it."""

from __future__ import annotations

import hashlib
import secrets

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from matcher import clock, mail, seals
from matcher.accounts import sessions
from matcher.errors import Invalid, NotAllowed
from matcher.extensions import db
from matcher.models.account import Person, Role, SecondFactor, SignInSession
from matcher.models.journal import write_journal

STEP_SECONDS = 30
DRIFT = 1  # steps a device's clock may be off, either way
PAPER_CODES = 10
ISSUER = "Lesbrug"


def seal_of(key: str) -> Fernet:
    """What keeps secrets at rest; a new SECRET_KEY makes them unreadable."""
    return seals.locker(key, "second factor")


def begin(person: Person, seal: Fernet) -> str:
    """A new secret to show; it counts only when ``confirm`` has seen a code of it."""
    if person.has_second_factor:
        raise NotAllowed(_l("You have a second step already. Remove it first."))
    factor = person.second_factor or SecondFactor(recovery=[])
    secret = pyotp.random_base32()
    factor.sealed = seal.encrypt(secret.encode()).decode()
    person.second_factor = factor
    return secret


def picture(person: Person, secret: str) -> str:
    """The secret as a picture for the device's camera: SVG as a data address."""
    address = pyotp.TOTP(secret, name=person.email, issuer=ISSUER).provisioning_uri()
    return segno.make(address, error="m").svg_data_uri(scale=5, border=2)


def waiting_secret(person: Person, seal: Fernet) -> str | None:
    """The secret that was shown and not yet proved."""
    factor = person.second_factor
    if factor is None or factor.confirmed_at is not None:
        return None
    return _secret(factor, seal)


def confirm(person: Person, code: str, *, key: str, seal: Fernet) -> list[str]:
    """Turn it on: a right code proves the device. Gives the codes for paper, shown only now.

    Every other browser is signed out; this one (``key``) counts as proved.
    """
    factor = person.second_factor
    if factor is None or factor.confirmed_at is not None or not _take(factor, code, seal):
        raise Invalid(_l("This code is not right. Take the newest one."), field="code")
    papers = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(PAPER_CODES)]
    factor.recovery = [_hashed(paper) for paper in papers]
    factor.confirmed_at = clock.now()
    sessions.end_all(person, but=key)
    sessions.prove(key)
    _tell(person, "turn_on_second_factor", by=person)
    return papers


def prove(row: SignInSession, code: str, *, seal: Fernet) -> None:
    """The second step of signing in: a code of the device, or one from paper, each good once."""
    factor = row.person.second_factor
    if factor is None or not (_take(factor, code, seal) or _take_paper(factor, code)):
        raise Invalid(_l("This code is not right. Take the newest one."), field="code")
    row.proved_at = clock.now()


def remove(person: Person, *, by: Person | None) -> None:
    """Turn it off: by oneself, by an administrator for who lost the device, or by the operator."""
    if by is not None and by.id != person.id and not by.has_role(Role.ADMINISTRATOR):
        raise NotAllowed(_l("Only an administrator can do this."))
    if person.second_factor is None:
        return
    person.second_factor = None
    _tell(person, "turn_off_second_factor", by=by)


def _tell(person: Person, deed: str, *, by: Person | None) -> None:
    db.session.flush()
    write_journal(deed, person, by=by)
    key = f"second_factor_changed:{person.id}:{clock.now().isoformat()}"
    on = deed.startswith("turn_on")
    mail.queue("second_factor_changed", person, key=key, path="/account", on=on)


def _secret(factor: SecondFactor, seal: Fernet) -> str | None:
    """None when it was sealed under another key: codes on paper still work."""
    try:
        return seal.decrypt(factor.sealed.encode()).decode()
    except InvalidToken:
        return None


def _take(factor: SecondFactor, code: str, seal: Fernet) -> bool:
    """Whether the code is one of now; a step's code works once, also for two browsers at once."""
    digits = "".join(code.split())
    secret = _secret(factor, seal)
    if secret is None or not digits.isascii() or not digits.isdigit():
        return False
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    present = int(clock.now().timestamp()) // STEP_SECONDS
    for step in range(present - DRIFT, present + DRIFT + 1):
        if secrets.compare_digest(totp.generate_otp(step), digits):
            return _use_step(factor, step)
    return False


def _use_step(factor: SecondFactor, step: int) -> bool:
    db.session.flush()
    used = db.session.execute(
        update(SecondFactor)
        .where(SecondFactor.person_id == factor.person_id, SecondFactor.last_step < step)
        .values(last_step=step)
    )
    return bool(used.rowcount == 1)  # type: ignore[attr-defined]


def _take_paper(factor: SecondFactor, code: str) -> bool:
    paper = _hashed(code.strip().lower())
    if paper not in factor.recovery:
        return False
    factor.recovery = [kept for kept in factor.recovery if kept != paper]
    return True


def _hashed(paper: str) -> str:
    return hashlib.sha256(paper.encode("utf-8", "surrogatepass")).hexdigest()
