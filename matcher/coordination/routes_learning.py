"""Doors of learning: what the answers say, work it out, use it, undo it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from matcher.coordination import learning
from matcher.coordination.regions import own_region
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.organisation import Region
from matcher.models.run import Question, QuestionKind, RunState
from matcher.proposals import heard
from matcher.proposals import weighing as weights
from matcher.web import forms
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404

blueprint = Blueprint("learning", __name__, url_prefix="/coordination")
Answer = str | Response | tuple[str, int]


class LeastForm(forms.Form):
    """From how many answers on a region learns."""

    least = forms.WholeNumber(
        _l("Learn from how many answers on?"),
        least=learning.LEAST,
        most=learning.MOST,
        filled=True,
    )


@blueprint.get("/regions/<int:region_id>/learning")
@holds(Role.COORDINATOR)
def show_learning(region_id: int) -> str:
    return _page(own_region(region_id))


@blueprint.get("/regions/<int:region_id>/learning/answer")
@holds(Role.COORDINATOR)
def show_answer(region_id: int) -> str:
    return render_template("coordination/_learning.html", **_found(own_region(region_id)))


@blueprint.post("/regions/<int:region_id>/learning")
@holds(Role.COORDINATOR)
def work_out(region_id: int) -> Response:
    region = own_region(region_id)
    learning.ask(region, by=current_person())
    db.session.commit()
    return redirect_to("learning.show_learning", region_id=region.id)


@blueprint.post("/learning/<int:question_id>/use")
@holds(Role.COORDINATOR)
def use(question_id: int) -> Response:
    question = load_or_404(Question, question_id)
    allow(question.kind == QuestionKind.LEARN)
    region = own_region(question.region_id)
    learning.use(question, region, by=current_person())
    db.session.commit()
    says(_("These weights count from the next run on. You can undo it on this page."))
    return redirect_to("learning.show_learning", region_id=region.id)


@blueprint.post("/regions/<int:region_id>/learning/undo")
@holds(Role.COORDINATOR)
def undo(region_id: int) -> Response:
    region = own_region(region_id)
    learning.undo(region, by=current_person())
    db.session.commit()
    says(_("The weights from before are back, from the next run on."))
    return redirect_to("learning.show_learning", region_id=region.id)


@blueprint.post("/regions/<int:region_id>/learning/least")
@holds(Role.COORDINATOR)
def set_least(region_id: int) -> Answer:
    region = own_region(region_id)
    form = LeastForm()
    if form.validate_on_submit():
        with errors_in(form):
            learning.set_least(region, form.least.data or 0, by=current_person())
            db.session.commit()
            says(_("Saved."))
            return redirect_to("learning.show_learning", region_id=region.id)
    return _page(region, form), 422


def _page(region: Region, form: LeastForm | None = None) -> str:
    tally = heard.tally(heard.words(region))
    least = weights.least_answers(region)
    return render_template(
        "coordination/show_learning.html",
        form=form or LeastForm(formdata=None, least=least),
        tally=tally,
        reasons=learning.reasons_of(tally),
        least=least,
        lacking=weights.lacking(region, tally),
        in_use=weights.in_use(region),
        **_found(region),
    )


def _found(region: Region) -> dict[str, Any]:
    question = learning.latest(region)
    done = question is not None and question.state == RunState.DONE
    return {
        "region": region,
        "question": question,
        "answer": question.answer if question and done else None,
        "rows": learning.rows_of(question.answer) if question and done else [],
        "is_better": bool(question and done and learning.is_better(question.answer)),
        "stands": bool(question and done and learning.stands(question, region)),
    }
