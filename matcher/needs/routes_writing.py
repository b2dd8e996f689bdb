"""Doors of writing a need: step by step, kept while one types, checked, published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.need import Need, NeedState, NeedWindow
from matcher.models.offer import Offer, OfferState
from matcher.needs import forms, queries, service
from matcher.needs.forms_when import WhenForm, when_form
from matcher.needs.meter import days_of_notice, meter_of
from matcher.needs.rhythm import LEAD, usual_weeks, windows_of
from matcher.needs.routes import SCHOOL_SIDE, blueprint, own
from matcher.organisations.bell_times import bells_of
from matcher.proposals.fits import fits_of
from matcher.reference.taking_part import activity as activity_of
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.calendars import days_off_at
from matcher.web.forms import Form
from matcher.web.guards import allow, current_person, holds, load_or_404
from matcher.web.names import system

STEPS = ("what", "who", "when")
HOLIDAYS_AHEAD = timedelta(days=150)
Answer = str | Response | tuple[str, int]


# ---- beginning ----------------------------------------------------------------------------------
@blueprint.get("/new")
@holds(Role.TEACHER)
def new_need() -> Answer:
    schools = queries.schools_of(current_person())
    earlier = db.session.scalars(queries.needs_of(current_person()).limit(5)).all()
    return render_template(
        "needs/new_need.html",
        schools=schools,
        earlier=earlier,
        activity=activity_of(request.args.get("activity", ""), system().code),
    )


@blueprint.post("/new")
@holds(Role.TEACHER)
def create_need() -> Answer:
    schools = {str(school.id): school for school in queries.schools_of(current_person())}
    chosen = schools.get(request.form.get("school", "")) or next(iter(schools.values()), None)
    allow(chosen is not None)
    need = service.draft(chosen, by=current_person())  # type: ignore[arg-type]
    activity = activity_of(request.form.get("activity", ""), system().code)
    if activity is not None:
        service.start_from(need, activity, by=current_person())
    wished = request.form.get("offer", 0, type=int)
    if wished:
        offer = load_or_404(Offer, wished)
        allow(offer.state == OfferState.PUBLISHED)
        service.wish(need, offer, by=current_person())
    db.session.commit()
    return redirect_to("needs.edit_what", need_id=need.id)


# ---- the steps ----------------------------------------------------------------------------------
@blueprint.get("/<int:need_id>/what")
@holds(*SCHOOL_SIDE)
def edit_what(need_id: int) -> str:
    need = own(need_id)
    return _page(need, forms.what_form(need, system()), "what")


@blueprint.post("/<int:need_id>/what")
@holds(*SCHOOL_SIDE)
def update_what(need_id: int) -> Answer:
    need = own(need_id)
    form = forms.what_form(need, system())
    if form.validate_on_submit():
        return _saved(need, form, "what", lambda: _save(need, form.values()))
    return _page(need, form, "what"), 422


@blueprint.get("/<int:need_id>/who")
@holds(*SCHOOL_SIDE)
def edit_who(need_id: int) -> str:
    need = own(need_id)
    return _page(need, forms.who_form(need, system()), "who")


@blueprint.post("/<int:need_id>/who")
@holds(*SCHOOL_SIDE)
def update_who(need_id: int) -> Answer:
    need = own(need_id)
    form = _who_form(need)
    if form.validate_on_submit() and not form.mix_error:
        return _saved(need, form, "who", lambda: _save(need, form.values()))
    return _page(need, form, "who"), 422


@blueprint.get("/<int:need_id>/when")
@holds(*SCHOOL_SIDE)
def edit_when(need_id: int) -> str:
    need = own(need_id)
    return _page(need, when_form(need), "when")


@blueprint.post("/<int:need_id>/when")
@holds(*SCHOOL_SIDE)
def update_when(need_id: int) -> Answer:
    need = own(need_id)
    if "add" in request.form:
        return _page(need, when_form(need, more=True), "when")
    form = when_form(need)
    if form.validate_on_submit():
        return _saved(need, form, "when", lambda: _save_days(need, form))
    return _page(need, form, "when"), 422


def _who_form(need: Need) -> forms.WhoForm:
    form = forms.who_form(need, system())
    form.read_mix(request.form, [kind.code for kind in system().kinds_of_profile])
    return form


def _save(need: Need, values: dict[str, Any]) -> None:
    service.save(need, values, by=current_person())


def _save_days(need: Need, form: WhenForm) -> None:
    days = form.single_days()
    service.set_windows(need, days, rhythm=form.rhythm(), by=current_person())


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
    first, last = usual_weeks(need.school)
    return render_template(
        f"needs/edit_{step}.html",
        need=need,
        form=form,
        number=STEPS.index(step) + 1,
        step=step,
        profile=system().kinds_of_profile,
        how_many=forms.HOW_MANY_TOLD,
        taught={level.code for level in service.levels_of(need.school)},
        bells=bells_of(need.school),
        usual=(first, last),
        days_off=days_off_at(need.school, clock.today(), clock.today() + HOLIDAYS_AHEAD),
        **_so_far(need),
    )


def _so_far(need: Need) -> dict[str, Any]:
    """What the page says beside the form: how many offers fit, and what would help."""
    notice = days_of_notice(need)
    return {
        "fits": fits_of(need),
        "meter": meter_of(need),
        "short_notice": notice if notice is not None and notice < LEAD.days else None,
    }


# ---- kept while one types -----------------------------------------------------------------------
@blueprint.post("/<int:need_id>/<step>/keep")
@holds(*SCHOOL_SIDE)
def keep(need_id: int, step: str) -> str:
    """Keep what is right so far of a draft; of a published request only count what would fit."""
    need = own(need_id)
    allow(step in STEPS)
    is_draft = need.state == NeedState.DRAFT
    if is_draft:
        _keep(need, step)
        db.session.commit()
        return render_template("needs/_so_far.html", need=need, kept=True, **_so_far(need))
    with db.session.no_autoflush:
        _try_out(need, step)
        page = render_template("needs/_so_far.html", need=need, kept=False, **_so_far(need))
    db.session.rollback()
    return page


def _keep(need: Need, step: str) -> None:
    if step == "when":
        form = when_form(need)
        if form.validate():
            _save_days(need, form)
    else:
        _save(need, _sound_values(need, step))


def _try_out(need: Need, step: str) -> None:
    """On the row in memory; the caller gives it up."""
    if step != "when":
        for name, value in _sound_values(need, step).items():
            setattr(need, name, value)
        return
    form = when_form(need)
    if form.validate():
        rhythm = form.rhythm()
        weekly = windows_of(rhythm, need.school) if rhythm else []
        need.windows = [
            NeedWindow(starts_at=start, ends_at=end)
            for start, end in sorted({*form.single_days(), *weekly})
        ]


def _sound_values(need: Need, step: str) -> dict[str, Any]:
    """The values of the fields that are right; the others wait for the button."""
    form = forms.what_form(need, system()) if step == "what" else _who_form(need)
    form.validate()
    return {name: value for name, value in form.values().items() if name not in form.errors}


# ---- the end ------------------------------------------------------------------------------------
@blueprint.get("/<int:need_id>/check")
@holds(*SCHOOL_SIDE)
def check_need(need_id: int) -> str:
    need = own(need_id)
    return render_template(
        "needs/check_need.html",
        need=need,
        missing=service.missing(need),
        bells=bells_of(need.school),
        wished=db.session.get(Offer, need.wish_id) if need.wish_id else None,
        **_so_far(need),
    )


@blueprint.post("/<int:need_id>/publish")
@holds(*SCHOOL_SIDE)
def publish_need(need_id: int) -> Answer:
    need = own(need_id)
    if service.missing(need):
        return redirect_to("needs.check_need", need_id=need.id)
    service.publish(need, by=current_person())
    db.session.commit()
    if need.wish_id:
        says(_("Published. Now choose a time, and ask for what you saw."))
        return redirect_to("catalogue.show_offer", offer_id=need.wish_id, need=need.id)
    says(_("Published. We are looking for what fits; this page shows it within seconds."))
    return redirect_to("needs.show_need", need_id=need.id)
