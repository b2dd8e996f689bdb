"""Passwords: argon2id, the same time for everybody, and which ones are too easy."""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app
from flask_babel import lazy_gettext as _l

from matcher.errors import Invalid

SHORTEST, LONGEST = 10, 128
TOO_EASY = [
    "password",
    "wachtwoord",
    "welkom",
    "welcome",
    "qwerty",
    "azerty",
    "12345678",
    "98765432",
    "letmein",
    "iloveyou",
    "lesbrug",
    "gastles",
    "school",
    "bedrijf",
    "computer",
    "internet",
    "voetbal",
    "feyenoord",
    "amsterdam",
    "zomer",
    "winter",
    "lente",
    "herfst",
    "summer",
    "autumn",
    "spring",
    "admin",
    "geheim",
    "secret",
]


class Passwords:
    """Hashes and compares; made once per application, so that tests can be cheap."""

    def __init__(self, *, cheap: bool) -> None:
        # OWASP's first choice for argon2id; the cheap one is for tests only.
        memory, rounds = (64, 1) if cheap else (19456, 2)
        self.hasher = PasswordHasher(time_cost=rounds, memory_cost=memory, parallelism=1)
        self.nobodys = self.hasher.hash(secrets.token_hex(16))


def register(app: Flask) -> None:
    app.extensions["passwords"] = Passwords(cheap=bool(app.config.get("CHEAP_PASSWORDS")))


def _tools() -> Passwords:
    tools: Passwords = current_app.extensions["passwords"]
    return tools


def _bytes(password: str) -> bytes:
    """The same letters typed on two keyboards are one password."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def hashed(password: str) -> str:
    return _tools().hasher.hash(_bytes(password))


def fits(password_hash: str | None, password: str) -> bool:
    """Whether it is the right one. Without a hash the answer is no, and takes as long."""
    tools = _tools()
    try:
        tools.hasher.verify(password_hash or tools.nobodys, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return _tools().hasher.check_needs_rehash(password_hash)


def insist_on_strength(password: str, *, email: str, field: str = "password") -> None:
    """Length counts, not signs: ten characters that are not simply a well-known word or name."""
    if len(password) < SHORTEST:
        raise Invalid(_l("Use at least 10 characters. A short sentence is fine."), field=field)
    if len(password) > LONGEST:
        raise Invalid(_l("Use at most 128 characters."), field=field)
    rest = password.casefold()
    for word in (*TOO_EASY, *(w for w in email.casefold().replace("@", ".").split(".") if w[3:])):
        rest = rest.replace(word, "")
    if len(rest.strip("0123456789!?.-_ ")) < 3 or len(set(rest)) < 4:
        raise Invalid(_l("This password is too easy to guess. Use a short sentence."), field=field)
