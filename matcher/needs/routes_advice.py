"""Doors of the advice: make the change it names, take what there is instead, look again."""

from __future__ import annotations

from flask import Blueprint, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher.errors import DomainError
from matcher.extensions import db
from matcher.models.moves import ProposalState
from matcher.models.offer import Offer
from matcher.models.professional import Slot
from matcher.needs import advice, ladder, service
from matcher.needs.routes import SCHOOL_SIDE, own
from matcher.web.answers import redirect_to, says
from matcher.web.guards import current_person, holds, load_or_404

blueprint = Blueprint("advice", __name__, url_prefix="/needs")


def _refused(need_id: int, refusal: DomainError) -> Response:
    """Told on the need's page, which shows how it stands by now."""
    db.session.rollback()
    says(refusal, "warning")
    return redirect_to("needs.show_need", need_id=need_id)


@blueprint.post("/<int:need_id>/change")
@holds(*SCHOOL_SIDE)
def apply_change(need_id: int) -> Response:
    """One click on an advice: the smallest change that unlocks offers."""
    need = own(need_id)
    rule, to = request.form.get("rule", ""), request.form.get("to", "")
    try:
        advice.apply(need, rule, to, by=current_person())
    except DomainError as refusal:
        return _refused(need_id, refusal)
    db.session.commit()
    says(_("Changed: %(what)s. We are looking again.", what=advice.change_words(rule, to)))
    return redirect_to("needs.show_need", need_id=need_id, changed=advice.step_of(rule))


@blueprint.post("/<int:need_id>/instead")
@holds(*SCHOOL_SIDE)
def take_instead(need_id: int) -> Response:
    """One click on the ladder: invite this offer, and go on looking if asked to."""
    need, offer = own(need_id), load_or_404(Offer, request.form.get("offer", 0, type=int))
    slot_id = request.form.get("slot", 0, type=int)
    slot = load_or_404(Slot, slot_id) if slot_id else None
    keep_looking = "keep" in request.form
    try:
        made = ladder.take(need, offer, slot, keep_looking=keep_looking, by=current_person())
    except DomainError as refusal:
        return _refused(need_id, refusal)
    db.session.commit()
    if made.state == ProposalState.CONFIRMED:
        says(_("Agreed! Contacts and what to prepare stand on the visit's page."))
        return redirect_to("visits.show_visit", proposal_id=made.id)
    says(_("Asked. You see the answer here, and we tell you by mail."))
    return redirect_to("needs.show_need", need_id=need_id)


@blueprint.post("/<int:need_id>/look-again")
@holds(*SCHOOL_SIDE)
def look_again(need_id: int) -> Response:
    service.look_again(own(need_id), by=current_person())
    db.session.commit()
    says(_("We are looking again; this page shows what comes of it."))
    return redirect_to("needs.show_need", need_id=need_id)
