"""Confirmations, another time and a cancellation after one slot at once: one booking at most."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from matcher.errors import DomainError
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import MOVES, ProposalState, Side
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal, ProposalMove
from matcher.proposals import service
from tests.cast import Cast, in_days, make_need, make_slot
from tests.proposals.scenes import confirm
from tests.reliability.contenders import crowded_app, half_agreed, recount

ROUNDS = 6
Deed = Callable[[], None]


@pytest.fixture
def crowded(any_app: Flask, tmp_path: Path) -> Iterator[Flask]:
    app = crowded_app(any_app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)
    yield app
    with app.app_context():
        db.engine.dispose()


def _proposal(key: int) -> Proposal:
    return db.session.get_one(Proposal, key)


def accept(key: int, teacher: int) -> None:
    by = db.session.get_one(Person, teacher)
    service.accept(_proposal(key), side=Side.SCHOOL, by=by)


def cancel(key: int, teacher: int) -> None:
    by = db.session.get_one(Person, teacher)
    service.cancel(_proposal(key), side=Side.SCHOOL, by=by, reasons=["date"])


def move_to(key: int, teacher: int, slot: int) -> None:
    by, time = db.session.get_one(Person, teacher), db.session.get_one(Slot, slot)
    service.offer_other_time(_proposal(key), time, side=Side.SCHOOL, by=by)


def withdraw(key: int, teacher: int) -> None:
    by = db.session.get_one(Person, teacher)
    service.withdraw(_proposal(key), side=Side.SCHOOL, by=by)


def race(app: Flask, deeds: list[Deed]) -> list[str]:
    """Each deed in a thread and transaction of its own, all at the same moment."""
    ready = threading.Barrier(len(deeds))

    def enter(deed: Deed) -> str:
        with app.app_context():
            ready.wait()
            try:
                deed()
                db.session.commit()
            except DomainError as refusal:
                db.session.rollback()
                return type(refusal).__name__
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(enter, deeds))


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_confirmations_another_time_and_a_cancellation_leave_one_booking(
    crowded: Flask, any_cast: Cast, round_: int
) -> None:
    cast, teacher = any_cast, any_cast.anna.id
    slot, elsewhere = cast.slot.id, make_slot(cast.dirk_professional, in_days(30, 12))
    standing = confirm(cast, cast.need, cast.lecture, cast.slot).id
    first, second = (half_agreed(cast, cast.lecture, cast.slot).id for _ in range(2))
    moving = half_agreed(cast, cast.lecture, elsewhere).id
    leaving = half_agreed(cast, cast.lecture, cast.slot).id
    db.session.commit()
    deeds = [
        lambda: cancel(standing, teacher),
        lambda: accept(first, teacher),
        lambda: accept(second, teacher),
        lambda: move_to(moving, teacher, slot),
        lambda: withdraw(leaving, teacher),
    ]
    outcome = race(crowded, deeds[round_ % 5 :] + deeds[: round_ % 5])
    assert set(outcome) <= {"done", "Taken", "WrongState", "Invalid"}
    found = recount()
    assert found.pop("confirmed") <= 1
    assert found.pop("visits missing") <= 0  # the cancelled visit keeps its page
    assert found.pop("mails missing") <= 0
    assert set(found.values()) == {0}
    assert _proposal(standing).state == ProposalState.CANCELLED
    assert _illegal_steps() == []


def _illegal_steps() -> list[tuple[int, str]]:
    """Steps that are not in the table, or do not begin where the one before ended."""
    wrong = []
    at: dict[int, ProposalState] = {}
    for step in db.session.scalars(select(ProposalMove).order_by(ProposalMove.id)):
        move = MOVES[step.name]
        before = at.get(step.proposal_id, ProposalState.SUGGESTED)
        if step.source != before or step.source not in move.sources or step.target != move.target:
            wrong.append((step.proposal_id, step.name))
        at[step.proposal_id] = step.target
    return wrong


def test_both_sides_answering_one_proposal_at_once_end_in_one_state(
    crowded: Flask, any_cast: Cast
) -> None:
    teacher, dirk = any_cast.anna.id, any_cast.dirk.id
    proposal = half_agreed(any_cast, any_cast.lecture, any_cast.slot).id
    make_need(any_cast.bram, any_cast.vakschool)
    db.session.commit()

    def decline() -> None:
        by = db.session.get_one(Person, dirk)
        service.decline(_proposal(proposal), side=Side.COMPANY, by=by, reasons=["date"])

    outcome = race(crowded, [lambda: accept(proposal, teacher), decline])
    assert sorted(outcome) == ["WrongState", "done"]
    ended = {"done": ProposalState.CONFIRMED, "WrongState": ProposalState.DECLINED}[outcome[0]]
    db.session.rollback()
    assert _proposal(proposal).state == ended
    assert _illegal_steps() == []
