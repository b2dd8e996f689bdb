"""Doors to and from a school's own sign-in service (OpenID Connect); closed unless set up."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, abort, current_app, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from matcher.accounts import school_sign_in
from matcher.accounts.forms import SchoolStaffForm
from matcher.accounts.routes_door import blueprint, come_in, count_mail
from matcher.accounts.school_sign_in import Arrival
from matcher.errors import NotAllowed
from matcher.extensions import db
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import public
from matcher.web.names import language
from matcher.web.safety import safe_path

log = logging.getLogger("lesbrug.accounts")
Answer = str | tuple[str, int] | Response
PROVIDER = "school_sign_in"


def register(app: Flask) -> None:
    """Make the client where an issuer is set; it reads the issuer's metadata at first use."""
    if not app.config["OIDC_ISSUER"]:
        return
    from authlib.integrations.flask_client import OAuth

    issuer = str(app.config["OIDC_ISSUER"]).rstrip("/")
    OAuth(app).register(
        PROVIDER,
        client_id=app.config["OIDC_CLIENT_ID"],
        client_secret=app.config["OIDC_CLIENT_SECRET"],
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "timeout": 10,
        },
    )


def _client() -> Any:
    if not current_app.config["OIDC_ISSUER"]:
        abort(404)
    return getattr(current_app.extensions["authlib.integrations.flask_client"], PROVIDER)


@blueprint.get("/sign-in/school")
@public
def go_to_school() -> Response:
    """To the school's sign-in page; whoever is signed in ties the two accounts together.

    A link and no form: our policy lets forms lead nowhere else. Only the cookie is written.
    """
    session["school_next"] = safe_path(request.args.get("next")) or ""
    back = current_app.config["PUBLIC_URL"] + url_for("accounts.come_from_school")
    answer: Response = _client().authorize_redirect(back)
    return answer


@blueprint.get("/sign-in/school/back")
@public
def come_from_school() -> Answer:
    """Back with a code. What the service says is checked by the client: issuer, signature,
    audience, nonce, state."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError

    try:
        token = _client().authorize_access_token()
        claims = dict(token["userinfo"])
    except (AuthlibBaseError, JoseError, KeyError, ValueError, OSError) as error:
        log.warning("sign-in by school failed: %s", type(error).__name__)
        raise NotAllowed(
            _("Signing in through your school did not work. Try again, or sign in by mail.")
        ) from error
    return _arrived(school_sign_in.read(claims))


def _arrived(arrival: Arrival) -> Answer:
    path = safe_path(session.pop("school_next", ""))
    if current_user.is_authenticated:
        school_sign_in.tie(arrival, current_user.person)
        db.session.commit()
        says(_("From now on you can also sign in through your school."))
        return redirect_to("accounts.show_account")
    person = school_sign_in.find(arrival)
    if person is not None:
        return come_in(person, path)
    school_sign_in.locations(arrival)
    session["school_arrival"] = arrival.as_record()
    return redirect_to("accounts.new_school_staff")


def _waiting() -> Arrival:
    """Who has just come from the school's sign-in and has no account yet."""
    record = session.get("school_arrival")
    if not isinstance(record, dict):
        abort(404)
    return Arrival(**record)


@blueprint.get("/register/school-staff")
@public
def new_school_staff() -> str:
    arrival = _waiting()
    return _page(SchoolStaffForm(formdata=None, name=arrival.name), arrival)


def _page(form: SchoolStaffForm, arrival: Arrival) -> str:
    form.offer(school_sign_in.locations(arrival))
    return render_template("accounts/new_school_staff.html", form=form)


@blueprint.post("/register/school-staff")
@public
def create_school_staff() -> Answer:
    arrival = _waiting()
    form = SchoolStaffForm()
    form.offer(school_sign_in.locations(arrival))
    if form.validate_on_submit():
        email = count_mail(str(form.email.data))
        with errors_in(form):
            school_sign_in.register(
                arrival,
                email,
                name=str(form.name.data),
                school_id=int(form.school_id.data),
                language=language(),
            )
        if not form.errors:
            session.pop("school_arrival")
            db.session.commit()
            return redirect_to("accounts.show_sent")
    return _page(form, arrival), 422
