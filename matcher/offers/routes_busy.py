"""Doors to a professional's own calendar: where it is read, what was read, and its end."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from matcher import policies
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.professional import Professional
from matcher.offers import busy_times
from matcher.offers.forms_moments import OwnCalendarForm
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404

blueprint = Blueprint("busy", __name__, url_prefix="/company/professionals/<int:professional_id>")
THEMSELVES = (Role.PROFESSIONAL, Role.COMPANY_CONTACT, Role.COORDINATOR)
Answer = str | Response | tuple[str, int]
PROBLEMS = {
    "refused": _l("The address leads to a place we do not read from."),
    "unreachable": _l("Nobody answers at this address, or the answer broke off."),
    "slow": _l("The answer takes too long."),
    "large": _l("The calendar is too large: more than 2 MB."),
    "status": _l("The address is wrong or closed: the server refuses it."),
    "redirects": _l("The address leads from one place to the next without end."),
    "encoded": _l("The answer came in a form we cannot read."),
    "no_calendar": _l("What came is no calendar, or only half of one."),
    "key": _l("The address cannot be opened any more. Connect the calendar anew."),
}


def _own(professional_id: int) -> Professional:
    one = load_or_404(Professional, professional_id)
    allow(policies.may_edit_professional(current_person(), one))
    return one


def _page(one: Professional, form: OwnCalendarForm) -> str:
    calendar = busy_times.calendar_of(one)
    return render_template(
        "professionals/show_calendar.html",
        professional=one,
        form=form,
        calendar=calendar,
        problem=PROBLEMS.get(calendar.problem, PROBLEMS["unreachable"])
        if calendar and calendar.problem
        else "",
        blocks=busy_times.blocks_to_come(one),
    )


@blueprint.get("/calendar")
@holds(*THEMSELVES)
def show_calendar(professional_id: int) -> str:
    return _page(_own(professional_id), OwnCalendarForm(formdata=None))


@blueprint.post("/calendar")
@holds(*THEMSELVES)
def connect(professional_id: int) -> Answer:
    one, form = _own(professional_id), OwnCalendarForm()
    if form.validate_on_submit():
        with errors_in(form):
            busy_times.connect(
                one,
                form.address.data or "",
                by=current_person(),
                allowed=current_app.config["FETCH_ALLOW"],
            )
            db.session.commit()
        if not form.errors:
            says(_("The calendar is connected. It is read in a moment."))
            return redirect_to("busy.show_calendar", professional_id=one.id)
    return _page(one, form), 422


@blueprint.post("/calendar/again")
@holds(*THEMSELVES)
def read_again(professional_id: int) -> Response:
    busy_times.read_again(_own(professional_id), by=current_person())
    db.session.commit()
    says(_("It is read again in a moment."))
    return redirect_to("busy.show_calendar", professional_id=professional_id)


@blueprint.post("/calendar/forget")
@holds(*THEMSELVES)
def forget(professional_id: int) -> Response:
    busy_times.forget(_own(professional_id), by=current_person())
    db.session.commit()
    says(_("The address and everything read from it are gone."))
    return redirect_to("busy.show_calendar", professional_id=professional_id)
