"""What people do with proposals until they are agreed: release, answer, invite, withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select

from matcher import policies
from matcher.errors import Taken, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import WAITING, ProposalState, Side
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.proposal import Proposal
from matcher.proposals import heal, queries, room, seats, steps
from matcher.proposals.afterwards import cancel, deliver, not_held
from matcher.proposals.colleagues import colleagues_for, pass_on
from matcher.proposals.due import close_past_needs, expire_due, remind_due
from matcher.proposals.invitations import invite
from matcher.proposals.links import forget_old as forget_old_links
from matcher.proposals.moving import move_visit, offer_other_time
from matcher.proposals.rules import forbid, pin, unrule

__all__ = [
    "accept",
    "cancel",
    "close_past_needs",
    "colleagues_for",
    "decline",
    "deliver",
    "end_need",
    "end_offer",
    "expire_due",
    "forbid",
    "forget_old_links",
    "invite",
    "move_visit",
    "not_held",
    "offer_other_time",
    "pass_on",
    "pin",
    "release",
    "remind_due",
    "unrule",
    "withdraw",
]

_YES = {
    (Side.SCHOOL, ProposalState.ASKED): "school_accept",
    (Side.SCHOOL, ProposalState.COMPANY_YES): "school_confirm",
    (Side.COMPANY, ProposalState.ASKED): "company_accept",
    (Side.COMPANY, ProposalState.SCHOOL_YES): "company_confirm",
}


def release(proposal: Proposal, *, by: Person | None) -> None:
    """Ask both sides; ``by`` is None when the region's policy releases by itself."""
    side = steps.actor_of(proposal, Side.COORDINATOR, by) if by else Side.SYSTEM
    need = steps.hold(proposal)
    steps.check_open(proposal, need)
    if proposal.slot is not None and not queries.is_free(proposal.slot):
        raise Taken(_l("This time has just been given to somebody else. Choose another time."))
    steps.take(proposal, "release", side=side, by=by)


def accept(
    proposal: Proposal, *, side: Side, by: Person | None, seen: datetime | None = None
) -> None:
    """Yes, for one side. The second yes confirms, as does the first where nobody need be asked.

    ``seen`` is the time the person said yes to: another one offered meanwhile is no yes.
    """
    need = steps.hold(proposal)
    actor = steps.actor_of(proposal, side, by)
    if seen is not None and seen != proposal.starts_at:
        raise WrongState(_l("Another time has been offered meanwhile. Look at it first."))
    name = _YES.get((side, proposal.state))
    if name is None:
        raise WrongState(_l("This proposal has moved on. Look at its present state first."))
    steps.check_open(proposal, need)
    if name.endswith("_confirm"):
        heal.confirm(proposal, name, need, side=actor, by=by)
        return
    if side == Side.COMPANY:
        room.check(proposal)
    alone = side == Side.SCHOOL and not proposal.offer.ask_first
    steps.take(proposal, name, side=actor, by=by, quietly=alone)
    if alone:
        heal.confirm(proposal, "company_confirm", need, side=Side.SYSTEM, by=None)


def decline(
    proposal: Proposal,
    *,
    side: Side,
    by: Person | None,
    reasons: Sequence[str] = (),
    note: str = "",
) -> None:
    """No, with reasons; the next best is asked at once, and the time goes to who waits."""
    steps.hold(proposal)
    actor = steps.actor_of(proposal, side, by)
    if proposal.state == ProposalState.SUGGESTED:
        steps.take(proposal, "drop", side=actor, by=by, reasons=reasons, note=note)
        return  # nobody has been asked, and nobody is asked without the coordinator's release
    name = "school_decline" if side == Side.SCHOOL else "company_decline"
    step = steps.take(proposal, name, side=actor, by=by, reasons=reasons, note=note, quietly=True)
    seats.fill_after(proposal)
    heal.go_on(proposal, step)
    if side == Side.SCHOOL:
        heal.offer_freed(proposal.slot)


def withdraw(
    proposal: Proposal,
    *,
    side: Side,
    by: Person | None,
    reasons: Sequence[str] = (),
    note: str = "",
) -> None:
    """Take back what was suggested or asked."""
    steps.hold(proposal)
    actor = steps.actor_of(proposal, side, by)
    step = steps.take(
        proposal, "withdraw", side=actor, by=by, reasons=reasons, note=note, quietly=True
    )
    seats.fill_after(proposal)
    heal.go_on(proposal, step)
    if side == Side.SCHOOL:
        heal.offer_freed(proposal.slot)


def end_need(need: Need, *, by: Person, reasons: Sequence[str] = (), note: str = "") -> int:
    """Withdraw what lives for a need that is taken back or closed; how many there were."""
    side = Side.SCHOOL if need.teacher_id == by.id else Side.COORDINATOR
    ended = _waiting(Proposal.need_id == need.id)
    for proposal in ended:
        steps.hold(proposal)
        steps.take(proposal, "withdraw", side=side, by=by, reasons=reasons, note=note)
        seats.fill_after(proposal)
        heal.offer_freed(proposal.slot)
    seats.end_need(need)
    return len(ended)


def end_offer(offer: Offer, *, by: Person) -> int:
    """Withdraw what lives for an offer that is taken back; each need is healed."""
    side = Side.COMPANY if policies.is_of_company(by, offer.company_id) else Side.COORDINATOR
    ended = _waiting(Proposal.offer_id == offer.id)
    for proposal in ended:
        steps.hold(proposal)
        step = steps.take(proposal, "withdraw", side=side, by=by, quietly=True)
        heal.go_on(proposal, step)
    seats.end_offer(offer)
    return len(ended)


def _waiting(condition: ColumnElement[bool]) -> list[Proposal]:
    states = WAITING | {ProposalState.SUGGESTED}
    found = select(Proposal).where(condition, Proposal.state.in_(states))
    return list(db.session.scalars(found.order_by(Proposal.need_id, Proposal.id)))
