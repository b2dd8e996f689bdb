"""Doors of the front desk: sign in by password or by mail, sign out, a forgotten password."""

from __future__ import annotations

from flask import abort, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from matcher.accounts import (
    links,
    routes_account,
    routes_factor,
    routes_people,
    routes_registration,
    routes_school,
    service,
    throttle,
)
from matcher.accounts.forms import MailForm, NewPasswordForm, SignInForm
from matcher.accounts.routes_door import address, blueprint, come_in, count_mail, go_out
from matcher.accounts.throttle import Counted
from matcher.extensions import db
from matcher.models.account import LinkPurpose, Person
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import public, signed_in
from matcher.web.names import language
from matcher.web.navigation import start_of
from matcher.web.safety import safe_path

__all__ = [
    "blueprint",
    "routes_account",
    "routes_factor",
    "routes_people",
    "routes_registration",
    "routes_school",
]

Answer = str | tuple[str, int] | Response


# ---- with a password ----------------------------------------------------------------------------
@blueprint.get("/sign-in")
@public
def show_sign_in() -> Answer:
    path = safe_path(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(path or url_for(start_of(current_user.person)))
    return _sign_in_page(SignInForm(next=path or ""), MailForm(next=path or "", prefix="mail"))


def _sign_in_page(form: SignInForm, mail_form: MailForm) -> str:
    people = service.demo_people() if current_app.config["DEMO"] else []
    return render_template(
        "accounts/show_sign_in.html",
        form=form,
        mail_form=mail_form,
        people=people,
        school_service=current_app.config["OIDC_NAME"] if current_app.config["OIDC_ISSUER"] else "",
    )


@blueprint.post("/sign-in")
@public
def sign_in() -> Answer:
    form = SignInForm()
    if form.validate_on_submit():
        person = _tried(str(form.email.data), str(form.password.data))
        if person is not None:
            return come_in(person, form.next.data)
        form.password.errors = [_("This mail address and password do not go together.")]
    form.next.data = safe_path(form.next.data) or ""
    return _sign_in_page(form, MailForm(formdata=None, next=form.next.data, prefix="mail")), 422


def _tried(email: str, password: str) -> Person | None:
    account = throttle.knock(Counted.ACCOUNT, email)
    origin = throttle.knock(Counted.ADDRESS, address())
    db.session.commit()
    throttle.refuse_many(account, origin)
    person = service.authenticate(email, password)
    if person is not None:
        throttle.forgive(account, origin)
    return person


# ---- with a mailed link -------------------------------------------------------------------------
@blueprint.post("/sign-in/by-mail")
@public
def request_sign_in_link() -> Answer:
    form = MailForm(prefix="mail")
    if not form.validate_on_submit():
        return _sign_in_page(SignInForm(formdata=None, next=""), form), 422
    email = count_mail(str(form.email.data))
    path = safe_path(form.next.data) or ""
    service.mail_sign_in_link(email, language=language(), path=path)
    db.session.commit()
    return redirect_to("accounts.show_sent")


@blueprint.get("/look-in-your-mail")
@public
def show_sent() -> str:
    return render_template("accounts/show_sent.html")


@blueprint.get("/sign-in/link/<token>")
@public
def show_sign_in_link(token: str) -> str:
    """A page with a button: programs that open every link in a mail must not use it up."""
    links.find(token, LinkPurpose.SIGN_IN)
    return render_template("accounts/show_sign_in_link.html", token=token)


@blueprint.post("/sign-in/link/<token>")
@public
def sign_in_by_link(token: str) -> Response:
    person, path = service.come_in_by_link(token)
    return come_in(person, path)


@blueprint.post("/sign-in/demo/<int:person_id>")
@public
def sign_in_demo(person_id: int) -> Response:
    """Become one of the demo's people; there is no such door elsewhere."""
    if not current_app.config["DEMO"]:
        abort(404)
    return come_in(service.demo_person(person_id), keep_language=True)


# ---- out ----------------------------------------------------------------------------------------
@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    go_out()
    db.session.commit()
    says(_("You are signed out."))
    return redirect_to("web.show_home")


# ---- forgotten ----------------------------------------------------------------------------------
@blueprint.get("/forgotten-password")
@public
def show_forgotten() -> str:
    return render_template("accounts/show_forgotten.html", form=MailForm())


@blueprint.post("/forgotten-password")
@public
def request_reset() -> Answer:
    form = MailForm()
    if not form.validate_on_submit():
        return render_template("accounts/show_forgotten.html", form=form), 422
    service.mail_reset_link(count_mail(str(form.email.data)), language=language())
    db.session.commit()
    return redirect_to("accounts.show_sent")


@blueprint.get("/new-password/<token>")
@public
def show_reset(token: str) -> str:
    links.find(token, LinkPurpose.RESET)
    return render_template("accounts/show_reset.html", form=NewPasswordForm())


@blueprint.post("/new-password/<token>")
@public
def reset_password(token: str) -> Answer:
    form = NewPasswordForm()
    if form.validate_on_submit():
        with errors_in(form):
            service.reset_password(token, str(form.password.data))
        if not form.errors:
            go_out()
            db.session.commit()
            says(_("Your new password is set. Sign in with it."))
            return redirect_to("accounts.show_sign_in")
    return render_template("accounts/show_reset.html", form=form), 422
