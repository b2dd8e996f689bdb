"""Doors to a professional's year: the pledge, and whether everything still holds."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import policies
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.professional import Professional
from matcher.offers import pledges
from matcher.offers.forms_moments import pledge_form
from matcher.offers.overview import load_of
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.forms import Form
from matcher.web.guards import allow, current_person, holds, load_or_404

blueprint = Blueprint("year", __name__, url_prefix="/company/professionals/<int:professional_id>")
THEMSELVES = (Role.PROFESSIONAL, Role.COMPANY_CONTACT, Role.COORDINATOR)
Answer = str | Response | tuple[str, int]


@blueprint.get("/year")
@holds(*THEMSELVES)
def show_year(professional_id: int) -> str:
    return _page(_own(professional_id))


@blueprint.post("/year")
@holds(*THEMSELVES)
def set_pledge(professional_id: int) -> Answer:
    one = _own(professional_id)
    form = pledge_form(one)
    if form.validate_on_submit():
        with errors_in(form):
            pledges.pledge(one, *form.values(), by=current_person())
            db.session.commit()
        if not form.errors:
            says(_("Saved."))
            return redirect_to("year.show_year", professional_id=one.id)
    return _page(one, pledge=form), 422


@blueprint.post("/still-true")
@holds(*THEMSELVES)
def confirm_still_true(professional_id: int) -> Answer:
    one = _own(professional_id)
    pledges.confirm_still_true(one, by=current_person())
    db.session.commit()
    says(_("Thank you. Until the next half year we do not ask again."))
    return redirect_to("professionals.show_slots", professional_id=one.id)


def _own(professional_id: int) -> Professional:
    one = load_or_404(Professional, professional_id)
    allow(policies.may_edit_professional(current_person(), one))
    return one


def _page(one: Professional, **filled: Form) -> str:
    return render_template(
        "professionals/show_year.html",
        professional=one,
        line=load_of(one),
        pledge=filled.get("pledge") or pledge_form(one),
    )
