"""Doors that belong to no room: the home page, language, health."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from alembic.script import ScriptDirectory
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as cookie
from flask_login import current_user
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as Answer

from matcher import clock
from matcher.extensions import db
from matcher.models.outbox import Heartbeat, OutboxMail
from matcher.web import watching
from matcher.web.guards import public
from matcher.web.navigation import start_of
from matcher.web.paging import page_of
from matcher.web.safety import safe_path

blueprint = Blueprint("web", __name__)
HEARTBEAT_SECONDS = 60
UNLISTED = (
    "/sign-in",
    "/account",
    "/verify/",
    "/invitation/",
    "/new-password/",
    "/people",
    "/mail",
    "/answer/",
    "/still-true/",
    "/this-year/",
    "/calendar/",
)


@blueprint.get("/")
@public
def show_home() -> str | Answer:
    if current_user.is_authenticated and request.args.get("stay") is None:
        return redirect(url_for(start_of(current_user.person)))
    return render_template("web/home.html")


@blueprint.get("/accessibility")
@public
def show_accessibility() -> str:
    return render_template("web/accessibility.html")


@blueprint.post("/language")
@public
def set_language() -> Answer:
    language = request.form.get("language", "")
    if language not in current_app.config["LANGUAGES"]:
        abort(400)
    cookie["language"] = language
    if current_user.is_authenticated:
        current_user.person.language = language
        db.session.commit()
    return redirect(safe_path(request.form.get("next")) or url_for("web.show_home"), code=303)


@blueprint.get("/mail")
@public
def list_mail() -> str:
    """What was mailed, where no mail server is set: for the demo and for laptops."""
    if current_app.config["SMTP_URL"] or not current_app.config["DEMO"]:
        abort(404)
    page = page_of(select(OutboxMail).order_by(OutboxMail.id.desc()))
    return render_template("web/mail.html", mails=page.items, page=page)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """Alive: answers without touching anything."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@public
def readyz() -> tuple[dict[str, object], int]:
    """Ready: the database answers and is migrated; and how long ago a jobs process said hello."""
    try:
        migrations = _migrations()
        beat = db.session.get(Heartbeat, "jobs")
    except SQLAlchemyError:
        return {"ready": False, "database": "unreachable"}, 503
    age = (clock.now() - beat.at).total_seconds() if beat else None
    ready = migrations != "behind"
    return {
        "ready": ready,
        "database": "ok",
        "migrations": migrations,
        "jobs": "leading" if age is not None and age < HEARTBEAT_SECONDS else "absent",
        "heartbeat_seconds": age,
    }, 200 if ready else 503


@blueprint.get("/metrics")
@public
def show_metrics() -> Response:
    """For Prometheus: with the token, or from this machine."""
    if not watching.may_read_metrics():
        abort(404)
    return watching.metrics()


def _migrations() -> str:
    """ok, behind, or none where the tables were made without them (tests)."""
    link = db.session.connection()
    if not inspect(link).has_table("alembic_version"):
        return "none"
    stands = set(link.execute(text("SELECT version_num FROM alembic_version")).scalars())
    return "ok" if stands == _newest(current_app.extensions["migrate"].directory) else "behind"


@cache
def _newest(folder: str) -> set[str]:
    return set(ScriptDirectory(folder).get_heads())


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in UNLISTED)]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@blueprint.get("/.well-known/security.txt")
@public
def security_txt() -> Response:
    expires = (clock.now() + timedelta(days=180)).strftime("%Y-%m-%dT%H:%M:%SZ")
    base = current_app.config["PUBLIC_URL"]
    contact = current_app.config["MAIL_FROM"].split("<")[-1].rstrip(">")
    lines = (
        f"Contact: mailto:{contact}",
        f"Expires: {expires}",
        "Preferred-Languages: nl, en",
        f"Canonical: {base}/.well-known/security.txt",
    )
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
