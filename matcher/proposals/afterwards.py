"""What people do with what was agreed: call it off, or say that it was held or was not."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock
from matcher.errors import WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import Side
from matcher.models.need import NeedState
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.proposals import claims, heal, seats, steps


def cancel(
    proposal: Proposal,
    *,
    side: Side,
    by: Person | None,
    reasons: Sequence[str] = (),
    note: str = "",
) -> None:
    """Call off what was confirmed: its time is given back, the need is open again and healed."""
    need = steps.hold(proposal)
    actor = steps.actor_of(proposal, side, by)
    step = steps.take(
        proposal, "cancel", side=actor, by=by, reasons=reasons, note=note, quietly=True
    )
    claims.release(proposal)
    visit = db.session.scalar(select(Visit).where(Visit.proposal_id == proposal.id))
    if visit is not None:
        visit.calendar_sequence += 1
    if need.state == NeedState.FILLED and any(w.ends_at > clock.now() for w in need.windows):
        need.state = NeedState.OPEN
    db.session.flush()
    seats.fill_after(proposal)
    heal.go_on(proposal, step)
    if side == Side.SCHOOL:
        heal.offer_freed(proposal.slot)


def deliver(proposal: Proposal, *, side: Side, by: Person | None) -> None:
    """It took place."""
    steps.hold(proposal)
    actor = steps.actor_of(proposal, side, by)
    _check_past(proposal)
    steps.take(proposal, "deliver", side=actor, by=by)


def not_held(
    proposal: Proposal,
    *,
    side: Side,
    by: Person | None,
    reasons: Sequence[str] = (),
    note: str = "",
) -> None:
    """It was agreed and did not take place."""
    steps.hold(proposal)
    actor = steps.actor_of(proposal, side, by)
    _check_past(proposal)
    steps.take(proposal, "not_held", side=actor, by=by, reasons=reasons, note=note)


def _check_past(proposal: Proposal) -> None:
    if proposal.starts_at is not None and proposal.starts_at > clock.now():
        raise WrongState(_l("This visit is still to come."))
