"""Doors of companies: their own page."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import policies
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.organisation import Company
from matcher.organisations import service
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
    return render_template(
        "organisations/show_company.html", company=company, form=company_form(company)
    )


@blueprint.post("/<int:company_id>")
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
    return render_template("organisations/show_company.html", company=company, form=form), 422
