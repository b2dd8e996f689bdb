"""The room's one blueprint, and what its doors share: coming in, going out, counting mails."""

from __future__ import annotations

from flask import Blueprint, redirect, request, session, url_for
from werkzeug.wrappers import Response

from matcher.accounts import sessions, throttle
from matcher.accounts.throttle import Counted
from matcher.extensions import db
from matcher.models.account import Person
from matcher.web.names import language
from matcher.web.navigation import start_of
from matcher.web.safety import safe_path

blueprint = Blueprint("accounts", __name__)

# In this order: each also calls itself by the names of those after it.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def come_in(person: Person, path: str | None = None, *, keep_language: bool = False) -> Response:
    """Sign a person in with a new key; whatever the browser carried before ends here.

    From now on the person's own language counts, unless the visitor's is kept.
    """
    go_out()
    if not keep_language:
        session.pop("language")
    browser = browser_name(request.user_agent.string)
    session[sessions.COOKIE_KEY] = sessions.start(person, browser=browser)
    db.session.commit()
    path = safe_path(path)
    if person.has_second_factor:
        return redirect(url_for("accounts.show_code", next=path), code=303)
    return redirect(path or url_for(start_of(person)), code=303)


def go_out() -> None:
    """End this browser's session on the server, and empty the cookie but for the language."""
    key, chosen = session.get(sessions.COOKIE_KEY), language()
    if isinstance(key, str):
        sessions.end(key)
    session.clear()
    session["language"] = chosen


def count_mail(email: str) -> str:
    """Count a mail that is asked for, and refuse too many of them; gives the address back."""
    reader = throttle.knock(Counted.MAILS, email)
    sender = throttle.knock(Counted.SENDERS, address())
    db.session.commit()
    throttle.refuse_many(reader, sender)
    return email


def address() -> str:
    """The internet address of who asks, behind as many proxies as are set."""
    return request.remote_addr or ""


def browser_name(agent: str) -> str:
    """Enough to know one's own browsers by, and no more: "Firefox, Windows"."""
    return ", ".join(
        next((name for sign, name in signs if sign in agent), "") for signs in (_BROWSERS, _SYSTEMS)
    ).strip(", ")
