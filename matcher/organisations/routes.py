"""Doors of companies: their own page, its limits, its contacts."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import policies
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.organisation import Company
from matcher.organisations import contacts, places, service, statement
from matcher.organisations.forms import company_form
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404

blueprint = Blueprint("organisations", __name__, url_prefix="/companies")
COMPANY_SIDE = (Role.COMPANY_CONTACT, Role.COORDINATOR)
Answer = str | Response | tuple[str, int]


def _own(company_id: int) -> Company:
    company = load_or_404(Company, company_id)
    allow(policies.may_edit_company(current_person(), company))
    return company


@blueprint.get("/<int:company_id>")
@holds(*COMPANY_SIDE)
def show_company(company_id: int) -> str:
    company = _own(company_id)
    year = statement.years_of(statement.given_by(company))[0]
    held = statement.held_visits(year, statement.given_by(company))
    minutes = current_app.config["PREPARATION_MINUTES"]
    return render_template(
        "organisations/show_company.html",
        company=company,
        contacts=contacts.contacts_of(company),
        colleagues=contacts.colleagues_of(company),
        invitations=contacts.invitations_of(company),
        professionals=places.professionals_of(company),
        offers=places.offers_of(company),
        year=year,
        sums=statement.sums(held, preparation_minutes=minutes),
    )


@blueprint.get("/<int:company_id>/edit")
@holds(*COMPANY_SIDE)
def edit_company(company_id: int) -> str:
    company = _own(company_id)
    return render_template(
        "organisations/edit_company.html", company=company, form=company_form(company)
    )


@blueprint.post("/<int:company_id>/edit")
@holds(*COMPANY_SIDE)
def update_company(company_id: int) -> Answer:
    company = _own(company_id)
    form = company_form(company)
    if form.validate_on_submit():
        with errors_in(form):
            service.update_company(company, form.values(), by=current_person())
            db.session.commit()
        if not form.errors:
            says(_("Saved."))
            return redirect_to("organisations.show_company", company_id=company.id)
    return render_template("organisations/edit_company.html", company=company, form=form), 422


# ---- contacts -----------------------------------------------------------------------------------
@blueprint.post("/<int:company_id>/contacts")
@holds(*COMPANY_SIDE)
def add_contact(company_id: int) -> Response:
    company = _own(company_id)
    person = _colleague(company)
    contacts.add_contact(company, person, by=current_person())
    db.session.commit()
    says(_("%(name)s is a contact now too.", name=person.name))
    return redirect_to("organisations.show_company", company_id=company.id)


@blueprint.post("/<int:company_id>/contacts/hand-over")
@holds(Role.COMPANY_CONTACT)
def hand_over(company_id: int) -> Response:
    company = _own(company_id)
    person = _colleague(company)
    contacts.hand_over(company, person, by=current_person())
    db.session.commit()
    says(_("%(name)s is the contact now; you are it no more.", name=person.name))
    return redirect_to("web.show_home")


@blueprint.post("/<int:company_id>/contacts/<int:person_id>/remove")
@holds(*COMPANY_SIDE)
def remove_contact(company_id: int, person_id: int) -> Response:
    company = _own(company_id)
    person = load_or_404(Person, person_id)
    contacts.remove_contact(company, person, by=current_person())
    db.session.commit()
    says(_("%(name)s is no contact any more.", name=person.name))
    if person.id == current_person().id:
        return redirect_to("web.show_home")
    return redirect_to("organisations.show_company", company_id=company.id)


def _colleague(company: Company) -> Person:
    """Whom the form names; strangers are as good as not there."""
    known = {str(p.id): p for p in contacts.colleagues_of(company)}
    known |= {str(p.id): p for p in contacts.contacts_of(company)}
    asked = request.form.get("person", "")
    if asked not in known:
        raise Invalid(_("Choose a colleague."), field="person")
    return known[asked]
