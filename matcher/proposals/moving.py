"""Another time: for what is asked, and for what was agreed and cannot go on then."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock
from matcher.errors import Invalid, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import ProposalState, Side
from matcher.models.need import Need, NeedState
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.proposals import claims, heal, seats, steps, times


def offer_other_time(
    proposal: Proposal, slot: Slot, *, side: Side, by: Person | None, note: str = ""
) -> None:
    """Another time, to which the offering side says yes by offering it; the other must answer."""
    need = steps.hold(proposal)
    actor = steps.actor_of(proposal, side, by)
    steps.check_open(proposal, need)
    before = _put(proposal, slot, side=side, by=by)
    steps.take(proposal, "offer_other_time", side=actor, by=by, note=note)
    _agree_by_offering(proposal, need, before, side=side, by=by)


def move_visit(
    proposal: Proposal,
    slot: Slot,
    *,
    side: Side,
    by: Person | None,
    reasons: Sequence[str] = (),
    note: str = "",
) -> None:
    """Another time for what was agreed: the agreed one is given back, the other side must answer.

    The need is open again meanwhile; what both said on the visit's page stays.
    """
    need = steps.hold(proposal)
    actor = steps.actor_of(proposal, side, by)
    if proposal.state != ProposalState.CONFIRMED:
        raise WrongState(_l("This proposal has moved on. Look at its present state first."))
    if proposal.starts_at is None or proposal.starts_at <= clock.now():
        raise WrongState(_l("This visit can no longer be moved."))
    if not reasons:
        raise Invalid(_l("Choose at least one reason."), field="reasons")
    claims.release(proposal)
    before = _put(proposal, slot, side=side, by=by)
    steps.take(proposal, "move_visit", side=actor, by=by, reasons=reasons, note=note)
    if need.state == NeedState.FILLED:
        need.state = NeedState.OPEN
    visit = db.session.scalar(select(Visit).where(Visit.proposal_id == proposal.id))
    if visit is not None:
        visit.calendar_sequence += 1
        visit.reminded = {}
    db.session.flush()
    _agree_by_offering(proposal, need, before, side=side, by=by)


def _put(proposal: Proposal, slot: Slot, *, side: Side, by: Person | None) -> Slot | None:
    """Give the proposal this time, if it is one that may be offered; the slot it stood in."""
    offered = times.times_to_offer(proposal, side=side, by=by)
    chosen = next((meeting for meeting in offered if meeting.id == slot.id), None)
    if chosen is None:
        raise Invalid(
            _l("This time is not free for both sides. Choose one of the list."), field="slot"
        )
    before = proposal.slot
    proposal.slot = slot
    proposal.professional_id = slot.professional_id
    proposal.starts_at, proposal.ends_at = chosen.starts_at, chosen.ends_at
    return before


def _agree_by_offering(
    proposal: Proposal, need: Need, before: Slot | None, *, side: Side, by: Person | None
) -> None:
    """Who offers a time says yes to it; a coordinator who speaks for nobody offers it to both."""
    if proposal.shares_slot and before is not None:
        seats.fill(before)
    if side == Side.COORDINATOR:
        return
    actor = steps.actor_of(proposal, side, by)
    accepted = "school_accept" if side == Side.SCHOOL else "company_accept"
    steps.take(proposal, accepted, side=actor, by=by, quietly=True)
    if side == Side.SCHOOL and not proposal.offer.ask_first:
        heal.confirm(proposal, "company_confirm", need, side=Side.SYSTEM, by=None)
    if side == Side.SCHOOL:
        heal.offer_freed(before)
