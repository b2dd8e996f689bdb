"""Doors of the what-if: move sliders, see what would change, use it or leave it."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import policies
from matcher.coordination import service, sliders, what_if
from matcher.coordination.regions import own_region
from matcher.coordination.sliders import Moved
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.organisation import Region
from matcher.models.run import Question, QuestionKind, RunState
from matcher.web.answers import redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404

blueprint = Blueprint("what_if", __name__, url_prefix="/coordination")
Answer = str | Response | tuple[str, int]


def _asked(question_id: int) -> Question:
    question = load_or_404(Question, question_id)
    allow(question.kind == QuestionKind.WHAT_IF)
    allow(policies.is_coordinator_of(current_person(), question.region_id))
    return question


@blueprint.get("/regions/<int:region_id>/what-if")
@holds(Role.COORDINATOR)
def show(region_id: int) -> str:
    region = own_region(region_id)
    return _page(region, sliders.moved(region, {}), None)


@blueprint.post("/regions/<int:region_id>/what-if")
@holds(Role.COORDINATOR)
def ask(region_id: int) -> Answer:
    """Leave the question; the page fills when the jobs process has answered."""
    region = own_region(region_id)
    moved = sliders.moved(region, request.form)
    by_script = "HX-Request" in request.headers
    if not moved.is_right:
        return _page(region, moved, None), 200 if by_script else 422
    question = service.ask_what_if(region, moved.settings, by=current_person())
    db.session.commit()
    if by_script:
        return _answer_part(question)
    return redirect_to("what_if.show_question", question_id=question.id)


@blueprint.get("/what-if/<int:question_id>")
@holds(Role.COORDINATOR)
def show_question(question_id: int) -> str:
    question = _asked(question_id)
    region = db.session.get_one(Region, question.region_id)
    return _page(region, sliders.from_details(region, question.details), question)


@blueprint.get("/what-if/<int:question_id>/answer")
@holds(Role.COORDINATOR)
def show_answer(question_id: int) -> str:
    return _answer_part(_asked(question_id))


@blueprint.post("/what-if/<int:question_id>/use")
@holds(Role.COORDINATOR)
def use(question_id: int) -> Response:
    """Write these settings, with their history, and have the region matched by them."""
    question = _asked(question_id)
    region = db.session.get_one(Region, question.region_id)
    service.use_what_if(region, question, by=current_person())
    db.session.commit()
    says(_("Saved. The region is matched anew with it."))
    return redirect_to("coordination.list_runs")


def _page(region: Region, moved: Moved, question: Question | None) -> str:
    return render_template(
        "coordination/show_what_if.html",
        region=region,
        sliders=moved.sliders,
        **_told(question),
    )


def _answer_part(question: Question) -> str:
    return render_template("coordination/_what_if.html", **_told(question))


def _told(question: Question | None) -> dict[str, object]:
    done = question is not None and question.state == RunState.DONE
    return {
        "question": question,
        "told": what_if.what_if_of(question) if question is not None and done else None,
    }
