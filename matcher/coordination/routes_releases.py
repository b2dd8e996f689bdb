"""Doors of releases: what was released when and by whom, and taking it back."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import ngettext
from werkzeug.wrappers import Response

from matcher import policies
from matcher.coordination.regions import own_region
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.run import Release
from matcher.proposals import releases
from matcher.web.answers import redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404
from matcher.web.paging import page_of

blueprint = Blueprint("releases", __name__, url_prefix="/coordination")


@blueprint.get("/regions/<int:region_id>/releases")
@holds(Role.COORDINATOR)
def list_releases(region_id: int) -> str:
    region = own_region(region_id)
    page = page_of(releases.releases_of(region))
    waiting = releases.unanswered(page.items)
    return render_template(
        "coordination/list_releases.html", region=region, page=page, waiting=waiting
    )


@blueprint.post("/releases/<int:release_id>/undo")
@holds(Role.COORDINATOR)
def undo(release_id: int) -> Response:
    """Take it back; with ``rest`` also where some have answered, of the others."""
    released = load_or_404(Release, release_id)
    allow(policies.is_coordinator_of(current_person(), released.region_id))
    undone = releases.undo(released, by=current_person(), rest="rest" in request.form)
    db.session.commit()
    says(
        ngettext(
            "%(num)d proposal is a suggestion again.",
            "%(num)d proposals are suggestions again.",
            undone.back,
        )
    )
    if undone.unsent:
        says(
            ngettext(
                "%(num)d mail had not gone out and was withdrawn.",
                "%(num)d mails had not gone out and were withdrawn.",
                undone.unsent,
            ),
            "info",
        )
    if undone.told:
        says(
            ngettext(
                "%(num)d person had been asked already and gets one mail about it.",
                "%(num)d people had been asked already and get one mail about it.",
                undone.told,
            ),
            "info",
        )
    return redirect_to("releases.list_releases", region_id=released.region_id)
