"""The line for a webinar's full date: who stands in it, where, and how a place in it ends."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import aliased, joinedload

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.need import Need
from matcher.models.professional import Slot
from matcher.models.seat import WaitingPlace, WaitState

MOST_SHOWN = 300
_WAITS = WaitingPlace.state == WaitState.WAITING


def waiting_needs(slot_id: int | None) -> Sequence[int]:
    """The needs that stand in line for a date, the first first."""
    found = select(WaitingPlace.need_id).where(WaitingPlace.slot_id == slot_id, _WAITS)
    return db.session.scalars(found.order_by(WaitingPlace.id)).all()


def first_of(slot: Slot) -> WaitingPlace | None:
    found = select(WaitingPlace).where(WaitingPlace.slot_id == slot.id, _WAITS)
    return db.session.scalar(found.order_by(WaitingPlace.id).limit(1))


def lengths(slots: Sequence[Slot]) -> dict[int, int]:
    """How many classes wait for each of these dates."""
    rows = db.session.execute(
        select(WaitingPlace.slot_id, func.count())
        .where(WaitingPlace.slot_id.in_([slot.id for slot in slots]), _WAITS)
        .group_by(WaitingPlace.slot_id)
    )
    return {row[0]: row[1] for row in rows}


def places_of(person: Person, *, slots: Sequence[Slot]) -> list[tuple[WaitingPlace, int]]:
    """Where this teacher's classes stand for these dates: (place, position from 1)."""
    dates = WaitingPlace.slot_id.in_([slot.id for slot in slots])
    return _standing(Need.teacher_id == person.id, dates)


def places_for(need: Need) -> list[tuple[WaitingPlace, int]]:
    """The lines in which one class stands: (place, position from 1)."""
    return _standing(Need.id == need.id)


def _standing(*whose: ColumnElement[bool]) -> list[tuple[WaitingPlace, int]]:
    ahead = aliased(WaitingPlace)
    position = (
        select(func.count())
        .where(
            ahead.slot_id == WaitingPlace.slot_id,
            ahead.state == WaitState.WAITING,
            ahead.id <= WaitingPlace.id,
        )
        .correlate(WaitingPlace)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(WaitingPlace, position)
        .join(Need, Need.id == WaitingPlace.need_id)
        .options(
            joinedload(WaitingPlace.need), joinedload(WaitingPlace.slot).joinedload(Slot.offer)
        )
        .where(*whose, _WAITS)
        .order_by(WaitingPlace.id)
        .limit(MOST_SHOWN)
    )
    return [(row[0], row[1]) for row in rows]


def has_waited(person: Person, slot: Slot) -> bool:
    """Whether a class of this teacher waits for the date, or waited in vain."""
    found = (
        select(WaitingPlace.id)
        .join(Need, Need.id == WaitingPlace.need_id)
        .where(
            Need.teacher_id == person.id,
            WaitingPlace.slot_id == slot.id,
            WaitingPlace.state.in_((WaitState.WAITING, WaitState.MISSED)),
        )
    )
    return db.session.scalar(found.limit(1)) is not None


def end(whose: ColumnElement[bool], state: WaitState) -> None:
    """End every waiting place of whom it concerns."""
    db.session.execute(
        update(WaitingPlace).where(whose, _WAITS).values(state=state, ended_at=clock.now())
    )
