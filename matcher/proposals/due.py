"""What the clock asks of proposals: expiry, reminders, and needs whose last window has passed."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload, selectinload

from matcher import clock
from matcher.extensions import db
from matcher.models.journal import write_journal
from matcher.models.moves import WAITING, ProposalState, Side
from matcher.models.need import Need, NeedState, NeedWindow
from matcher.models.offer import Offer
from matcher.models.proposal import Proposal
from matcher.proposals import heal, letters, seats, steps

_AT_ONCE = 200  # rows per firing; the next firing takes the rest
_MOST_WAITING = 5000  # those with the nearest deadlines
_REMINDED_AFTER = (1 / 2, 5 / 6)  # of the time to answer


def expire_due() -> int:
    """End what nobody answered in time; the next best is asked. How many expired."""
    due = (
        select(Proposal)
        .where(Proposal.state.in_(WAITING), Proposal.answer_by <= clock.now())
        .order_by(Proposal.need_id, Proposal.id)
        .limit(_AT_ONCE)
    )
    expired = 0
    for proposal in db.session.scalars(due).all():
        steps.hold(proposal)
        if proposal.state not in WAITING or _is_not_due(proposal):
            continue  # answered while we waited for its need
        offered = proposal.state == ProposalState.COMPANY_YES
        step = steps.take(proposal, "expire", side=Side.SYSTEM, by=None, quietly=True)
        seats.fill_after(proposal)
        heal.go_on(proposal, step)
        if offered:
            heal.offer_freed(proposal.slot)
        expired += 1
    return expired


def _is_not_due(proposal: Proposal) -> bool:
    return proposal.answer_by is None or proposal.answer_by > clock.now()


def remind_due() -> int:
    """Two reminders per question, to who has not answered. How many mails were queued."""
    waiting = (
        select(Proposal)
        .options(
            selectinload(Proposal.moves),
            joinedload(Proposal.need).joinedload(Need.teacher),
            joinedload(Proposal.offer).joinedload(Offer.company),
            joinedload(Proposal.professional),
        )
        .where(
            Proposal.state.in_(WAITING),
            Proposal.reminders < len(_REMINDED_AFTER),
            Proposal.answer_by > clock.now(),
        )
        .order_by(Proposal.answer_by, Proposal.id)
        .limit(_MOST_WAITING)
    )
    queued = 0
    for proposal in db.session.scalars(waiting).all():
        passed = _moments_passed(proposal)
        if passed > proposal.reminders:
            proposal.reminders = passed
            queued += sum(_remind(proposal, side) for side in letters.must_answer(proposal))
    db.session.flush()
    return queued


def _moments_passed(proposal: Proposal) -> int:
    asked = proposal.moves[-1].at if proposal.moves else proposal.created_at
    assert proposal.answer_by is not None
    whole = proposal.answer_by - asked
    return sum(clock.now() >= asked + whole * share for share in _REMINDED_AFTER)


def _remind(proposal: Proposal, side: Side) -> int:
    key = f"{len(proposal.moves)}.{proposal.reminders}"
    return letters.write(f"{side.value}_reminder", proposal, side, key=key)


def close_past_needs() -> int:
    """Close open needs whose last window has passed; what still waits for them is withdrawn."""
    still_to_come = exists().where(NeedWindow.need_id == Need.id, NeedWindow.ends_at > clock.now())
    has_windows = exists().where(NeedWindow.need_id == Need.id)
    past = (
        select(Need)
        .where(Need.state == NeedState.OPEN, has_windows, ~still_to_come)
        .order_by(Need.id)
        .limit(_AT_ONCE)
        .with_for_update(key_share=True)
    )
    needs = db.session.scalars(past).all()
    for need in needs:
        need.state = NeedState.CLOSED
        write_journal("close", need, by=None, changes={"state": ["open", "closed"]})
        _withdraw_waiting(need)
        seats.end_need(need)
    db.session.flush()
    return len(needs)


def _withdraw_waiting(need: Need) -> None:
    states = WAITING | {ProposalState.SUGGESTED}
    found = select(Proposal).where(Proposal.need_id == need.id, Proposal.state.in_(states))
    for proposal in db.session.scalars(found.order_by(Proposal.id)).all():
        name = "withdraw" if proposal.state in WAITING else "supersede"
        steps.take(proposal, name, side=Side.SYSTEM, by=None)
