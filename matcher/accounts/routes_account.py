"""Doors to one's own account: name, language, password, signed-in browsers."""

from __future__ import annotations

from flask import current_app, render_template, session
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher.accounts import service, sessions
from matcher.accounts.forms import ChangePasswordForm, ProfileForm
from matcher.accounts.routes_door import blueprint, go_out
from matcher.extensions import db
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import current_person, signed_in

Answer = str | tuple[str, int] | Response


def _page(profile: ProfileForm | None = None, password: ChangePasswordForm | None = None) -> str:
    person = current_person()
    return render_template(
        "accounts/show_account.html",
        person=person,
        profile=profile or ProfileForm(formdata=None, obj=person),
        password=password or ChangePasswordForm(formdata=None),
        browsers=service.open_sessions(person),
        school_service=current_app.config["OIDC_NAME"] if current_app.config["OIDC_ISSUER"] else "",
        this_hash=sessions.hashed(session[sessions.COOKIE_KEY]),
    )


@blueprint.get("/account")
@signed_in
def show_account() -> str:
    return _page()


@blueprint.post("/account")
@signed_in
def change_profile() -> Answer:
    form = ProfileForm()
    if not form.validate_on_submit():
        return _page(profile=form), 422
    service.change_profile(
        current_person(),
        name=str(form.name.data),
        phone=str(form.phone.data or ""),
        language=str(form.language.data),
    )
    session.pop("language", None)
    db.session.commit()
    says(_("Saved."))
    return redirect_to("accounts.show_account")


@blueprint.post("/account/password")
@signed_in
def change_password() -> Answer:
    form = ChangePasswordForm()
    if form.validate_on_submit():
        with errors_in(form):
            service.change_password(
                current_person(),
                str(form.new.data),
                current=str(form.current.data or ""),
                key=session[sessions.COOKIE_KEY],
            )
        if not form.errors:
            db.session.commit()
            says(_("Your password is changed. All other browsers are signed out."))
            return redirect_to("accounts.show_account")
    return _page(password=form), 422


@blueprint.post("/account/browsers/<int:session_id>/end")
@signed_in
def end_session(session_id: int) -> Response:
    service.end_session(session_id, by=current_person())
    db.session.commit()
    says(_("That browser is signed out."))
    return redirect_to("accounts.show_account")


@blueprint.post("/account/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> Response:
    sessions.end_all(current_person())
    go_out()
    db.session.commit()
    says(_("You are signed out everywhere."))
    return redirect_to("accounts.show_sign_in")
