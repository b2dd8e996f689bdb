"""Doors of the second step: the code after signing in, turning it on and off."""

from __future__ import annotations

from cryptography.fernet import Fernet
from flask import Flask, current_app, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from matcher.accounts import factors, sessions, throttle
from matcher.accounts.forms import CodeForm
from matcher.accounts.routes_door import blueprint
from matcher.accounts.throttle import Counted
from matcher.extensions import db
from matcher.models.account import Person, Role, SignInSession
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import current_person, holds, load_or_404, public, signed_in
from matcher.web.navigation import start_of
from matcher.web.safety import safe_path

Answer = str | tuple[str, int] | Response
OPEN_WITHOUT = frozenset(
    {
        "static",
        "accounts.show_second_factor",
        "accounts.begin_second_factor",
        "accounts.confirm_second_factor",
        "accounts.sign_out",
        "web.set_language",
        "privacy.show_privacy",
        "web.show_accessibility",
    }
)


def register(app: Flask) -> None:
    """Hang the hook on the application."""
    app.before_request(_insist)


def _insist() -> Response | None:
    """An administrator without a second step sees nothing else until it is set up."""
    if not current_app.config["SECOND_FACTOR"] or request.endpoint in OPEN_WITHOUT:
        return None
    if not current_user.is_authenticated:
        return None
    person: Person = current_user.person
    if not person.has_role(Role.ADMINISTRATOR) or person.has_second_factor:
        return None
    says(_("Administrators sign in with a second step. Set it up first."), "warning")
    return redirect_to("accounts.show_second_factor")


def _seal() -> Fernet:
    return factors.seal_of(current_app.config["SECRET_KEY"])


# ---- after signing in ---------------------------------------------------------------------------
@blueprint.get("/sign-in/code")
@public
def show_code() -> Answer:
    if sessions.unproved(session.get(sessions.COOKIE_KEY)) is None:
        return redirect_to("accounts.show_sign_in")
    path = safe_path(request.args.get("next")) or ""
    return render_template("accounts/show_code.html", form=CodeForm(formdata=None, next=path))


@blueprint.post("/sign-in/code")
@public
def prove_code() -> Answer:
    row = sessions.unproved(session.get(sessions.COOKIE_KEY))
    if row is None:
        return redirect_to("accounts.show_sign_in")
    form = CodeForm()
    if form.validate_on_submit():
        with errors_in(form):
            _count(row)
            factors.prove(row, str(form.code.data), seal=_seal())
        if not form.errors:
            db.session.commit()
            path = safe_path(form.next.data) or url_for(start_of(row.person))
            return redirect(path, code=303)
    return render_template("accounts/show_code.html", form=form), 422


def _count(row: SignInSession) -> None:
    tries = throttle.knock(Counted.CODES, str(row.person_id))
    db.session.commit()
    throttle.refuse_many(tries)


# ---- one's own ----------------------------------------------------------------------------------
@blueprint.get("/account/second-step")
@signed_in
def show_second_factor() -> str:
    return _page(CodeForm(formdata=None))


def _page(form: CodeForm) -> str:
    person = current_person()
    secret = factors.waiting_secret(person, _seal())
    return render_template(
        "accounts/show_second_factor.html",
        person=person,
        form=form,
        secret=secret,
        picture=factors.picture(person, secret) if secret else "",
    )


@blueprint.post("/account/second-step/begin")
@signed_in
def begin_second_factor() -> Response:
    factors.begin(current_person(), _seal())
    db.session.commit()
    return redirect_to("accounts.show_second_factor")


@blueprint.post("/account/second-step")
@signed_in
def confirm_second_factor() -> Answer:
    form = CodeForm()
    if form.validate_on_submit():
        person, key = current_person(), session[sessions.COOKIE_KEY]
        with errors_in(form):
            papers = factors.confirm(person, str(form.code.data), key=key, seal=_seal())
        if not form.errors:
            db.session.commit()
            return render_template("accounts/show_paper_codes.html", papers=papers)
    return _page(form), 422


@blueprint.post("/account/second-step/remove")
@signed_in
def remove_second_factor() -> Response:
    factors.remove(current_person(), by=current_person())
    db.session.commit()
    says(_("From now on you sign in without a second step."))
    return redirect_to("accounts.show_account")


@blueprint.post("/people/<int:person_id>/second-step/remove")
@holds(Role.ADMINISTRATOR)
def remove_persons_factor(person_id: int) -> Response:
    """For who lost the device and the paper."""
    person = load_or_404(Person, person_id)
    factors.remove(person, by=current_person())
    db.session.commit()
    says(_("%(name)s signs in without a second step now.", name=person.name))
    return redirect_to("accounts.show_person", person_id=person.id)
