"""A freed seat goes to the first in line, whoever comes running: threads, on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from matcher.errors import DomainError
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import ProposalState, Side
from matcher.models.need import Need
from matcher.models.offer import Offer, OfferKind
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.models.seat import WaitingPlace, WaitState
from matcher.proposals import seats, service
from tests.cast import Cast, add, in_days, make_need, make_offer
from tests.reliability.contenders import crowded_app

SEATS, WAITING, NEWCOMERS = 5, 8, 12
Deed = Callable[[], Any]


@pytest.fixture
def crowded(any_app: Flask, tmp_path: Path) -> Iterator[Flask]:
    app = crowded_app(any_app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)
    yield app
    with app.app_context():
        db.engine.dispose()


def at_once(app: Flask, deeds: list[Deed]) -> Counter[str]:
    """Every deed in a thread and a transaction of its own, all from the same moment."""
    ready = threading.Barrier(len(deeds))

    def enter(deed: Deed) -> str:
        with app.app_context():
            ready.wait(60)
            try:
                deed()
                db.session.commit()
            except DomainError as refusal:
                db.session.rollback()
                return type(refusal).__name__
            except Exception as error:
                return repr(error)
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(enter, deeds))


def full_webinar(cast: Cast, *, waiting: int) -> tuple[int, int, list[int], list[int]]:
    """(offer, date, the seated proposals, the needs in line), by id."""
    offer = make_offer(cast.windwerk, OfferKind.WEBINAR, max_group=None, ask_first=False)
    start = in_days(30, 9)
    end = start + timedelta(hours=1)
    slot = add(Slot(offer_id=offer.id, starts_at=start, ends_at=end, seats=SEATS))
    seated = [
        service.invite(make_need(cast.anna, cast.lorentz), offer, slot, by=cast.anna).id
        for _ in range(SEATS)
    ]
    line = [make_need(cast.bram, cast.vakschool) for _ in range(waiting)]
    for need in line:
        seats.wait(need, slot, by=cast.bram)
    found = offer.id, slot.id, seated, [need.id for need in line]
    db.session.commit()
    return found


def cancel(proposal_id: int) -> None:
    proposal = db.session.get_one(Proposal, proposal_id)
    teacher = db.session.get_one(Person, proposal.need.teacher_id)
    service.cancel(proposal, side=Side.SCHOOL, by=teacher, reasons=["date"])


def register(need_id: int, offer_id: int, slot_id: int) -> None:
    need = db.session.get_one(Need, need_id)
    offer, slot = db.session.get_one(Offer, offer_id), db.session.get_one(Slot, slot_id)
    service.invite(need, offer, slot, by=db.session.get_one(Person, need.teacher_id))


def queue_up(need_id: int, slot_id: int) -> None:
    need = db.session.get_one(Need, need_id)
    by = db.session.get_one(Person, need.teacher_id)
    seats.wait(need, db.session.get_one(Slot, slot_id), by=by)


def seated_needs(slot_id: int) -> list[int]:
    db.session.rollback()
    held = select(Proposal.need_id).where(
        Proposal.slot_id == slot_id, Proposal.state == ProposalState.CONFIRMED
    )
    return list(db.session.scalars(held.order_by(Proposal.need_id)))


def counter(slot_id: int) -> int | None:
    return db.session.scalar(select(Slot.taken).where(Slot.id == slot_id))


def test_freed_seats_go_to_the_line_in_order_whoever_comes_running(
    crowded: Flask, any_cast: Cast
) -> None:
    offer_id, slot_id, seated, line = full_webinar(any_cast, waiting=WAITING)
    new = [make_need(any_cast.bram, any_cast.vakschool).id for _ in range(NEWCOMERS)]
    db.session.commit()
    freed = 3
    deeds: list[Deed] = [lambda key=key: cancel(key) for key in seated[:freed]]
    deeds += [lambda key=key: register(key, offer_id, slot_id) for key in new]
    outcome = at_once(crowded, deeds)
    assert outcome == {"done": freed, "Taken": NEWCOMERS}
    kept = {db.session.get_one(Proposal, key).need_id for key in seated[freed:]}
    db.session.commit()
    seats.tend()  # what two verbs at one moment left lying
    db.session.commit()
    assert set(seated_needs(slot_id)) == kept | set(line[:freed])
    assert counter(slot_id) == SEATS
    waiting = select(func.count()).where(WaitingPlace.state == WaitState.WAITING)
    assert db.session.scalar(waiting) == WAITING - freed


def test_joining_the_line_while_a_seat_comes_free_loses_neither(
    crowded: Flask, any_cast: Cast
) -> None:
    _offer_id, slot_id, seated, _line = full_webinar(any_cast, waiting=0)
    new = [make_need(any_cast.bram, any_cast.vakschool).id for _ in range(NEWCOMERS)]
    db.session.commit()
    deeds: list[Deed] = [lambda key=key: cancel(key) for key in seated[:2]]
    deeds += [lambda key=key: queue_up(key, slot_id) for key in new]
    assert at_once(crowded, deeds) == {"done": len(deeds)}
    db.session.rollback()
    seats.tend()
    db.session.commit()
    assert len(seated_needs(slot_id)) == counter(slot_id) == SEATS
    places = db.session.execute(
        select(WaitingPlace.state, func.count()).group_by(WaitingPlace.state)
    )
    assert dict(places.all()) == {
        WaitState.SEATED: 2,
        WaitState.WAITING: NEWCOMERS - 2,
    }


def test_the_last_seat_is_had_once(crowded: Flask, any_cast: Cast) -> None:
    offer_id, slot_id, seated, _line = full_webinar(any_cast, waiting=0)
    cancel(seated[0])
    new = [make_need(any_cast.bram, any_cast.vakschool).id for _ in range(NEWCOMERS)]
    db.session.commit()
    deeds: list[Deed] = [lambda key=key: register(key, offer_id, slot_id) for key in new]
    assert at_once(crowded, deeds) == {"done": 1, "Taken": NEWCOMERS - 1}
    assert len(seated_needs(slot_id)) == counter(slot_id) == SEATS
