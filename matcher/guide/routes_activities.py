"""Doors of the catalogue of activities: every way of taking part, and where it leads."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask_login import current_user

from matcher.models.account import Role
from matcher.models.offer import OfferKind
from matcher.reference.taking_part import activities, activity
from matcher.web.guards import current_person, public
from matcher.web.names import system

blueprint = Blueprint("activities", __name__, url_prefix="/guide/activities")


@blueprint.get("")
@public
def list_activities() -> str:
    by_kind = {
        kind: [one for one in activities(system().code) if one.offer_kind == kind]
        for kind in OfferKind
    }
    return render_template("guide/list_activities.html", by_kind=by_kind)


@blueprint.get("/<code>")
@public
def show_activity(code: str) -> str:
    found = activity(code, system().code) or abort(404)
    return render_template("guide/show_activity.html", activity=found, **_leads())


def _leads() -> dict[str, bool]:
    """Who may go on to which form; a visitor may be either."""
    if not current_user.is_authenticated:
        return {"asks": True, "offers": True}
    person = current_person()
    company = (Role.COMPANY_CONTACT, Role.COORDINATOR, Role.ADMINISTRATOR)
    return {
        "asks": person.has_role(Role.TEACHER),
        "offers": any(person.has_role(role) for role in company),
    }
