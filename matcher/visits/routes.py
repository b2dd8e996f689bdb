"""Doors of a visit: the page both sides share from confirmation on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answered

from matcher import clock, policies
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.moves import HELD, ProposalState, Side
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.policies import Shown
from matcher.proposals import messages, queries, times
from matcher.proposals import service as proposals
from matcher.proposals.forms import MessageForm, move_form, reasons_form
from matcher.proposals.times import Meeting
from matcher.proposals.view import relayed, side_of, view_of
from matcher.visits import checklist, closing, forms, handing_in, service
from matcher.visits.calendar import as_calendar
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.forms import Form
from matcher.web.guards import allow, current_person, holds, load_or_404
from matcher.web.paging import chosen_side, page_of

blueprint = Blueprint("visits", __name__, url_prefix="/visits")
BOTH_SIDES = (Role.TEACHER, Role.COMPANY_CONTACT, Role.PROFESSIONAL, Role.COORDINATOR)
Answer = str | Answered | tuple[str, int]


def seen(proposal_id: int) -> Visit:
    proposal = load_or_404(Proposal, proposal_id)
    allow(policies.may_see_proposal(current_person(), proposal) and proposal.state in HELD)
    return service.visit_of(proposal)


def _side(visit: Visit) -> Side:
    sides = policies.sides_of(current_person(), visit.proposal)
    return sorted(sides - {Side.COORDINATOR})[0] if sides - {Side.COORDINATOR} else Side.COORDINATOR


@blueprint.get("")
@holds(*BOTH_SIDES)
def list_visits() -> str:
    person, side = current_person(), chosen_side()
    held = queries.of_person(person, side).where(Proposal.state.in_(HELD)).order_by(None)
    page = page_of(held.order_by(Proposal.starts_at.desc().nulls_first(), Proposal.id.desc()))
    sides = {proposal.id: side_of(proposal, person) for proposal in page.items}
    return render_template("visits/list_visits.html", page=page, sides=sides, side=side)


@blueprint.get("/<int:proposal_id>")
@holds(*BOTH_SIDES)
def show_visit(proposal_id: int) -> str:
    return _page(seen(proposal_id))


def _other_times(visit: Visit) -> list[Meeting]:
    """What this reader may offer instead, while the visit is to come."""
    if visit.proposal.state != ProposalState.CONFIRMED:
        return []
    return times.times_to_offer(visit.proposal, side=_side(visit), by=current_person())


def _page(visit: Visit, **filled: object) -> str:
    proposal = visit.proposal
    past = proposal.starts_at is None or proposal.starts_at < clock.now()
    ending, side = service.ending_of(visit), _side(visit)
    own = next((row for row in visit.feedback if row.side == side), None)
    shown = {
        "prepare": filled.get("prepare") or forms.prepare_form(visit, side),
        "message": filled.get("message") or MessageForm(formdata=None),
        "closing": filled.get("closing") or forms.closing_form(blank=True),
        "look_back": filled.get("look_back") or forms.feedback_form(own),
        "reasons": filled.get("reasons") or reasons_form(),
        "moving": filled.get("moving") or move_form(_other_times(visit)),
        "results": filled.get("results") or forms.ResultsForm(formdata=None),
        "verdict": filled.get("verdict") or forms.VerdictForm(formdata=None),
    }
    return render_template(
        "visits/show_visit.html",
        visit=visit,
        proposal=proposal,
        view=view_of(proposal, current_person()),
        contacts_shown=Shown.CONTACTS in policies.shown(proposal),
        checklist=checklist.checklist_of(visit),
        arrival=service.arrival_of(visit),
        takes_results=handing_in.takes_results(visit),
        handed_in=handing_in.hand_in_of(visit) if handing_in.takes_results(visit) else None,
        may_close=proposal.state == ProposalState.CONFIRMED and past,
        side=side,
        ending=ending,
        said={row.side: row for row in visit.reports},
        settles_at=_settles_at(visit),
        is_disputed=closing.is_disputed(visit),
        may_look_back=closing.may_look_back(visit, side),
        ending_note=relayed(ending.note, proposal, ending.by) if ending else "",
        given=own,
        thread=messages.messages_of(proposal, side),
        may_write=messages.may_write(proposal),
        masks=messages.addresses_hidden(proposal),
        **shown,
    )


def _settles_at(visit: Visit) -> datetime | None:
    """When one side's word is taken without the other's."""
    if len(visit.reports) != 1:
        return None
    return visit.reports[0].at + closing.ALONE_AFTER


@blueprint.get("/<int:proposal_id>/calendar.ics")
@holds(*BOTH_SIDES)
def show_calendar(proposal_id: int) -> Response:
    visit = seen(proposal_id)
    proposal = visit.proposal
    base = current_app.config["PUBLIC_URL"]
    body = as_calendar(
        visit,
        summary=proposal.offer.title,
        place=f"{proposal.need.school.name}, {proposal.need.school.town}",
        url=base + url_for("visits.show_visit", proposal_id=proposal.id),
    )
    name = f"lesbrug-{proposal.id}.ics"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(body, mimetype="text/calendar", headers=headers)


def done_with(
    visit: Visit, form: Form, name: str, deed: Callable[[], object], told: str = ""
) -> Answer:
    """Do the deed if the form is right; back to the page, with the form where it is not."""
    if form.validate_on_submit():
        with errors_in(form):
            deed()
            db.session.commit()
        if not form.errors:
            says(told or _("Saved."))
            return redirect_to("visits.show_visit", proposal_id=visit.proposal_id)
    return _page(visit, **{name: form}), 422


@blueprint.post("/<int:proposal_id>/prepare")
@holds(*BOTH_SIDES)
def prepare(proposal_id: int) -> Answer:
    visit, by = seen(proposal_id), current_person()
    form = forms.prepare_form(visit, _side(visit))

    def deed() -> None:
        service.prepare(visit, form.values(), by=by)
        if form.conduct_on is not None:
            service.declare_conduct(visit, form.conduct_on.data, by=by)

    return done_with(visit, form, "prepare", deed)


@blueprint.post("/<int:proposal_id>/tick")
@holds(*BOTH_SIDES)
def tick(proposal_id: int) -> Answer:
    visit = seen(proposal_id)
    code, done = request.form.get("item", ""), request.form.get("done") == "yes"
    checklist.tick(visit, code, done=done, by=current_person())
    db.session.commit()
    return redirect_to("visits.show_visit", proposal_id=proposal_id)


@blueprint.post("/<int:proposal_id>/messages")
@holds(*BOTH_SIDES)
def create_message(proposal_id: int) -> Answer:
    visit = seen(proposal_id)
    form, side, by = MessageForm(), _side(visit), current_person()

    def deed() -> None:
        messages.say(visit.proposal, form.words.data or "", side=side, by=by)

    return done_with(visit, form, "message", deed, _("Sent."))


@blueprint.post("/<int:proposal_id>/cancel")
@holds(*BOTH_SIDES)
def cancel(proposal_id: int) -> Answer:
    visit = seen(proposal_id)
    form = reasons_form()
    return done_with(
        visit,
        form,
        "reasons",
        lambda: proposals.cancel(
            visit.proposal,
            side=_side(visit),
            by=current_person(),
            reasons=list(form.reasons.data or []),
            note=form.note.data or "",
        ),
    )


@blueprint.post("/<int:proposal_id>/move")
@holds(*BOTH_SIDES)
def move(proposal_id: int) -> Answer:
    """Another time for what was agreed; from then on it is a question again."""
    visit = seen(proposal_id)
    side = _side(visit)
    meetings = times.times_to_offer(visit.proposal, side=side, by=current_person())
    form = move_form(meetings)
    if not form.validate_on_submit():
        return _page(visit, moving=form), 422
    proposals.move_visit(
        visit.proposal,
        load_or_404(Slot, int(form.new_slot.data)),
        side=side,
        by=current_person(),
        reasons=list(form.why.data or []),
        note=form.move_note.data or "",
    )
    db.session.commit()
    says(_("The other time is offered. You get a mail when the other side answers."))
    return redirect_to("proposals.show_proposal", proposal_id=proposal_id)


@blueprint.post("/<int:proposal_id>/close")
@holds(*BOTH_SIDES)
def close(proposal_id: int) -> Answer:
    visit = seen(proposal_id)
    form, side = forms.closing_form(), _side(visit)
    return done_with(
        visit,
        form,
        "closing",
        lambda: closing.report(visit, form.word(), side=side, by=current_person()),
    )


@blueprint.post("/<int:proposal_id>/feedback")
@holds(*BOTH_SIDES)
def look_back(proposal_id: int) -> Answer:
    visit = seen(proposal_id)
    form = forms.FeedbackForm()
    return done_with(
        visit,
        form,
        "look_back",
        lambda: closing.look_back(
            visit,
            side=_side(visit),
            marks=form.marks(),
            again=bool(form.again.data),
            words=form.remark.data or "",
            by=current_person(),
        ),
    )
