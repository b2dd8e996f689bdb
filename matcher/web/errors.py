"""Refusals and failures turned into pages, once, in the reader's language."""

from __future__ import annotations

import logging

from flask import Flask, render_template
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from matcher.errors import DomainError, Invalid, NotAllowed, NotFound, Taken, TooMany, WrongState
from matcher.extensions import db

log = logging.getLogger("lesbrug.web")
STATUS = {
    NotAllowed: 403,
    NotFound: 404,
    Invalid: 400,
    WrongState: 409,
    Taken: 409,
    TooMany: 429,
}
Answer = tuple[str, int]


def register(app: Flask) -> None:
    """Every way a request can end badly gets a page that says what to do now."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, _somebody_was_first)
    app.register_error_handler(IntegrityError, _somebody_was_first)
    app.register_error_handler(DataError, _unreadable)
    app.register_error_handler(StatementError, _unreadable)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _failed)


def page(status: int, title: str, text: str) -> Answer:
    """The error page; a transaction that was under way is given up."""
    db.session.rollback()
    return render_template("web/error.html", status=status, title=title, text=text), status


def _refused(error: DomainError) -> Answer:
    titles = {
        403: _("You may not do this"),
        404: _("Not found"),
        409: _("This has changed"),
        429: _("Too many tries"),
    }
    status = STATUS.get(type(error), 400)
    return page(status, titles.get(status, _("That cannot be done")), str(error))


def _stale_form(_error: CSRFError) -> Answer:
    text = _("The form was open too long, or in two tabs. Go back, reload the page and try again.")
    return page(400, _("This form has expired"), text)


def _somebody_was_first(error: Exception) -> Answer:
    log.info("conflict: %s", error.__class__.__name__)
    text = _("Somebody else changed this at the same moment. Look at it again, then try once more.")
    return page(409, _("Somebody else was first"), text)


def _unreadable(error: Exception) -> Answer:
    log.warning("unreadable input: %s", error.__class__.__name__)
    return page(400, _("That cannot be read"), _("Something in the address or form is not valid."))


def _database_away(error: Exception) -> Answer:
    log.error("database: %s", error)
    text = _("The service cannot reach its data. Nothing was changed. Try again in a minute.")
    return page(503, _("Out for a moment"), text)


def _http(error: HTTPException) -> Answer:
    status = error.code or 500
    known = {
        403: (_("You may not see this"), _("Your account has no role that opens this page.")),
        404: (_("Not found"), _("There is nothing here, or it is not yours to see.")),
        405: (_("Not that way"), _("This address cannot be used like that.")),
        413: (_("Too large"), _("What you sent is too large. Send less at once.")),
        429: (_("Too many tries"), _("Wait a few minutes, then try again.")),
    }
    title, text = known.get(status, (_("That cannot be done"), _("Go back and try again.")))
    return page(status, title, text)


def _failed(error: Exception) -> Answer:
    log.exception("failure", exc_info=error)
    text = _(
        "That is our fault. Nothing was changed. Try again; if it stays, tell the coordinator."
    )
    return page(500, _("Something went wrong"), text)
