"""What every answer carries, a strict policy against foreign content; what a request may weigh."""

from __future__ import annotations

import logging
import re
import secrets

from flask import Flask, Response, current_app, g, request, session

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "frame-src https://www.youtube-nocookie.com https://player.vimeo.com",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
log = logging.getLogger("lesbrug.request")


def register(app: Flask) -> None:
    """Hang the hooks on the application."""
    app.before_request(_start_anew)
    app.before_request(_number_the_request)
    app.before_request(_bound_the_form)
    app.after_request(_add_headers)


def _start_anew() -> None:
    """Who it is, in which language, is asked once per request, also where requests share a
    context (in tests)."""
    g.pop("_login_user", None)
    g.pop("_flask_babel", None)


def _number_the_request() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _bound_the_form() -> None:
    """Werkzeug bounds the text of forms that carry files; others are read in one go."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = PERMISSIONS
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["X-Request-ID"] = g.get("request_id", "")
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static":
        response.vary.update(["Cookie", "Accept-Language"])
        # Every page carries a form of its own, so none may be shared; what is of one person, or
        # stands behind a mailed link, is not even kept by the browser.
        secret = bool(session.get("session_key")) or "token" in (request.view_args or {})
        headers.setdefault("Cache-Control", "no-store" if secret else "private, no-cache")
    return response
