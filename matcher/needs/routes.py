"""Doors of the school's side: a teacher's needs and how they stand; withdrawing, using again."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import policies
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.need import Need, NeedState
from matcher.needs import advice, forms, ladder, queries, service
from matcher.needs.standing import is_ladder_open, ladder_day
from matcher.needs.status import STAGES, status_of
from matcher.organisations.bell_times import bells_of
from matcher.proposals import line
from matcher.proposals.queries import unmatched_of, was_asked_in_vain
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404
from matcher.web.paging import page_of

blueprint = Blueprint("needs", __name__, url_prefix="/needs")
SCHOOL_SIDE = (Role.TEACHER, Role.COORDINATOR)
Answer = str | Response | tuple[str, int]


def own(need_id: int) -> Need:
    """The need, for its teacher and the coordinator; not there for anybody else."""
    need = load_or_404(Need, need_id)
    allow(policies.may_edit_need(current_person(), need))
    return need


# ---- lists and pages ----------------------------------------------------------------------------
@blueprint.get("")
@holds(Role.TEACHER)
def list_needs() -> str:
    person = current_person()
    page = page_of(queries.needs_of(person), size=10)
    proposals = queries.live_proposals(page.items)
    suggested = queries.suggested_counts(page.items)
    return render_template(
        "needs/list_needs.html",
        page=page,
        proposals=proposals,
        told={n.id: status_of(n, proposals[n.id], suggested.get(n.id, 0)) for n in page.items},
        schools=queries.schools_of(person),
    )


@blueprint.get("/<int:need_id>")
@holds(*SCHOOL_SIDE)
def show_need(need_id: int) -> str:
    return render_template("needs/show_need.html", **_standing(own(need_id)))


@blueprint.get("/<int:need_id>/progress")
@holds(*SCHOOL_SIDE)
def show_progress(need_id: int) -> str:
    return render_template("needs/_progress.html", **_standing(own(need_id)))


def _standing(need: Need) -> dict[str, object]:
    proposals = queries.live_proposals([need])[need.id]
    suggested = queries.suggested_counts([need]).get(need.id, 0)
    unmatched = None if proposals or need.state != NeedState.OPEN else unmatched_of(need)
    return {
        "need": need,
        "proposals": proposals,
        "ended": queries.ended_proposals(need),
        "status": status_of(need, proposals, suggested),
        "stages": STAGES,
        "suggested": suggested,
        "advice": advice.in_words(unmatched) if unmatched and not suggested else None,
        "instead": ladder.rungs(need, unmatched) if unmatched and not suggested else [],
        "is_looking": need.state == NeedState.OPEN and need.matched_at is None,
        "is_ladder_open": is_ladder_open(need),
        "ladder_day": ladder_day(need),
        "bells": bells_of(need.school),
        "in_line": line.places_for(need),
        "in_vain": not proposals and was_asked_in_vain(need),
    }


# ---- deeds --------------------------------------------------------------------------------------
@blueprint.get("/<int:need_id>/withdraw")
@holds(*SCHOOL_SIDE)
def ask_withdrawal(need_id: int) -> str:
    need = own(need_id)
    return _withdrawal_page(need, forms.withdraw_form())


@blueprint.post("/<int:need_id>/withdraw")
@holds(*SCHOOL_SIDE)
def withdraw_need(need_id: int) -> Answer:
    need = own(need_id)
    form = forms.withdraw_form()
    if need.state == NeedState.DRAFT or form.validate_on_submit():
        with errors_in(form):
            service.withdraw(
                need,
                by=current_person(),
                reasons=list(form.reasons.data or []),
                note=form.note.data or "",
            )
            db.session.commit()
        if not form.errors:
            says(_("Your request is withdrawn. Whoever was asked has been told."))
            return redirect_to("needs.show_need", need_id=need.id)
    return _withdrawal_page(need, form), 422


def _withdrawal_page(need: Need, form: forms.WithdrawForm) -> str:
    waiting = queries.live_proposals([need])[need.id]
    return render_template("needs/withdraw_need.html", need=need, form=form, proposals=waiting)


@blueprint.post("/<int:need_id>/reuse")
@holds(Role.TEACHER)
def reuse_need(need_id: int) -> Answer:
    copy = service.reuse(own(need_id), by=current_person())
    db.session.commit()
    says(_("Here is a copy. Change what is different, and choose the days."))
    return redirect_to("needs.edit_what", need_id=copy.id)


@blueprint.post("/<int:need_id>/alerts")
@holds(*SCHOOL_SIDE)
def switch_alerts(need_id: int) -> Answer:
    need = own(need_id)
    on = request.form.get("alerts") == "y"
    service.switch_alerts(need, on, by=current_person())
    db.session.commit()
    says(_("We mail you when something new fits.") if on else _("We do not mail you about this."))
    return redirect_to("needs.show_need", need_id=need.id)
