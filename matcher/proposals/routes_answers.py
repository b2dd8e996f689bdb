"""Doors behind a mailed link: look at one question and answer it, without signing in.

Looking changes nothing, so that a mail program that opens every link answers nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import NoReturn

from flask import Blueprint, abort, g, make_response, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from matcher.errors import DomainError, WrongState
from matcher.extensions import db
from matcher.models.link import PersonalLink
from matcher.models.moves import Side
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.proposals import forms, links, messages, service, steps
from matcher.proposals.answering import outcome_of, said_yes, time_seen, ways_of, word_for
from matcher.proposals.explain import explain
from matcher.proposals.links import Standing
from matcher.proposals.room import room_for
from matcher.proposals.view import view_by_link
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.errors import STATUS
from matcher.web.forms import Form
from matcher.web.guards import load_or_404, public

blueprint = Blueprint("answers", __name__, url_prefix="/answer/<token>")
CLOSED = {Standing.UNKNOWN: HTTPStatus.NOT_FOUND, Standing.EXPIRED: HTTPStatus.GONE}
Answer = str | Response | tuple[str, int]


@blueprint.get("")
@public
def show_question(token: str) -> Answer:
    return _page(_opened(token))


@blueprint.post("/yes")
@public
def accept(token: str) -> Answer:
    link, proposal, side = _taken_up(token)
    if said_yes(proposal, side):
        return redirect_to("answers.show_question", token=token)
    by, seen = links.reader_of(link), time_seen(request.form)
    return _done(link, None, lambda: service.accept(proposal, side=side, by=by, seen=seen))


@blueprint.post("/no")
@public
def decline(token: str) -> Answer:
    link, proposal, side = _taken_up(token)
    form = forms.reasons_form()
    return _done(
        link,
        form,
        lambda: service.decline(
            proposal,
            side=side,
            by=links.reader_of(link),
            reasons=list(form.reasons.data or []),
            note=form.note.data or "",
        ),
    )


@blueprint.post("/other-time")
@public
def offer_other_time(token: str) -> Answer:
    link, proposal, side = _taken_up(token)
    by = links.reader_of(link)
    form = ways_of(proposal, side=side, by=by).other
    return _done(
        link,
        form,
        lambda: service.offer_other_time(
            proposal,
            load_or_404(Slot, int(form.slot.data)),
            side=side,
            by=by,
            note=form.time_note.data or "",
        ),
        _("The other time is offered. You get a mail when the other side answers."),
    )


@blueprint.post("/colleague")
@public
def pass_on(token: str) -> Answer:
    link, proposal, side = _taken_up(token)
    by = links.reader_of(link)
    form = ways_of(proposal, side=side, by=by).colleague
    return _done(
        link,
        form,
        lambda: service.pass_on(
            proposal,
            int(form.colleague.data),
            side=side,
            by=by,
            note=form.colleague_note.data or "",
        ),
        _("Your colleague is asked."),
    )


@blueprint.post("/messages")
@public
def create_message(token: str) -> Answer:
    link, proposal, side = _taken_up(token)
    form = forms.MessageForm()
    if form.validate_on_submit():
        with errors_in(form):
            messages.say(proposal, form.words.data or "", side=side, by=links.reader_of(link))
            db.session.commit()
        if not form.errors:
            says(_("Sent."))
            return redirect_to("answers.show_question", token=token, _anchor="messages")
    return _page(link, message=form), 422


@blueprint.post("/take-back")
@public
def withdraw(token: str) -> Answer:
    link, proposal, side = _taken_up(token)
    by = links.reader_of(link)
    return _done(link, None, lambda: service.withdraw(proposal, side=side, by=by))


def _opened(token: str, *, hold: bool = False) -> PersonalLink:
    """The link, in its reader's language; or the page that says why it does not open."""
    link = links.find(token)
    if link is not None and link.proposal is not None:
        if hold:
            steps.hold(link.proposal)
        reader = links.reader_of(link)
        if "language" not in session:
            g.language = reader.language if reader else link.proposal.offer.language
    standing = links.standing_of(link)
    if link is None or standing != Standing.GOOD:
        _close(standing.value, CLOSED.get(standing, HTTPStatus.OK))
    reader = links.reader_of(link)
    if current_user.is_authenticated and current_user.person != reader:
        _close("somebody_else", HTTPStatus.FORBIDDEN)
    return link


def _close(why: str, status: HTTPStatus) -> NoReturn:
    abort(make_response(render_template("answers/closed.html", why=why), status))


def _taken_up(token: str) -> tuple[PersonalLink, Proposal, Side]:
    """The link with its need held against other verbs, so that what it says stays true."""
    link = _opened(token, hold=True)
    assert link.proposal is not None and link.side is not None
    return link, link.proposal, link.side


def _done(
    link: PersonalLink, form: Form | None, deed: Callable[[], object], told: str = ""
) -> Answer:
    """Do the deed, or show the question again with what stands in its way and what was typed."""
    token = link.token
    filled = {} if form is None else {_name(form): form}
    if form is not None and not form.validate_on_submit():
        return _page(link, **filled), 422
    try:
        if not links.may_act(link.proposal):  # type: ignore[arg-type]
            raise WrongState(_("This question has been answered already, or its day has passed."))
        if form is None:
            deed()
        else:
            with errors_in(form):
                deed()
        if form is None or not form.errors:
            db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        return _page(link, problem=str(refusal), **filled), STATUS.get(type(refusal), 400)
    if form is not None and form.errors:
        return _page(link, **filled), 422
    if told:
        says(told)
    return redirect_to("answers.show_question", token=token)


def _name(form: Form) -> str:
    """The place on the page a form has."""
    kinds = {forms.ReasonsForm: "reasons", forms.OtherTimeForm: "other"}
    return kinds.get(type(form), "colleague")


def _page(
    link: PersonalLink,
    *,
    problem: str = "",
    message: forms.MessageForm | None = None,
    **filled: Form,
) -> str:
    proposal, side = link.proposal, link.side
    assert proposal is not None and side is not None
    view, reader = view_by_link(proposal, side), links.reader_of(link)
    return render_template(
        "answers/show_question.html",
        proposal=proposal,
        view=view,
        why=explain(proposal, view),
        outcome=outcome_of(proposal, side, may_act=links.may_act(proposal)),
        forms=ways_of(proposal, side=side, by=reader, **filled),
        doors=_doors(link.token),
        thread=messages.messages_of(proposal, side),
        message=message or forms.MessageForm(formdata=None),
        may_write=messages.may_write(proposal),
        masks=messages.addresses_hidden(proposal),
        room=room_for(proposal) if side == Side.COMPANY else None,
        word=word_for(proposal, side),
        may_take_back=links.may_act(proposal),
        has_account=reader is not None,
        problem=problem,
    )


def _doors(token: str) -> dict[str, str]:
    names = ("accept", "decline", "withdraw", "pass_on", "create_message")
    doors = {name: url_for(f"answers.{name}", token=token) for name in names}
    return doors | {"other_time": url_for("answers.offer_other_time", token=token)}
