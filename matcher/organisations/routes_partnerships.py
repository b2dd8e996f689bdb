"""Doors of partnerships: what two partners plan for a school year, sign, and do."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import policies
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.moves import ProposalState
from matcher.models.organisation import Partnership, PlannedActivity
from matcher.organisations import partners, partnerships
from matcher.organisations.forms_partnerships import ActivityForm, EndForm, PlanForm, activity_form
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404
from matcher.web.paging import page_of

blueprint = Blueprint("partnerships", __name__, url_prefix="/partnerships")
PARTNERS = (Role.TEACHER, Role.COMPANY_CONTACT, Role.PROFESSIONAL, Role.COORDINATOR)
Answer = str | Response | tuple[str, int]


def _seen(partnership_id: int) -> Partnership:
    partnership = load_or_404(Partnership, partnership_id)
    allow(policies.may_see_partnership(current_person(), partnership))
    return partnership


def _line(activity_id: int) -> PlannedActivity:
    activity = load_or_404(PlannedActivity, activity_id)
    allow(policies.may_see_partnership(current_person(), activity.partnership))
    return activity


def _page(
    partnership: Partnership,
    *,
    plan: PlanForm | None = None,
    activity: ActivityForm | None = None,
    ending: EndForm | None = None,
) -> str:
    visits = partners.visits_of(partnership)
    return render_template(
        "partnerships/show_partnership.html",
        partnership=partnership,
        side=policies.partner_side(current_person(), partnership),
        visits=visits,
        held=sum(proposal.state == ProposalState.DELIVERED for proposal in visits),
        done=sum(line.done_at is not None for line in partnership.activities),
        plan=plan or PlanForm(formdata=None, obj=partnership),
        activity=activity or activity_form(partnership, blank=True),
        ending=ending or EndForm(formdata=None),
    )


def _back(partnership: Partnership) -> Response:
    return redirect_to("partnerships.show_partnership", partnership_id=partnership.id)


@blueprint.get("")
@holds(*PARTNERS)
def list_partnerships() -> str:
    page = page_of(partners.of_person(current_person()))
    return render_template("partnerships/list_partnerships.html", page=page)


@blueprint.get("/<int:partnership_id>")
@holds(*PARTNERS)
def show_partnership(partnership_id: int) -> str:
    return _page(_seen(partnership_id))


@blueprint.post("/<int:partnership_id>/plan")
@holds(*PARTNERS)
def save_plan(partnership_id: int) -> Answer:
    partnership, form = _seen(partnership_id), PlanForm()
    if not form.validate_on_submit():
        return _page(partnership, plan=form), 422
    partnerships.plan(partnership, str(form.plan.data or ""), by=current_person())
    db.session.commit()
    says(_("Saved."))
    return _back(partnership)


@blueprint.post("/<int:partnership_id>/activities")
@holds(*PARTNERS)
def add_activity(partnership_id: int) -> Answer:
    partnership = _seen(partnership_id)
    form = activity_form(partnership)
    if form.validate_on_submit():
        with errors_in(form):
            partnerships.add_activity(
                partnership,
                str(form.kind.data),
                str(form.title.data),
                str(form.month.data),
                by=current_person(),
            )
            db.session.commit()
        if not form.errors:
            says(_("Added to the plan."))
            return _back(partnership)
    return _page(partnership, activity=form), 422


@blueprint.post("/activities/<int:activity_id>/remove")
@holds(*PARTNERS)
def remove_activity(activity_id: int) -> Answer:
    activity = _line(activity_id)
    partnership = activity.partnership
    partnerships.remove_activity(activity, by=current_person())
    db.session.commit()
    says(_("Taken off the plan."))
    return _back(partnership)


@blueprint.post("/activities/<int:activity_id>/tick")
@holds(*PARTNERS)
def tick_activity(activity_id: int) -> Answer:
    activity = _line(activity_id)
    partnerships.tick_activity(activity, by=current_person())
    db.session.commit()
    return _back(activity.partnership)


@blueprint.post("/<int:partnership_id>/sign")
@holds(*PARTNERS)
def sign(partnership_id: int) -> Answer:
    partnership = _seen(partnership_id)
    form = PlanForm(formdata=None, obj=partnership)
    with errors_in(form):
        partnerships.sign(partnership, by=current_person())
        db.session.commit()
    if form.errors:
        return _page(partnership, plan=form), 422
    says(_("Signed."))
    return _back(partnership)


@blueprint.post("/<int:partnership_id>/end")
@holds(*PARTNERS)
def end(partnership_id: int) -> Answer:
    partnership, form = _seen(partnership_id), EndForm()
    if not form.validate_on_submit():
        return _page(partnership, ending=form), 422
    partnerships.end(partnership, str(form.note.data or ""), by=current_person())
    db.session.commit()
    says(_("Ended. The other side is told."))
    return _back(partnership)


@blueprint.post("/<int:partnership_id>/renew")
@holds(*PARTNERS)
def renew(partnership_id: int) -> Answer:
    renewed = partnerships.renew(_seen(partnership_id), by=current_person())
    db.session.commit()
    says(_("Here is the plan for the next school year. Change what you like, and sign it."))
    return _back(renewed)
