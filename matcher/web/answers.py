"""What a door says after a deed: a sentence on the next page, an error beside its field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import flash, redirect, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from matcher.errors import DomainError
from matcher.extensions import db


def says(sentence: object, kind: str = "success") -> None:
    """Tell it on the next page; ``kind`` is success, info, warning or error."""
    flash(str(sentence), kind)


def redirect_to(endpoint: str, **values: object) -> Response:
    """See other: the answer to every POST that did its deed."""
    return redirect(url_for(endpoint, **values), code=303)  # type: ignore[arg-type]


@contextmanager
def errors_in(form: FlaskForm) -> Iterator[None]:
    """Put a refusal that names one of the form's fields beside that field.

    The transaction is rolled back; other refusals become pages of their own. Ask
    ``form.errors`` afterwards.
    """
    try:
        yield
    except DomainError as refusal:
        if refusal.field is None or refusal.field not in form:
            raise
        db.session.rollback()
        field = form[refusal.field]
        field.errors = [*field.errors, str(refusal)]
