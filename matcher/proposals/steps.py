"""One step of a proposal's life, whole: the move, its journal line, its mails; and confirmation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, or_, select

from matcher import clock, policies
from matcher.errors import NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.moves import WAITING, ProposalState, Side
from matcher.models.need import Need, NeedState
from matcher.models.proposal import Proposal, ProposalMove
from matcher.models.seat import WaitingPlace, WaitState
from matcher.models.visit import Visit
from matcher.proposals import claims, letters, line

_ROUNDS_OFF = timedelta(days=1)  # an answer on the day itself helps nobody
_SHORTEST = timedelta(hours=1)


def take(
    proposal: Proposal,
    name: str,
    *,
    side: Side,
    by: Person | None,
    reasons: Sequence[str] = (),
    note: str = "",
    quietly: bool = False,
    changes: Mapping[str, object] | None = None,
) -> ProposalMove:
    """Take one edge, write it down, tell those concerned (unless ``quietly``)."""
    source = proposal.state
    step = proposal.move(
        name, side=side, by=by, reasons=list(reasons), note=note, answer_by=deadline(proposal)
    )
    with claims.refusing():
        db.session.add(proposal)
    record(proposal, step, source, by=by, quietly=quietly, changes=changes)
    return step


def record(
    proposal: Proposal,
    step: ProposalMove,
    source: ProposalState,
    *,
    by: Person | None,
    quietly: bool = False,
    changes: Mapping[str, object] | None = None,
) -> None:
    written = {"state": [source.value, proposal.state.value]} | dict(changes or {})
    write_journal(step.name, proposal, by=by, changes=written)
    if not quietly:
        letters.tell(proposal, step)


def actor_of(proposal: Proposal, side: Side, by: Person | None) -> Side:
    """As whom somebody moves: on their own side, or as coordinator on a side's behalf.

    Without a person it is the service's own doing, or a guest's without an account whose link was
    looked at; the side is taken as said.
    """
    if by is None:
        return side
    sides = policies.sides_of(by, proposal)
    if side in sides:
        return side
    if Side.COORDINATOR in sides:
        return Side.COORDINATOR
    raise NotAllowed(_l("Only the other side can do this."))


def deadline(proposal: Proposal) -> datetime:
    """Until when to answer: the region's answer days, but not until the day itself."""
    latest = clock.now() + timedelta(days=proposal.region.answer_days)
    if proposal.starts_at is not None:
        latest = min(latest, proposal.starts_at - _ROUNDS_OFF)
    return max(latest, clock.now() + _SHORTEST)


def hold(proposal: Proposal) -> Need:
    """Lock what a verb may touch (this need, and those after the same slot); read it afresh."""
    db.session.flush()
    rivals = select(Proposal.need_id).where(_competes(proposal), Proposal.state.in_(WAITING))
    waiting = line.waiting_needs(proposal.slot_id) if proposal.shares_slot else []
    needs = claims.hold_needs({proposal.need_id, *db.session.scalars(rivals), *waiting})
    db.session.refresh(proposal)
    return needs[proposal.need_id]


def _competes(proposal: Proposal) -> ColumnElement[bool]:
    if proposal.slot_id is None or proposal.shares_slot:
        return Proposal.need_id == proposal.need_id
    return or_(Proposal.need_id == proposal.need_id, Proposal.slot_id == proposal.slot_id)


def check_open(proposal: Proposal, need: Need) -> None:
    """A yes still means something: the need is open and the time is to come."""
    if need.state != NeedState.OPEN:
        raise WrongState(_l("This request is no longer open."))
    if proposal.starts_at is not None and proposal.starts_at <= clock.now():
        raise WrongState(_l("This time has passed. Choose another time."))


def confirm(
    proposal: Proposal,
    name: str,
    need: Need,
    *,
    side: Side,
    by: Person | None,
    quietly: bool = False,
) -> list[tuple[Proposal, ProposalMove]]:
    """The second yes: claim everything, make the visit, fill the need; who lost by it, untold yet.

    All or nothing: when something is taken, not even the move remains.
    """
    source = proposal.state
    with db.session.begin_nested(), db.session.no_autoflush:
        step = proposal.move(name, side=side, by=by)
        claims.claim(proposal)
        _open_visit(proposal)
        db.session.flush()
    record(proposal, step, source, by=by, quietly=quietly)
    if confirmed_visits(need) >= need.visits_wanted:
        need.state = NeedState.FILLED
        write_journal("fill", need, by=by, changes={"state": ["open", "filled"]})
        line.end(WaitingPlace.need_id == need.id, WaitState.LEFT)
    db.session.flush()
    return withdraw_rivals(proposal, need)


def _open_visit(proposal: Proposal) -> None:
    """Its page; there is one already where the visit was moved to another time.

    Beside either yes stood that the teacher stays with the class: from now on it is agreed.
    """
    visit = db.session.scalar(select(Visit).where(Visit.proposal_id == proposal.id))
    if visit is None:
        visit = Visit(proposal_id=proposal.id, **_visit_values(proposal))
        db.session.add(visit)
    visit.teacher_stays_at = proposal.confirmed_at if proposal.starts_at is not None else None


def _visit_values(proposal: Proposal) -> dict[str, object]:
    return {
        "calendar_uid": f"{uuid4().hex}@lesbrug",
        "video_url": proposal.offer.join_url,
        "checklist": {},
        "reminded": {},
    }


def confirmed_visits(need: Need) -> int:
    held = (ProposalState.CONFIRMED, ProposalState.DELIVERED)
    count = select(func.count()).select_from(Proposal)
    found = count.where(Proposal.need_id == need.id, Proposal.state.in_(held))
    return db.session.scalar(found) or 0


def withdraw_rivals(proposal: Proposal, need: Need) -> list[tuple[Proposal, ProposalMove]]:
    """End what waits for the same slot or the filled need; the waiting ones of other needs.

    Those are still to be told: their teachers hear in one mail what is done instead.
    """
    ended = []
    if need.state == NeedState.FILLED:
        ended.append(Proposal.need_id == need.id)
    if proposal.slot is not None and proposal.slot.taken >= proposal.slot.seats:
        ended.append(Proposal.slot_id == proposal.slot_id)
    if not ended:
        return []
    found = (
        select(Proposal)
        .where(
            or_(*ended),
            Proposal.id != proposal.id,
            Proposal.state.in_(WAITING | {ProposalState.SUGGESTED}),
        )
        .order_by(Proposal.id)
        .with_for_update(key_share=True, of=Proposal)
        .execution_options(populate_existing=True)
    )
    losers = []
    for rival in db.session.scalars(found).all():
        waited = rival.state in WAITING
        lost = waited and rival.need_id != need.id
        name = "withdraw" if waited else "supersede"
        step = take(rival, name, side=Side.SYSTEM, by=None, quietly=lost)
        if lost:
            losers.append((rival, step))
    return losers
