"""Killed at any step, nothing is lost, nothing is half done, and no mail goes out twice too often.

Each promise has a control: the same work done in the naive order does lose or double.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from matcher import clock, mail
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import ProposalState, Side
from matcher.models.outbox import MailState, OutboxMail
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.proposals import consistency, service
from tests.cast import Cast, make_need
from tests.proposals import scenes
from tests.reliability.deaths import FULL, dies_after, dies_at, points, steps

LETTERS = 3


def _queue(cast: Cast, name: str) -> None:
    for n in range(LETTERS):
        mail.queue("sign_in_link", cast.anna, key=f"{name}:{n}", path=f"/in/{name}{n}")
    db.session.commit()


def _sent(app: Flask) -> Counter[str]:
    """How often each mail was handed over."""
    told = Path(app.config["MAIL_FOLDER"]).parent / "sent"
    return Counter(told.read_text().split()) if told.exists() else Counter()


def _forget_sent(app: Flask) -> None:
    (Path(app.config["MAIL_FOLDER"]).parent / "sent").unlink(missing_ok=True)


def _deliver() -> None:
    mail.deliver_waiting()
    db.session.commit()


def _next_process(app: Flask) -> None:
    """What another process does after the lease of the dead one has ended."""
    with time_machine.travel(clock.now() + mail.LEASE + timedelta(minutes=1), tick=False):
        assert steps(app, _deliver) >= 0


# ---- mail ---------------------------------------------------------------------------------------
def test_a_delivery_killed_at_any_step_loses_no_mail_and_repeats_one_at_most(
    any_app: Flask, any_cast: Cast
) -> None:
    _queue(any_cast, "counted")
    total = steps(any_app, _deliver)
    for step in points(total, some=6):
        _forget_sent(any_app)
        _queue(any_cast, f"at{step}")
        assert dies_at(any_app, _deliver, step)
        _next_process(any_app)
        _check_delivery(any_app, f"at{step}")


def _check_delivery(app: Flask, name: str) -> None:
    rows = select(OutboxMail).where(OutboxMail.dedupe_key.startswith(f"{name}:"))
    letters = list(db.session.scalars(rows))
    assert [letter.state for letter in letters] == [MailState.SENT] * LETTERS
    handed = _sent(app)
    assert set(handed) == {letter.message_id for letter in letters}  # none lost
    assert handed.total() <= LETTERS + 1  # one death, one repeat at most, under the same Message-ID
    db.session.rollback()


def test_control_writing_off_before_sending_loses_mail(any_app: Flask, any_cast: Cast) -> None:
    def naive() -> None:
        with mail._transport() as send:
            for letter in db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)):
                if letter.state == MailState.WAITING:
                    letter.state, letter.sent_at = MailState.SENT, clock.now()
                    db.session.commit()
                    send(mail._letter(letter))

    _queue(any_cast, "counted")
    total = steps(any_app, naive)
    lost = 0
    for step in points(total, some=7):
        _forget_sent(any_app)
        _queue(any_cast, f"at{step}")
        dies_at(any_app, naive, step)
        steps(any_app, naive)
        lost += LETTERS - len(_sent(any_app))
    assert lost > 0


# ---- agreeing -----------------------------------------------------------------------------------
def _second_yes(proposal_id: int) -> None:
    proposal = db.session.get_one(Proposal, proposal_id)
    teacher = db.session.get_one(Person, proposal.need.teacher_id)
    service.accept(proposal, side=Side.SCHOOL, by=teacher)
    db.session.commit()


def _half_agreed(cast: Cast) -> int:
    """Asked, and the company has said yes; the slot is Dirk's only one."""
    need = make_need(cast.anna, cast.lorentz)
    proposal = scenes.ask(cast, need, cast.lecture, cast.slot)
    service.accept(proposal, side=Side.COMPANY, by=cast.dirk)
    db.session.commit()
    return proposal.id


def _wrong() -> dict[str, object]:
    return {rule: found for rule, found in consistency.check().items() if found}


def test_a_yes_killed_at_any_step_is_wholly_said_or_not_at_all(
    any_app: Flask, any_cast: Cast
) -> None:
    first = _half_agreed(any_cast)
    total = steps(any_app, lambda: _second_yes(first))
    said = 0
    for step in points(total, some=10):
        _call_off(any_cast)
        proposal = _half_agreed(any_cast)
        assert dies_at(any_app, lambda key=proposal: _second_yes(key), step)
        done = _is_whole(proposal)
        said += done
        if not done:
            _second_yes(proposal)  # the page is asked again
            assert _is_whole(proposal)
    assert said <= 1  # only a death after the commit leaves it said


def _call_off(cast: Cast) -> None:
    """Give the slot back, for the next try."""
    held = select(Proposal).where(Proposal.state == ProposalState.CONFIRMED)
    for proposal in db.session.scalars(held):
        service.cancel(proposal, side=Side.COORDINATOR, by=cast.gea, reasons=["other"])
    db.session.commit()


def _is_whole(proposal_id: int) -> bool:
    """Confirmed with visit, claims and both mails, or with none of these."""
    db.session.expire_all()
    proposal = db.session.get_one(Proposal, proposal_id)
    confirmed = proposal.state == ProposalState.CONFIRMED
    visits = _count(select(func.count()).where(Visit.proposal_id == proposal_id))
    told = select(func.count()).where(OutboxMail.message == "school_confirmed")
    ever = _count(select(func.count()).select_from(Visit))
    assert _wrong() == {}
    assert (visits, _count(told)) == (int(confirmed), ever)
    db.session.rollback()
    return confirmed


def _count(statement: object) -> int:
    return db.session.scalar(statement) or 0  # type: ignore[call-overload]


def test_control_booking_before_saying_leaves_half_a_visit(any_app: Flask, any_cast: Cast) -> None:
    def naive(proposal_id: int) -> None:
        proposal = db.session.get_one(Proposal, proposal_id)
        assert proposal.slot is not None
        proposal.slot.taken += 1
        db.session.commit()
        service.accept(proposal, side=Side.SCHOOL, by=any_cast.anna)
        db.session.commit()

    proposal = _half_agreed(any_cast)
    assert any(_breaks(any_app, naive, proposal, step) for step in range(2, 12))


def _breaks(app: Flask, work: Callable[[int], None], proposal: int, step: int) -> bool:
    return dies_at(app, lambda: work(proposal), step) and set(_wrong()) == {"seats_are_counted"}


# ---- at any moment ------------------------------------------------------------------------------
@pytest.mark.skipif(not FULL, reason="200 deaths take minutes: make torture")
def test_two_hundred_deaths_at_any_moment(any_app: Flask, any_cast: Cast) -> None:
    luck = random.Random(11)
    deaths = repeated = 0
    for round_ in range(200):
        _forget_sent(any_app)
        _call_off(any_cast)
        _queue(any_cast, f"round{round_}")
        proposal = _half_agreed(any_cast)

        def work(key: int = proposal) -> None:
            _deliver()
            _second_yes(key)

        deaths += dies_after(any_app, work, luck.uniform(0.001, 0.08))
        _is_whole(proposal)
        with time_machine.travel(clock.now() + mail.LEASE + timedelta(minutes=1), tick=False):
            steps(any_app, _deliver)
        rows = select(OutboxMail).where(OutboxMail.dedupe_key.startswith(f"round{round_}:"))
        assert {letter.state for letter in db.session.scalars(rows)} == {MailState.SENT}
        repeated += max(0, max(_sent(any_app).values(), default=1) - 1)
        db.session.rollback()
    assert deaths > 50
    assert repeated <= deaths
