"""What an address may say: where a visitor may be sent next, and how large a number is."""

from __future__ import annotations

import re

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

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
