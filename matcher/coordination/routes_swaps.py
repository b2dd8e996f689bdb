"""Doors of the swap: what another offer would cost the others, then do it or leave it."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import policies
from matcher.coordination import service, swaps
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.organisation import Region
from matcher.models.run import Question, QuestionKind, RunState
from matcher.web.answers import redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404

blueprint = Blueprint("swaps", __name__, url_prefix="/coordination/swaps")


def _asked(question_id: int) -> Question:
    question = load_or_404(Question, question_id)
    region = db.session.get(Region, question.region_id)
    allow(question.kind == QuestionKind.SWAP_PRICE and region is not None)
    allow(policies.is_coordinator_of(current_person(), question.region_id))
    return question


@blueprint.post("")
@holds(Role.COORDINATOR)
def ask_price() -> Response:
    """Leave the question; the page fills when the jobs process has answered."""
    need = load_or_404(Need, request.form.get("need", 0, type=int))
    offer = load_or_404(Offer, request.form.get("offer", 0, type=int))
    allow(policies.is_coordinator_of(current_person(), need.region_id))
    question = service.ask_swap_price(need, offer, by=current_person())
    db.session.commit()
    return redirect_to("swaps.show_price", question_id=question.id)


@blueprint.get("/<int:question_id>")
@holds(Role.COORDINATOR)
def show_price(question_id: int) -> str:
    return render_template("coordination/show_swap.html", **_shown(_asked(question_id)))


@blueprint.get("/<int:question_id>/answer")
@holds(Role.COORDINATOR)
def show_answer(question_id: int) -> str:
    return render_template("coordination/_swap.html", **_shown(_asked(question_id)))


def _shown(question: Question) -> dict[str, object]:
    return {
        "question": question,
        "need": db.session.get(Need, question.need_id),
        "offer": db.session.get(Offer, question.details.get("offer")),
        "price": swaps.price_of(question) if question.state == RunState.DONE else None,
    }


@blueprint.post("/<int:question_id>/pin")
@holds(Role.COORDINATOR)
def make_swap(question_id: int) -> Response:
    """Do it: pin the pair, and have the region matched anew."""
    question = _asked(question_id)
    need = load_or_404(Need, question.need_id or 0)
    offer = load_or_404(Offer, question.details.get("offer") or 0)
    reason = request.form.get("reason", "").strip()[:500]
    service.make_swap(need, offer, by=current_person(), reason=reason)
    db.session.commit()
    says(_("The pair is pinned, and the region is matched anew. The suggestions change by it."))
    return redirect_to("coordination.review", region_id=question.region_id)
