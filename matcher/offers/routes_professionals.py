"""Doors of professionals: who they are, their limits, and the moments they can be booked."""

from __future__ import annotations

from datetime import date
from typing import cast

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from matcher import policies
from matcher.errors import WrongState
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.organisation import Company
from matcher.models.professional import Professional, Slot
from matcher.offers import professionals as service
from matcher.offers import slots
from matcher.offers.agenda import weeks_of
from matcher.offers.availability import PlannedSlot
from matcher.offers.busy_times import calendar_of
from matcher.offers.forms import ProfessionalForm, professional_form
from matcher.offers.forms_moments import MomentForm, PauseForm, SeriesForm, series_form
from matcher.offers.overview import companies_of, load_of, overview, own_professionals
from matcher.offers.pledges import is_due_to_confirm
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404

blueprint = Blueprint("professionals", __name__, url_prefix="/company/professionals")
COMPANY_SIDE = (Role.COMPANY_CONTACT, Role.COORDINATOR)
THEMSELVES = (Role.PROFESSIONAL, *COMPANY_SIDE)
Answer = str | Response | tuple[str, int]


@blueprint.get("")
@holds(*COMPANY_SIDE)
def list_professionals() -> str:
    companies = companies_of(current_person())
    company = _chosen(companies)
    if company is None:
        return render_template("professionals/choose_company.html", companies=companies)
    page = overview(company)
    return render_template("professionals/list_professionals.html", page=page, companies=companies)


@blueprint.get("/mine")
@holds(Role.PROFESSIONAL)
def show_own() -> Answer:
    mine = own_professionals(current_person())
    if len(mine) == 1:
        return redirect_to("professionals.show_slots", professional_id=mine[0].id)
    return render_template("professionals/show_own.html", professionals=mine)


@blueprint.get("/new")
@holds(*COMPANY_SIDE)
def new_professional() -> str:
    company = _company_or_404()
    return _form_page(professional_form(company), company)


@blueprint.post("/new")
@holds(*COMPANY_SIDE)
def create_professional() -> Answer:
    company = _company_or_404()
    form = professional_form(company)
    if form.validate_on_submit():
        with errors_in(form):
            one = service.add_professional(company, form.values(), by=current_person())
            db.session.commit()
        if not form.errors:
            says(_("%(name)s is added. Now say when schools can book.", name=one.name))
            return redirect_to("professionals.show_slots", professional_id=one.id)
    return _form_page(form, company), 422


@blueprint.get("/<int:professional_id>/edit")
@holds(*THEMSELVES)
def edit_professional(professional_id: int) -> str:
    one = _own(professional_id)
    return _form_page(professional_form(one.company, one), one.company, one)


@blueprint.post("/<int:professional_id>/edit")
@holds(*THEMSELVES)
def update_professional(professional_id: int) -> Answer:
    one = _own(professional_id)
    form = professional_form(one.company, one)
    if form.validate_on_submit():
        with errors_in(form):
            service.update_professional(one, form.values(), by=current_person())
            db.session.commit()
        if not form.errors:
            says(_("Saved."))
            return redirect_to("professionals.show_slots", professional_id=one.id)
    return _form_page(form, one.company, one), 422


@blueprint.post("/<int:professional_id>/pause")
@holds(*THEMSELVES)
def pause_professional(professional_id: int) -> Answer:
    one, form = _own(professional_id), PauseForm()
    if form.validate_on_submit():
        with errors_in(form):
            service.pause_professional(one, cast(date, form.until.data), by=current_person())
            db.session.commit()
        if not form.errors:
            says(_("Paused. Visits that were agreed stand."))
            return redirect_to("professionals.show_slots", professional_id=one.id)
    return _slots_page(one, MomentForm(formdata=None), form), 422


@blueprint.post("/<int:professional_id>/resume")
@holds(*THEMSELVES)
def resume_professional(professional_id: int) -> Response:
    one = _own(professional_id)
    service.resume_professional(one, by=current_person())
    db.session.commit()
    says(_("Welcome back. New proposals can come again."))
    return redirect_to("professionals.show_slots", professional_id=one.id)


@blueprint.post("/<int:professional_id>/leave")
@holds(*COMPANY_SIDE)
def leave(professional_id: int) -> Response:
    one = _own(professional_id)
    service.set_active(one, active=False, by=current_person())
    db.session.commit()
    says(_("%(name)s gets no new proposals. Visits that were agreed stand.", name=one.name))
    return redirect_to("professionals.list_professionals", company=one.company_id)


@blueprint.post("/<int:professional_id>/return")
@holds(*COMPANY_SIDE)
def come_back(professional_id: int) -> Response:
    one = _own(professional_id)
    service.set_active(one, active=True, by=current_person())
    db.session.commit()
    says(_("%(name)s can be proposed again.", name=one.name))
    return redirect_to("professionals.list_professionals", company=one.company_id)


@blueprint.get("/<int:professional_id>/slots")
@holds(*THEMSELVES)
def show_slots(professional_id: int) -> str:
    return _slots_page(_own(professional_id), MomentForm(), PauseForm())


@blueprint.post("/<int:professional_id>/slots")
@holds(*THEMSELVES)
def create_slot(professional_id: int) -> Answer:
    one, form = _own(professional_id), MomentForm()
    if form.validate_on_submit():
        with errors_in(form):
            slots.add_slot(one, **form.values(), by=current_person())
            db.session.commit()
        if not form.errors:
            says(_("The moment is added."))
            return redirect_to("professionals.show_slots", professional_id=one.id)
    return _slots_page(one, form, PauseForm(formdata=None)), 422


@blueprint.get("/<int:professional_id>/series")
@holds(*THEMSELVES)
def new_series(professional_id: int) -> Answer:
    """Without a query the empty form; with one, exactly the dates that would be made."""
    one, form = _own(professional_id), series_form(request.args)
    return _series_page(one, form, looks=bool(request.args))


@blueprint.post("/<int:professional_id>/series")
@holds(*THEMSELVES)
def create_series(professional_id: int) -> Answer:
    one, form = _own(professional_id), series_form()
    if form.validate_on_submit():
        try:
            with errors_in(form):
                count = _store_series(one, form)
        except WrongState as refusal:
            says(refusal, "warning")
            again = {"professional_id": one.id, **form.as_args()}
            return redirect_to("professionals.new_series", **again)
        if not form.errors:
            says(ngettext("%(num)d date is added.", "%(num)d dates are added.", count))
            return redirect_to("professionals.show_slots", professional_id=one.id)
    return _series_page(one, form, looks=True)


@blueprint.post("/slots/<int:slot_id>/withdraw")
@holds(*THEMSELVES)
def withdraw_slot(slot_id: int) -> Response:
    slot = load_or_404(Slot, slot_id)
    if slot.professional is None:
        abort(404)
    allow(policies.may_edit_professional(current_person(), slot.professional))
    slots.withdraw_slot(slot, by=current_person())
    db.session.commit()
    says(_("The moment is withdrawn."))
    return redirect_to("professionals.show_slots", professional_id=slot.professional_id)


def _store_series(one: Professional, form: SeriesForm) -> int:
    seen = request.form.get("seen", "")
    series = slots.add_series(one, form.recurrence(), by=current_person(), seen=seen)
    count = slots.count_of(series)
    db.session.commit()
    return count


def _own(professional_id: int) -> Professional:
    one = load_or_404(Professional, professional_id)
    allow(policies.may_edit_professional(current_person(), one))
    return one


def _chosen(companies: list[Company]) -> Company | None:
    wanted = request.args.get("company", type=int)
    if wanted is None:
        return companies[0] if len(companies) == 1 else None
    return next((company for company in companies if company.id == wanted), None)


def _company_or_404() -> Company:
    return _chosen(companies_of(current_person())) or abort(404)


def _form_page(
    form: ProfessionalForm, company: Company, professional: Professional | None = None
) -> str:
    return render_template(
        "professionals/edit_professional.html",
        form=form,
        company=company,
        professional=professional,
    )


def _slots_page(one: Professional, form: MomentForm, pause: PauseForm) -> str:
    return render_template(
        "professionals/show_slots.html",
        professional=one,
        form=form,
        pause=pause,
        line=load_of(one),
        due=is_due_to_confirm(one),
        calendar=calendar_of(one),
        weeks=weeks_of(one, slots.zone_of(one.company)),
    )


def _series_page(one: Professional, form: SeriesForm, *, looks: bool) -> Answer:
    planned: list[PlannedSlot] = []
    if looks and not form.errors and form.validate():
        with errors_in(form):
            planned = slots.preview(one, form.recurrence())
    page = render_template(
        "professionals/new_series.html",
        professional=one,
        form=form,
        planned=planned,
        made=sum(slot.is_made for slot in planned),
        seen=slots.fingerprint(planned),
    )
    return (page, 422) if form.errors else page
