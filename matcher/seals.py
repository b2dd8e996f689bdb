"""Signed words for addresses in mails, and secrets kept at rest: both under the service's key."""

from __future__ import annotations

import base64
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from itsdangerous import BadSignature, Signer


def seal(purpose: str, words: str) -> str:
    """The words with a signature that holds for this purpose only."""
    return _signer(purpose).sign(words).decode("ascii")


def break_seal(purpose: str, token: str) -> str | None:
    """The words of a token sealed for this purpose; None for any other text."""
    try:
        return _signer(purpose).unsign(token.encode("ascii", "replace")).decode("ascii")
    except BadSignature:
        return None


def _signer(purpose: str) -> Signer:
    key = current_app.config["SECRET_KEY"]
    return Signer(key, salt=f"lesbrug {purpose}", key_derivation="hmac", digest_method=sha256)


def locker(key: str, purpose: str) -> Fernet:
    """What keeps secrets of one purpose at rest; a new SECRET_KEY makes them unreadable."""
    derived = HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def lock_away(purpose: str, words: str) -> str:
    return locker(current_app.config["SECRET_KEY"], purpose).encrypt(words.encode()).decode()


def take_out(purpose: str, locked: str) -> str | None:
    """The words again; None where they were locked away under another key."""
    try:
        return locker(current_app.config["SECRET_KEY"], purpose).decrypt(locked.encode()).decode()
    except InvalidToken:
        return None
