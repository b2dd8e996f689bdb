"""Refusals and failures turned into pages, once, in the reader's language."""

from __future__ import annotations

import logging
import re
from contextlib import suppress

from flask import Flask, g, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from matcher.errors import DomainError, Invalid, NotAllowed, NotFound, Taken, TooMany, WrongState
from matcher.extensions import db, login_manager

log = logging.getLogger("lesbrug.web")
STATUS = {
    NotAllowed: 403,
    NotFound: 404,
    Invalid: 400,
    WrongState: 409,
    Taken: 409,
    TooMany: 429,
}
RULES = (
    (r"uq_proposal_slot_confirmed|proposal\.slot_id", _l("This moment has just been given away.")),
    (r"claimed_quarter", _l("Somebody is already booked at this time.")),
    (r"taken_within_seats", _l("The last seat has just been given away.")),
    (r"uq_person_email|person\.email", _l("There is an account with this mail address already.")),
    (r"uq_company_(name|register_code)|company\.(name|register_code)", _l("This company is here.")),
    (r"uq_synonym|synonym\.label", _l("This word has been added already.")),
    (r"uq_slot_professional|slot\.professional_id", _l("This moment stands in the list already.")),
)
Answer = tuple[str, int] | tuple[str, int, dict[str, str]]


def register(app: Flask) -> None:
    """Every way a request can end badly gets a page that says what to do now."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, _somebody_was_first)
    app.register_error_handler(IntegrityError, _against_a_rule)
    app.register_error_handler(DataError, _unreadable)
    app.register_error_handler(StatementError, _unreadable)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _failed)


def page(status: int, title: str, text: str) -> tuple[str, int]:
    """The error page; a transaction that was under way is given up."""
    with suppress(SQLAlchemyError):
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
    told = {"Retry-After": "300"} if status == 429 else {}
    return *page(status, titles.get(status, _("That cannot be done")), str(error)), told


def _stale_form(_error: CSRFError) -> Answer:
    text = _("The form was open too long, or in two tabs. Go back, reload the page and try again.")
    return page(400, _("This form has expired"), text)


def _somebody_was_first(_error: StaleDataError) -> Answer:
    text = _("Somebody else changed this at the same moment. Look at it again, then try once more.")
    return page(409, _("Somebody else was first"), text)


def _against_a_rule(error: IntegrityError) -> Answer:
    """The database's last word. SQLite names a unique rule's columns, PostgreSQL the rule."""
    told = str(error.orig)
    log.info("refused by the database: %s", told.splitlines()[0])
    for pattern, sentence in RULES:
        if re.search(pattern, told):
            return page(409, _("Somebody else was first"), str(sentence))
    text = _("This goes against what is stored already. Look at it again, then try once more.")
    return page(409, _("That does not go together"), text)


def _unreadable(error: Exception) -> Answer:
    log.warning("unreadable input", exc_info=error)
    return page(400, _("That cannot be read"), _("Something in the address or form is not valid."))


def _database_away(error: Exception) -> Answer:
    log.error("database: %s", error)
    g._login_user = login_manager.anonymous_user()  # nobody can be looked up to show the page to
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
    told = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return *page(status, title, text), told


def _failed(error: Exception) -> Answer:
    log.exception("failure", exc_info=error)
    text = _(
        "That is our fault. Nothing was changed. Try again; if it stays, tell the coordinator."
    )
    return page(500, _("Something went wrong"), text)
