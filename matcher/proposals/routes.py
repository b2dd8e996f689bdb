"""Doors where both sides meet: read a proposal, say yes, no, or another time."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select
from werkzeug.wrappers import Response

from matcher import policies
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.moves import WAITING, ProposalState, Side
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.proposals import forms, messages, queries, service
from matcher.proposals.answering import notes_of, said_yes, time_seen, ways_of
from matcher.proposals.explain import explain
from matcher.proposals.room import room_for
from matcher.proposals.view import answers_awaited, side_of, view_of
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.forms import Form
from matcher.web.guards import allow, current_person, holds, load_or_404
from matcher.web.paging import chosen_side, page_of

blueprint = Blueprint("proposals", __name__, url_prefix="/proposals")
BOTH_SIDES = (Role.TEACHER, Role.COMPANY_CONTACT, Role.PROFESSIONAL, Role.COORDINATOR)
Answer = str | Response | tuple[str, int]


def _seen(proposal_id: int) -> Proposal:
    proposal = load_or_404(Proposal, proposal_id)
    allow(policies.may_see_proposal(current_person(), proposal))
    return proposal


def _side(proposal: Proposal) -> Side:
    """On which side the person answers; a coordinator says for whom she acts."""
    sides = policies.sides_of(current_person(), proposal)
    asked = request.form.get("side", "")
    if asked in {Side.SCHOOL, Side.COMPANY} and (Side(asked) in sides or Side.COORDINATOR in sides):
        return Side(asked)
    own = sides - {Side.COORDINATOR}
    if not own:
        abort(400)
    return sorted(own)[0]


@blueprint.get("")
@holds(*BOTH_SIDES)
def list_proposals() -> str:
    person = current_person()
    side, show_all = chosen_side(), request.args.get("show") == "all"
    page = page_of(_listed(person, side, show_all=show_all), size=20)
    return render_template(
        "proposals/list_proposals.html",
        page=page,
        sides={proposal.id: side_of(proposal, person) for proposal in page.items},
        awaited={proposal.id: answers_awaited(proposal) for proposal in page.items},
        side=side,
        all=show_all,
    )


def _listed(person: Person, side: Side | None, *, show_all: bool) -> Select[Proposal]:
    """A company's by urgency, a teacher's by need; the whole history by newest."""
    asked = queries.of_person(person, side)
    if show_all:
        return asked
    waiting = asked.where(Proposal.state.in_(WAITING)).order_by(None)
    first = () if person.company_ids else (Proposal.need_id,)
    return waiting.order_by(*first, Proposal.answer_by, Proposal.id)


@blueprint.get("/<int:proposal_id>")
@holds(*BOTH_SIDES)
def show_proposal(proposal_id: int) -> str:
    return _page(_seen(proposal_id))


def _page(proposal: Proposal, *, message: forms.MessageForm | None = None, **filled: Form) -> str:
    person = current_person()
    view = view_of(proposal, person)
    return render_template(
        "proposals/show_proposal.html",
        proposal=proposal,
        view=view,
        why=explain(proposal, view),
        notes=notes_of(proposal, view.side),
        forms=ways_of(proposal, side=view.side, by=person, **filled),
        doors=_doors(proposal),
        thread=messages.messages_of(proposal, view.side),
        message=message or forms.MessageForm(formdata=None),
        may_write=messages.may_write(proposal),
        masks=messages.addresses_hidden(proposal),
        room=room_for(proposal) if view.side != Side.SCHOOL and view.waits_for else None,
    )


def _doors(proposal: Proposal) -> dict[str, str]:
    names = ("decline", "offer_other_time", "pass_on", "withdraw")
    doors = {name: url_for(f"proposals.{name}", proposal_id=proposal.id) for name in names}
    return doors | {"other_time": doors["offer_other_time"]}


@blueprint.post("/<int:proposal_id>/accept")
@holds(*BOTH_SIDES)
def accept(proposal_id: int) -> Answer:
    proposal = _seen(proposal_id)
    side = _side(proposal)
    if not said_yes(proposal, side):
        service.accept(proposal, side=side, by=current_person(), seen=time_seen(request.form))
        db.session.commit()
    if proposal.state == ProposalState.CONFIRMED:
        says(_("Agreed! Contacts and what to prepare stand on the visit's page."))
        return redirect_to("visits.show_visit", proposal_id=proposal.id)
    says(_("Thank you. Now the other side answers; you get a mail."))
    return redirect_to("proposals.show_proposal", proposal_id=proposal.id)


@blueprint.post("/<int:proposal_id>/decline")
@holds(*BOTH_SIDES)
def decline(proposal_id: int) -> Answer:
    proposal = _seen(proposal_id)
    form = forms.reasons_form()
    if form.validate_on_submit():
        with errors_in(form):
            service.decline(
                proposal,
                side=_side(proposal),
                by=current_person(),
                reasons=list(form.reasons.data or []),
                note=form.note.data or "",
            )
            db.session.commit()
        if not form.errors:
            says(_("Your answer is passed on. We look for something else at once."))
            return redirect_to("proposals.show_proposal", proposal_id=proposal.id)
    return _page(proposal, reasons=form), 422


@blueprint.post("/<int:proposal_id>/other-time")
@holds(*BOTH_SIDES)
def offer_other_time(proposal_id: int) -> Answer:
    proposal, person = _seen(proposal_id), current_person()
    side = _side(proposal)
    form = ways_of(proposal, side=side, by=person).other
    if form.validate_on_submit():
        slot = load_or_404(Slot, int(form.slot.data))
        with errors_in(form):
            note = form.time_note.data or ""
            service.offer_other_time(proposal, slot, side=side, by=person, note=note)
            db.session.commit()
        if not form.errors:
            says(_("The other time is offered. You get a mail when the other side answers."))
            return redirect_to("proposals.show_proposal", proposal_id=proposal.id)
    return _page(proposal, other=form), 422


@blueprint.post("/<int:proposal_id>/colleague")
@holds(*BOTH_SIDES)
def pass_on(proposal_id: int) -> Answer:
    """Ask a colleague of the company instead; who is no contact there sees it no longer."""
    proposal, person = _seen(proposal_id), current_person()
    form = ways_of(proposal, side=Side.COMPANY, by=person).colleague
    if form.validate_on_submit():
        with errors_in(form):
            chosen, note = int(form.colleague.data), form.colleague_note.data or ""
            service.pass_on(proposal, chosen, side=Side.COMPANY, by=person, note=note)
            db.session.commit()
        if not form.errors:
            says(_("Your colleague is asked."))
            return redirect_to("proposals.list_proposals")
    return _page(proposal, colleague=form), 422


@blueprint.post("/<int:proposal_id>/messages")
@holds(*BOTH_SIDES)
def create_message(proposal_id: int) -> Answer:
    proposal, person, form = _seen(proposal_id), current_person(), forms.MessageForm()
    if form.validate_on_submit():
        with errors_in(form):
            side = side_of(proposal, person)
            messages.say(proposal, form.words.data or "", side=side, by=person)
            db.session.commit()
        if not form.errors:
            says(_("Sent."))
            return redirect_to(
                "proposals.show_proposal", proposal_id=proposal.id, _anchor="messages"
            )
    return _page(proposal, message=form), 422


@blueprint.post("/<int:proposal_id>/withdraw")
@holds(*BOTH_SIDES)
def withdraw(proposal_id: int) -> Answer:
    proposal = _seen(proposal_id)
    form = forms.reasons_form()
    if not form.validate_on_submit():
        return _page(proposal, reasons=form), 422
    service.withdraw(
        proposal,
        side=_side(proposal),
        by=current_person(),
        reasons=list(form.reasons.data or []),
        note=form.note.data or "",
    )
    db.session.commit()
    says(_("Taken back. The other side is told."))
    return redirect_to("proposals.show_proposal", proposal_id=proposal.id)
