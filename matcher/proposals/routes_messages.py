"""The door of one message: the other side reports it to the coordinator."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import policies
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.visit import Message
from matcher.proposals import letters, messages
from matcher.web.answers import says
from matcher.web.forms import clean
from matcher.web.guards import allow, current_person, holds, load_or_404

blueprint = Blueprint("messages", __name__, url_prefix="/messages")
LONGEST_NOTE = 1000


@blueprint.post("/<int:message_id>/report")
@holds(Role.TEACHER, Role.COMPANY_CONTACT, Role.PROFESSIONAL)
def report(message_id: int) -> Response:
    row, person = load_or_404(Message, message_id), current_person()
    allow(messages.OTHER[row.side] in policies.sides_of(person, row.proposal))
    messages.report(row, clean(request.form.get("note"))[:LONGEST_NOTE], by=person)
    db.session.commit()
    says(_("Reported. The coordinator of your region looks at it."))
    return redirect(f"{letters.page_of(row.proposal)}#messages", code=303)
