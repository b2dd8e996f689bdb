"""Doors of a school: its page, how guests arrive, its bell times."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import policies
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.organisation import School
from matcher.organisations import bell_times, places, service, statement
from matcher.organisations.forms_bells import (
    ArrivalForm,
    BellsForm,
    RingForm,
    bells_form,
    ring_form,
)
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404
from matcher.web.paging import page_of
from matcher.web.safety import safe_path

blueprint = Blueprint("schools", __name__, url_prefix="/schools")
SCHOOL_SIDE = (Role.TEACHER, Role.COORDINATOR)
Answer = str | Response | tuple[str, int]


def _own(school_id: int) -> School:
    school = load_or_404(School, school_id)
    allow(policies.may_edit_school(current_person(), school))
    return school


@blueprint.get("/mine")
@holds(Role.TEACHER)
def show_own() -> Answer:
    """To one's own school; who teaches at several chooses."""
    schools = places.schools_of(current_person())
    if len(schools) == 1:
        return redirect_to("schools.show_school", school_id=schools[0].id)
    return render_template("organisations/choose_school.html", schools=schools)


@blueprint.get("/<int:school_id>")
@holds(*SCHOOL_SIDE)
def show_school(school_id: int) -> str:
    return _school_page(_own(school_id))


@blueprint.post("/<int:school_id>/arrival")
@holds(*SCHOOL_SIDE)
def update_arrival(school_id: int) -> Answer:
    school = _own(school_id)
    form = ArrivalForm()
    if not form.validate_on_submit():
        return _school_page(school, form), 422
    service.set_arrival(school, form.arrival.data or "", by=current_person())
    db.session.commit()
    says(_("Saved."))
    return redirect_to("schools.show_school", school_id=school.id)


def _school_page(school: School, form: ArrivalForm | None = None) -> str:
    year = statement.years_of(statement.met_at(school))[0]
    held = statement.held_visits(year, statement.met_at(school))
    minutes = current_app.config["PREPARATION_MINUTES"]
    return render_template(
        "organisations/show_school.html",
        school=school,
        form=form or ArrivalForm(obj=school),
        bells=bell_times.bells_of(school),
        teachers=places.teachers_of(school),
        page=page_of(places.visits_of(school), size=10),
        year=year,
        sums=statement.sums(held, preparation_minutes=minutes),
    )


# ---- bell times ---------------------------------------------------------------------------------
def _page(school: School, rows: BellsForm, ring: RingForm | None = None) -> str:
    return render_template(
        "organisations/bell_times.html",
        school=school,
        form=rows,
        ring=ring or ring_form(school),
        back=_back(),
        is_known=bool(bell_times.bells_of(school)),
    )


def _back() -> str:
    """Where the reader came from, if that is one of our pages."""
    return safe_path(request.values.get("next")) or ""


@blueprint.get("/<int:school_id>/bell-times")
@holds(*SCHOOL_SIDE)
def edit_bell_times(school_id: int) -> str:
    school = _own(school_id)
    return _page(school, bells_form(bell_times.bells_of(school)))


@blueprint.post("/<int:school_id>/bell-times/work-out")
@holds(*SCHOOL_SIDE)
def work_out_bell_times(school_id: int) -> Answer:
    """Show what follows from the figures; nothing is kept yet."""
    school = _own(school_id)
    form = ring_form(school)
    rung = bell_times.bells_of(school)
    if form.validate_on_submit():
        with errors_in(form):
            first, minutes = form.first.data, form.minutes.data
            assert first and minutes and form.lessons.data
            rung = bell_times.ring(first, minutes, form.lessons.data, form.pauses())
    return _page(school, bells_form(rung), form), 422 if form.errors else 200


@blueprint.post("/<int:school_id>/bell-times")
@holds(*SCHOOL_SIDE)
def update_bell_times(school_id: int) -> Answer:
    school = _own(school_id)
    form = bells_form()
    if form.validate_on_submit():
        with errors_in(form):
            bell_times.set_bell_times(school, form.bells(), by=current_person())
            db.session.commit()
        if not form.errors:
            says(_("The bell times are saved, for all teachers of your school."))
            here = url_for("schools.edit_bell_times", school_id=school.id)
            return redirect(_back() or here, code=303)
    ring = RingForm(formdata=None)
    return _page(school, form, ring), 422
