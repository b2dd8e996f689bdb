"""Doors of a region's settings beside their form: an earlier state put back."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import policies
from matcher.coordination import service
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.journal import JournalEntry
from matcher.models.organisation import Region
from matcher.web.answers import redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404

blueprint = Blueprint("settings", __name__, url_prefix="/coordination/regions/<int:region_id>")


@blueprint.post("/settings/<int:entry_id>/put-back")
@holds(Role.COORDINATOR)
def put_back(region_id: int, entry_id: int) -> Response:
    """Give what this entry changed its earlier values."""
    region = load_or_404(Region, region_id)
    allow(policies.may_coordinate(current_person(), region))
    entry = load_or_404(JournalEntry, entry_id)
    if service.put_back(region, entry, by=current_person()):
        says(_("Put back. It counts from the next run on."))
    else:
        says(_("These values stand already."), "info")
    db.session.commit()
    return redirect_to("coordination.edit_settings", region_id=region.id)
