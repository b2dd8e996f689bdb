"""What both doors to an answer share: the forms to answer by, and how things stand for a side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from matcher.models.account import Person
from matcher.models.moves import WAITING, ProposalState, Side
from matcher.models.professional import Professional
from matcher.models.proposal import Proposal
from matcher.proposals import forms, times
from matcher.proposals.colleagues import colleagues_for
from matcher.proposals.times import Meeting
from matcher.proposals.view import answers_awaited, relayed
from matcher.web.forms import Form

_ENDED = {ProposalState.CONFIRMED: "agreed", ProposalState.EXPIRED: "expired"}


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways to answer other than yes, as forms with what can be chosen in them."""

    times: list[Meeting]
    colleagues: list[Professional]
    reasons: forms.ReasonsForm
    other: forms.OtherTimeForm
    colleague: forms.PassOnForm


def ways_of(proposal: Proposal, *, side: Side, by: Person | None, **filled: Form) -> Ways:
    """Fresh forms, but for those ``filled`` in with errors."""
    waiting = proposal.state in WAITING
    meetings = times.times_to_offer(proposal, side=side, by=by) if waiting else []
    colleagues = colleagues_for(proposal) if waiting and side != Side.SCHOOL else []
    made = {
        "reasons": forms.reasons_form(),
        "other": forms.other_time_form(meetings),
        "colleague": forms.pass_on_form(colleagues),
    } | filled
    return Ways(times=meetings, colleagues=colleagues, **made)  # type: ignore[arg-type]


def said_yes(proposal: Proposal, side: Side) -> bool:
    """A second click on yes is no mistake: the first one stands."""
    agreed = proposal.state == ProposalState.CONFIRMED
    return agreed or (proposal.state in WAITING and side not in answers_awaited(proposal))


def time_seen(posted: Mapping[str, str]) -> datetime | None:
    """The time that stood on the page when its reader said yes."""
    try:
        return datetime.fromisoformat(posted.get("seen", ""))
    except ValueError:
        return None


def outcome_of(proposal: Proposal, side: Side, *, may_act: bool) -> str:
    """How things stand for one side, in a word the page has sentences for."""
    if proposal.state in WAITING:
        if side not in answers_awaited(proposal):
            return "yes"
        return "asked" if may_act else "expired"
    last = proposal.moves[-1].side if proposal.moves else None
    if proposal.moves and proposal.moves[-1].name == "take_back":
        return "over"
    if proposal.state == ProposalState.DECLINED:
        return "no" if last == side else "other_no"
    if proposal.state == ProposalState.WITHDRAWN:
        return "taken_back" if last == side else "other_no"
    return _ENDED.get(proposal.state, "over")


def word_for(proposal: Proposal, side: Side) -> str:
    """The word that came with the present question, from the other side or a colleague."""
    for move in reversed(proposal.moves):
        if move.note and move.name.startswith("pass_on"):
            return move.note if side == Side.COMPANY else ""
        if move.note:
            return relayed(move.note, proposal, move.by) if move.side != side else ""
        if not move.name.endswith("_accept"):
            break
    return ""


def notes_of(proposal: Proposal, side: Side) -> dict[int, str]:
    """The words that went with each step; what colleagues tell each other stays among them."""
    return {
        move.id: relayed(move.note, proposal, move.by)
        for move in proposal.moves
        if move.note and (side != Side.SCHOOL or not move.name.startswith("pass_on"))
    }
