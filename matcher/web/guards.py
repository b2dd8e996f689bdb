"""Who may open a view: every view names exactly one guard, under its route."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import abort, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from matcher.errors import NotAllowed
from matcher.extensions import db
from matcher.models.account import Person, Role

View = TypeVar("View", bound=Callable[..., Any])
T = TypeVar("T")


def current_person() -> Person:
    """Who is signed in; only asked behind a guard that lets nobody else through."""
    person: Person = current_user.person
    return person


def public(view: View) -> View:
    """Anybody may open this view."""
    view.guard = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Whoever is signed in may open this view."""
    return _guarded(view, "signed_in", lambda _person: True)


def holds(*roles: Role) -> Callable[[View], View]:
    """Whoever holds one of these roles may open this view; administrators always may."""
    allowed = {*roles, Role.ADMINISTRATOR}
    name = "|".join(sorted(allowed))
    return lambda view: _guarded(
        view, name, lambda person: any(person.has_role(role) for role in allowed)
    )


def _guarded(view: View, name: str, lets_in: Callable[[Person], bool]) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return _to_sign_in()
        if not lets_in(current_person()):
            abort(403)
        return view(*args, **kwargs)

    guarded.guard = name  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def _to_sign_in() -> Response:
    """To the sign-in page, and back here afterwards."""
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.show_sign_in", next=back))


def allow(permitted: bool) -> None:
    """404 for strangers: what is not theirs is not there."""
    if not permitted:
        abort(404)


def insist(permitted: bool, message: object) -> None:
    """403 with a sentence, for those who may know that it exists."""
    if not permitted:
        raise NotAllowed(message)


def load_or_404(model: type[T], key: int) -> T:
    """The row, or the same page as for a stranger's row."""
    found = db.session.get(model, key)
    if found is None:
        abort(404)
    return found
