"""Doors to what is kept of oneself: the page for everybody, a copy, and leaving."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, session
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from matcher.accounts.sessions import COOKIE_KEY
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.journal import write_journal
from matcher.models.professional import Professional
from matcher.policies import may_edit_company
from matcher.privacy import copies, erasure, ledger
from matcher.privacy.registry import HOLDINGS, READERS, TOPICS
from matcher.privacy.retention import RULES
from matcher.web.answers import redirect_to, says
from matcher.web.forms import Form, SingleLine
from matcher.web.guards import allow, current_person, holds, load_or_404, public, signed_in

blueprint = Blueprint("privacy", __name__)
Answer = str | tuple[str, int] | Response


class LeaveForm(Form):
    """Typed, so that nobody leaves by a slip."""

    email = SingleLine(_l("Type the mail address of the account"), filled=True, longest=254)

    def __init__(self, person: Person, **kw: Any) -> None:
        super().__init__(**kw)
        self.person = person

    def validate_email(self, field: Any) -> None:
        if (field.data or "").strip().lower() != self.person.email:
            raise ValidationError(str(_l("This is not the mail address of this account.")))


@blueprint.get("/privacy")
@public
def show_privacy() -> str:
    topics = [(TOPICS[topic], READERS[topic]) for topic in dict.fromkeys(h.topic for h in HOLDINGS)]
    return render_template("privacy/show_privacy.html", topics=topics, rules=RULES)


@blueprint.post("/account/copy")
@signed_in
def download_copy() -> FlaskResponse:
    person = current_person()
    write_journal("copy", person, by=person)
    answer = FlaskResponse(copies.as_zip(person), mimetype="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="lesbrug-my-data.zip"'
    db.session.commit()
    return answer


@blueprint.get("/account/leave")
@signed_in
def ask_leave() -> str:
    return _leave_page(current_person(), LeaveForm(current_person(), formdata=None))


@blueprint.post("/account/leave")
@signed_in
def leave() -> Answer:
    person = current_person()
    form = LeaveForm(person)
    if not form.validate_on_submit():
        return _leave_page(person, form), 422
    erasure.erase(person, by=person)
    db.session.commit()
    ledger.note()
    session.pop(COOKIE_KEY, None)
    says(_("Your account is gone. Thank you for what you did here."))
    return redirect_to("web.show_home")


@blueprint.get("/people/<int:person_id>/erase")
@holds(Role.ADMINISTRATOR)
def ask_erasure(person_id: int) -> str:
    person = load_or_404(Person, person_id)
    return _leave_page(person, LeaveForm(person, formdata=None))


@blueprint.post("/people/<int:person_id>/erase")
@holds(Role.ADMINISTRATOR)
def erase_person(person_id: int) -> Answer:
    person = load_or_404(Person, person_id)
    form = LeaveForm(person)
    if not form.validate_on_submit():
        return _leave_page(person, form), 422
    erasure.erase(person, by=current_person())
    db.session.commit()
    ledger.note()
    says(_("This person is erased."))
    return redirect_to("accounts.list_people")


@blueprint.post("/company/professionals/<int:professional_id>/forget")
@holds(Role.COMPANY_CONTACT, Role.COORDINATOR)
def forget_professional(professional_id: int) -> Response:
    professional = load_or_404(Professional, professional_id)
    allow(may_edit_company(current_person(), professional.company))
    erasure.forget_professional(professional, by=current_person())
    db.session.commit()
    says(_("This person is erased."))
    return redirect_to("professionals.list_professionals", company_id=professional.company_id)


def _leave_page(person: Person, form: LeaveForm) -> str:
    return render_template(
        "privacy/leave.html", person=person, form=form, mine=person is current_person()
    )
