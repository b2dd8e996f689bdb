"""The coordinator's door to reported messages; no others can be read."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from matcher import policies
from matcher.coordination.regions import own_region
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.organisation import Region
from matcher.models.proposal import Proposal
from matcher.models.visit import Message
from matcher.proposals import messages
from matcher.web.answers import redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404
from matcher.web.paging import page_of

blueprint = Blueprint("reported", __name__, url_prefix="/coordination")


@blueprint.get("/regions/<int:region_id>/messages")
@holds(Role.COORDINATOR)
def list_messages(region_id: int) -> str:
    region = own_region(region_id)
    show_all = request.args.get("show") == "all"
    page = page_of(_reported_in(region, show_all=show_all))
    return render_template(
        "coordination/list_messages.html", region=region, page=page, all=show_all
    )


@blueprint.post("/messages/<int:message_id>/settle")
@holds(Role.COORDINATOR)
def settle(message_id: int) -> Response:
    row = load_or_404(Message, message_id)
    region = row.proposal.region
    allow(policies.may_coordinate(current_person(), region) and row.reported_at is not None)
    hide = request.form.get("hide") == "yes"
    messages.settle(row, hide=hide, by=current_person())
    db.session.commit()
    says(_("Taken away from both pages.") if hide else _("Left as it is."))
    return redirect_to("reported.list_messages", region_id=region.id)


def _reported_in(region: Region, *, show_all: bool) -> Select[Message]:
    asked = Message.reported_at.is_not(None) if show_all else messages.is_waiting()
    return (
        select(Message)
        .join(Proposal, Proposal.id == Message.proposal_id)
        .where(Proposal.region_id == region.id, asked)
        .options(
            joinedload(Message.by),
            joinedload(Message.proposal).joinedload(Proposal.need),
            joinedload(Message.proposal).joinedload(Proposal.offer),
        )
        .order_by(Message.settled_at.is_not(None), Message.reported_at.desc(), Message.id.desc())
    )
