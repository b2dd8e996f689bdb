"""Signed words for addresses in mails: whoever shows one was given it by this service."""

from __future__ import annotations

from hashlib import sha256

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
