"""Verbs on a webinar's waiting list: join it, leave it, give a seat that came free to the first.

A seat is a class's, whatever its size. Whatever frees a seat gives it to the first in line within
the same transaction, under the lock of the date's row: no newcomer can come between. Locks are
taken in the order of ``claims``: the needs in line, then the date.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists, func, select

from matcher import clock, mail
from matcher.errors import Invalid, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.moves import LIVE, WAITING, ProposalState, Side
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferState
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.models.seat import WaitingPlace, WaitState
from matcher.proposals import claims, heal, invitations, letters, line, steps

_AT_ONCE = 100  # dates per firing; the next firing takes the rest
_GIVES = (OfferState.PUBLISHED, OfferState.PAUSED)  # paused: nobody new, but who waits has asked


def wait(need: Need, slot: Slot, *, by: Person) -> WaitingPlace:
    """Put a class in line for a date; where a seat is free it has it at once."""
    invitations.check_teacher(need, by)
    offer = slot.offer
    if offer is None:
        raise Invalid(_l("Only a webinar has a waiting list."), field="slot")
    need = claims.hold_needs([need.id, *line.waiting_needs(slot.id)])[need.id]
    invitations.check_pair(need, offer)
    _lock(slot)
    if slot.withdrawn_at is not None or slot.starts_at <= clock.now():
        raise WrongState(_l("This date has passed or was withdrawn. Choose another date."))
    stands = select(WaitingPlace.id).where(
        WaitingPlace.slot_id == slot.id,
        WaitingPlace.need_id == need.id,
        WaitingPlace.state == WaitState.WAITING,
    )
    if db.session.scalar(stands) is not None:
        raise WrongState(_l("This class is on the waiting list already."))
    place = WaitingPlace(slot=slot, need=need, state=WaitState.WAITING)
    db.session.add(place)
    db.session.flush()
    write_journal("wait", place, by=by)
    fill(slot)
    return place


def leave(place: WaitingPlace, *, by: Person) -> None:
    """Step out of the line."""
    invitations.check_teacher(place.need, by)
    claims.hold_needs([place.need_id])
    db.session.refresh(place)
    if place.state != WaitState.WAITING:
        raise WrongState(_l("This class is no longer on the waiting list."))
    _end(place, WaitState.LEFT)
    write_journal("leave", place, by=by)


def fill_after(ended: Proposal) -> None:
    """A proposal came to nothing: if it held a seat, or was asked for one, the next has it."""
    if ended.shares_slot and ended.slot is not None:
        fill(ended.slot)


def fill(slot: Slot) -> int:
    """Give what is free to the first in line; how many got a seat, or a question for one."""
    given = 0
    while (place := _next(slot)) is not None:
        _give(place)
        given += 1
    return given


def end_need(need: Need) -> None:
    """A need that is over waits for nothing."""
    line.end(WaitingPlace.need_id == need.id, WaitState.LEFT)


def end_offer(offer: Offer) -> None:
    """A webinar that is no more: everybody in its lines is told."""
    for slot in offer.dates:
        end_date(slot)


def end_date(slot: Slot) -> int:
    """The date came, or was called off: who still waits is told. How many."""
    claims.hold_needs(line.waiting_needs(slot.id))
    ended = 0
    while (place := line.first_of(slot)) is not None:
        _end(place, WaitState.MISSED)
        _tell_missed(place)
        ended += 1
    return ended


def tend() -> int:
    """Every few minutes: give what was left lying, end the lines of dates that have begun."""
    due = (
        select(Slot)
        .where(
            exists().where(
                WaitingPlace.slot_id == Slot.id, WaitingPlace.state == WaitState.WAITING
            ),
            _is_over() | (Slot.taken < Slot.seats),
        )
        .order_by(Slot.id)
        .limit(_AT_ONCE)
    )
    tended = 0
    for slot in db.session.scalars(due).all():
        claims.hold_needs(line.waiting_needs(slot.id))
        over = slot.withdrawn_at is not None or slot.starts_at <= clock.now()
        tended += end_date(slot) if over else fill(slot)
    return tended


def _is_over() -> ColumnElement[bool]:
    return (Slot.starts_at <= clock.now()) | Slot.withdrawn_at.is_not(None)


def _lock(slot: Slot) -> None:
    """Hold the date's row until the transaction ends, and read it afresh."""
    db.session.flush()
    found = select(Slot).where(Slot.id == slot.id).with_for_update()
    db.session.scalars(found.execution_options(populate_existing=True)).one()


def _next(slot: Slot) -> WaitingPlace | None:
    """The first in line, if there is a seat; who no longer wants one steps out."""
    while True:
        _lock(slot)
        offer = slot.offer
        if slot.withdrawn_at is not None or slot.starts_at <= clock.now():
            return None
        if offer is None or offer.state not in _GIVES:
            return None
        if slot.taken + _asked_for_line(slot) >= slot.seats:
            return None
        place = line.first_of(slot)
        if place is None or not _is_ours(place):
            return None
        if place.need.state == NeedState.OPEN and not _has_it(place):
            return place
        _end(place, WaitState.LEFT)


def _asked_for_line(slot: Slot) -> int:
    """Seats for which the company is being asked on behalf of the line."""
    asked = (
        select(func.count())
        .select_from(WaitingPlace)
        .join(Proposal, Proposal.id == WaitingPlace.proposal_id)
        .where(WaitingPlace.slot_id == slot.id, Proposal.state.in_(WAITING))
    )
    return db.session.scalar(asked) or 0


def _is_ours(place: WaitingPlace) -> bool:
    """Lock the need without waiting: whoever holds it may wait for our date. Then the job gives."""
    found = select(Need).where(Need.id == place.need_id)
    free = found.with_for_update(key_share=True, skip_locked=True)
    need = db.session.scalar(free.execution_options(populate_existing=True))
    return need is not None


def _has_it(place: WaitingPlace) -> bool:
    """The matcher, or the teacher, has asked for this webinar meanwhile."""
    pair = select(Proposal.id).where(
        Proposal.need_id == place.need_id,
        Proposal.offer_id == place.slot.offer_id,
        Proposal.state.in_(LIVE - {ProposalState.SUGGESTED}),
    )
    return db.session.scalar(pair.limit(1)) is not None


def _give(place: WaitingPlace) -> None:
    need, offer = place.need, place.slot.offer
    assert offer is not None
    proposal = invitations.begin(need, offer, place.slot)
    place.proposal_id = proposal.id
    _end(place, WaitState.SEATED)
    alone = not offer.ask_first
    steps.take(proposal, "invite", side=Side.SCHOOL, by=None, quietly=alone)
    if alone:
        heal.confirm(proposal, "company_confirm", need, side=Side.SYSTEM, by=None, quietly=True)
        letters.write("company_confirmed", proposal, Side.COMPANY, key="seat")
    letters.write("seat_found", proposal, Side.SCHOOL, key="seat")


def _end(place: WaitingPlace, state: WaitState) -> None:
    place.state, place.ended_at = state, clock.now()
    db.session.flush()


def _tell_missed(place: WaitingPlace) -> None:
    teacher = place.need.teacher
    if teacher.blocked_at is None:
        mail.queue(
            "seat_missed",
            teacher,
            key=f"seat_missed:{place.id}:{teacher.id}",
            place=place,
            path=f"/offers/{place.slot.offer_id}",
        )
