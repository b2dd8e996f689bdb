"""Doors of moderation: a reader reports a text, a coordinator releases, refuses and decides."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound as Missing
from werkzeug.wrappers import Response
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from matcher import policies
from matcher.coordination import board, moderation
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.moderation import ReportReason, TextReport
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.web import forms
from matcher.web.answers import redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404, signed_in

blueprint = Blueprint("moderation", __name__, url_prefix="/moderation")
Answer = str | Response | tuple[str, int]
REASONS = {
    ReportReason.ADVERTISING: _l("It is advertising"),
    ReportReason.PERSONAL: _l("It names pupils or other people"),
    ReportReason.OFFENSIVE: _l("It is hurtful or improper"),
    ReportReason.WRONG: _l("It is not true"),
    ReportReason.OTHER: _l("Something else"),
}
MOST = 100


class ReportForm(forms.Form):
    """What is not right with a text."""

    reason = RadioField(
        _l("What is not right?"),
        choices=[SelectChoice(code.value, words) for code, words in REASONS.items()],
        validators=[forms.Filled(_l("Choose what is not right."))],
    )
    note = forms.Prose(_l("What should the coordinator know?"), longest=1000)


def _text() -> Offer | Need:
    """The offer or need that the address names, if it is shown to this person."""
    for name, model in (("offer", Offer), ("need", Need)):
        key = request.args.get(name, "")
        if key.isascii() and key.isdigit() and len(key) < 10:
            found: Offer | Need = load_or_404(model, int(key))  # type: ignore[assignment]
            allow(moderation.may_read(current_person(), found))
            return found
    raise Missing


@blueprint.get("/report")
@signed_in
def new_report() -> str:
    return render_template("moderation/new_report.html", text=_text(), form=ReportForm())


@blueprint.post("/report")
@signed_in
def create_report() -> Answer:
    text, form = _text(), ReportForm()
    if not form.validate_on_submit():
        return render_template("moderation/new_report.html", text=text, form=form), 422
    reason = ReportReason(form.reason.data)
    moderation.report(text, reason, form.note.data or "", by=current_person())
    db.session.commit()
    says(_("Thank you. The coordinator of the region looks at it."))
    return redirect_to("web.show_home")


@blueprint.get("")
@holds(Role.COORDINATOR)
def show_moderation() -> str:
    ids = [region.id for region in board.regions_of(current_person())]
    return render_template(
        "moderation/show_moderation.html",
        held=db.session.scalars(moderation.held_offers(ids).limit(MOST)).all(),
        reports=db.session.scalars(moderation.open_reports(ids).limit(MOST)).all(),
        reasons=REASONS,
    )


def _reason() -> str:
    return forms.clean(request.form.get("reason"))[:1000]


@blueprint.post("/offers/<int:offer_id>")
@holds(Role.COORDINATOR)
def decide_offer(offer_id: int) -> Response:
    offer = load_or_404(Offer, offer_id)
    allow(policies.may_coordinate(current_person(), offer.region))
    try:
        if "release" in request.form:
            moderation.release(offer, by=current_person())
        else:
            moderation.refuse(offer, _reason(), by=current_person())
    except Invalid as refusal:
        db.session.rollback()
        says(refusal, "error")
        return redirect_to("moderation.show_moderation")
    db.session.commit()
    says(_("Done. The company gets a mail."))
    return redirect_to("moderation.show_moderation")


@blueprint.post("/reports/<int:report_id>")
@holds(Role.COORDINATOR)
def decide_report(report_id: int) -> Response:
    told = load_or_404(TextReport, report_id)
    text = told.offer or told.need
    allow(text is not None and policies.may_coordinate(current_person(), text.region))
    try:
        if "dismiss" in request.form:
            moderation.dismiss(told, _reason(), by=current_person())
        else:
            moderation.uphold(told, _reason(), by=current_person())
    except Invalid as refusal:
        db.session.rollback()
        says(refusal, "error")
        return redirect_to("moderation.show_moderation")
    db.session.commit()
    says(_("Decided."))
    return redirect_to("moderation.show_moderation")
