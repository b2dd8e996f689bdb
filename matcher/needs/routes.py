"""Doors of the school's side: a teacher's needs, step by step."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import policies
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.need import Need, NeedState
from matcher.needs import advice, forms, queries, service
from matcher.proposals.queries import unmatched_of
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.forms import Form
from matcher.web.guards import allow, current_person, holds, load_or_404
from matcher.web.names import system
from matcher.web.paging import page_of

blueprint = Blueprint("needs", __name__, url_prefix="/needs")
SCHOOL_SIDE = (Role.TEACHER, Role.COORDINATOR)
STEPS = ("what", "who", "when")
Answer = str | Response | tuple[str, int]
blueprint.add_app_template_filter(advice.hint_words, "hint_words")


def _own(need_id: int) -> Need:
    need = load_or_404(Need, need_id)
    allow(policies.may_edit_need(current_person(), need))
    return need


# ---- lists and pages ----------------------------------------------------------------------------
@blueprint.get("")
@holds(Role.TEACHER)
def list_needs() -> str:
    page = page_of(queries.needs_of(current_person()), size=10)
    proposals = queries.live_proposals(page.items)
    return render_template("needs/list_needs.html", page=page, proposals=proposals)


@blueprint.get("/<int:need_id>")
@holds(*SCHOOL_SIDE)
def show_need(need_id: int) -> str:
    return render_template("needs/show_need.html", **_status(_own(need_id)))


@blueprint.get("/<int:need_id>/progress")
@holds(*SCHOOL_SIDE)
def show_progress(need_id: int) -> str:
    return render_template("needs/_progress.html", **_status(_own(need_id)))


def _status(need: Need) -> dict[str, object]:
    proposals = queries.live_proposals([need])[need.id]
    unmatched = None if proposals or need.state != NeedState.OPEN else unmatched_of(need)
    return {
        "need": need,
        "proposals": proposals,
        "suggested": queries.suggested_count(need),
        "advice": advice.in_words(unmatched) if unmatched else None,
        "instead": advice.instead(unmatched) if unmatched else [],
        "is_looking": need.state == NeedState.OPEN and need.matched_at is None,
    }


# ---- writing ------------------------------------------------------------------------------------
@blueprint.get("/new")
@holds(Role.TEACHER)
def new_need() -> Answer:
    schools = queries.schools_of(current_person())
    earlier = db.session.scalars(queries.needs_of(current_person()).limit(5)).all()
    return render_template("needs/new_need.html", schools=schools, earlier=earlier)


@blueprint.post("/new")
@holds(Role.TEACHER)
def create_need() -> Answer:
    schools = {str(school.id): school for school in queries.schools_of(current_person())}
    chosen = schools.get(request.form.get("school", "")) or next(iter(schools.values()), None)
    allow(chosen is not None)
    need = service.draft(chosen, by=current_person())  # type: ignore[arg-type]
    db.session.commit()
    return redirect_to("needs.edit_what", need_id=need.id)


@blueprint.get("/<int:need_id>/what")
@holds(*SCHOOL_SIDE)
def edit_what(need_id: int) -> str:
    need = _own(need_id)
    return _page(need, forms.what_form(need, system()), "what")


@blueprint.post("/<int:need_id>/what")
@holds(*SCHOOL_SIDE)
def update_what(need_id: int) -> Answer:
    need = _own(need_id)
    form = forms.what_form(need, system())
    if form.validate_on_submit():
        return _saved(need, form, "what", lambda: _save(need, form.values()))
    return _page(need, form, "what"), 422


@blueprint.get("/<int:need_id>/who")
@holds(*SCHOOL_SIDE)
def edit_who(need_id: int) -> str:
    need = _own(need_id)
    return _page(need, forms.who_form(need), "who")


@blueprint.post("/<int:need_id>/who")
@holds(*SCHOOL_SIDE)
def update_who(need_id: int) -> Answer:
    need = _own(need_id)
    form = forms.who_form(need)
    codes = [kind.code for kind in system().kinds_of_profile]
    is_mix_right = form.read_profile(request.form, codes)
    if form.validate_on_submit() and is_mix_right:
        return _saved(need, form, "who", lambda: _save(need, form.values()))
    return _page(need, form, "who"), 422


@blueprint.get("/<int:need_id>/when")
@holds(*SCHOOL_SIDE)
def edit_when(need_id: int) -> str:
    need = _own(need_id)
    return _page(need, forms.when_form(need), "when")


@blueprint.post("/<int:need_id>/when")
@holds(*SCHOOL_SIDE)
def update_when(need_id: int) -> Answer:
    need = _own(need_id)
    more = "add" in request.form
    form = forms.when_form(need)
    if more:
        form.windows.append_entry()
        return _page(need, form, "when")
    if form.validate_on_submit():
        stretches = form.stretches(need.school.holiday_region)
        return _saved(
            need,
            form,
            "when",
            lambda: service.set_windows(need, stretches, by=current_person()),
        )
    return _page(need, form, "when"), 422


def _save(need: Need, values: dict[str, object]) -> None:
    service.save(need, values, by=current_person())


def _saved(need: Need, form: Form, step: str, deed: Callable[[], None]) -> Answer:
    """Do the deed; then on to the next step, or back to the field that refused."""
    with errors_in(form):
        deed()
        db.session.commit()
    if form.errors:
        return _page(need, form, step), 422
    after = STEPS.index(step) + 1
    if after < len(STEPS):
        return redirect_to(f"needs.edit_{STEPS[after]}", need_id=need.id)
    return redirect_to("needs.check_need", need_id=need.id)


def _page(need: Need, form: object, step: str) -> str:
    fitting = queries.offers_that_fit(need)
    number = STEPS.index(step) + 1
    return render_template(
        f"needs/edit_{step}.html",
        need=need,
        form=form,
        number=number,
        fitting=fitting,
        profile=system().kinds_of_profile,
    )


@blueprint.get("/<int:need_id>/check")
@holds(*SCHOOL_SIDE)
def check_need(need_id: int) -> str:
    need = _own(need_id)
    return render_template(
        "needs/check_need.html",
        need=need,
        missing=service.missing(need),
        tips=queries.meter(need),
        fitting=queries.offers_that_fit(need),
    )


# ---- deeds --------------------------------------------------------------------------------------
@blueprint.post("/<int:need_id>/publish")
@holds(*SCHOOL_SIDE)
def publish_need(need_id: int) -> Answer:
    need = _own(need_id)
    if service.missing(need):
        return redirect_to("needs.check_need", need_id=need.id)
    service.publish(need, by=current_person())
    db.session.commit()
    says(_("Published. We are looking for what fits; this page shows it within seconds."))
    return redirect_to("needs.show_need", need_id=need.id)


@blueprint.post("/<int:need_id>/withdraw")
@holds(*SCHOOL_SIDE)
def withdraw_need(need_id: int) -> Answer:
    need = _own(need_id)
    service.withdraw(need, by=current_person())
    db.session.commit()
    says(_("Your request is withdrawn. Whoever was asked has been told."))
    return redirect_to("needs.show_need", need_id=need.id)


@blueprint.post("/<int:need_id>/reuse")
@holds(Role.TEACHER)
def reuse_need(need_id: int) -> Answer:
    copy = service.reuse(_own(need_id), by=current_person())
    db.session.commit()
    says(_("Here is a copy. Change what is different, and choose the days."))
    return redirect_to("needs.edit_what", need_id=copy.id)


@blueprint.post("/<int:need_id>/change")
@holds(*SCHOOL_SIDE)
def apply_change(need_id: int) -> Answer:
    """One click on an advice: the smallest change that unlocks offers."""
    need = _own(need_id)
    rule, to = request.form.get("rule", ""), request.form.get("to", "")
    advice.apply(need, rule, to, by=current_person())
    db.session.commit()
    says(_("Changed. We are looking again."))
    return redirect_to("needs.show_need", need_id=need.id)
