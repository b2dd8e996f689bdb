"""What an address may say: where a visitor may be sent next, and how large a number is."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

LONGEST_LINK = 500
PUBLIC_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
NOT_PUBLIC = (".local", ".localhost", ".internal", ".lan", ".home", ".test", ".invalid")
_PLAIN = re.compile(r"/[A-Za-z0-9._~\-/]*(\?[A-Za-z0-9._~\-/=&%+]*)?")


class ShortNumber(IntegerConverter):
    """``<int:…>`` in an address: nine digits at most, which fits every key of both databases."""

    regex = r"\d{1,9}"


def safe_path(path: str | None) -> str | None:
    """The path if it is one of ours, else None.

    Browsers and libraries differ on what ``////host`` or ``/%09/host`` means, so nothing is
    parsed: the text must be plain, and a registered view must answer it.
    """
    if not path or not _PLAIN.fullmatch(path) or "//" in path:
        return None
    try:
        current_app.url_map.bind("localhost").match(path.partition("?")[0], method="GET")
    except HTTPException:
        return None
    return path


def is_web_address(address: str) -> bool:
    """Whether it is an https address of a public host, as people may give each other."""
    if len(address) > LONGEST_LINK or re.search(r"[\s\x00-\x1f\\]", address):
        return False
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    return parts.scheme == "https" and parts.username is None and is_public_name(host)


def is_public_name(host: str) -> bool:
    return bool(PUBLIC_HOST.fullmatch(host)) and not host.endswith(NOT_PUBLIC)
