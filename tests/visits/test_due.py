"""What the clock does around a visit: reminders before, the question whether it was held after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from matcher.extensions import db
from matcher.models.moves import ProposalState, Side
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.proposals import service as proposals
from matcher.visits import closing, due
from matcher.visits.closing import Word
from tests.cast import Cast
from tests.proposals.scenes import confirm, mails

DAY = timedelta(days=1)


def agree(cast: Cast) -> Proposal:
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    mails()
    return proposal


def only() -> Visit:
    return db.session.scalars(select(Visit)).one()


def later(moment: datetime | None, wait: timedelta = timedelta(0)):
    assert moment is not None
    return time_machine.travel(moment + wait, tick=False)


def test_both_sides_are_reminded_a_week_and_a_day_ahead_each_once(any_cast: Cast) -> None:
    proposal, told = agree(any_cast), {}
    for days in (9, 8, 7, 6, 2, 1, 0):
        with later(proposal.starts_at, -days * DAY):
            told[days] = [due.remind_of_visits(), due.remind_of_visits()]
    assert told == {9: [0, 0], 8: [0, 0], 7: [1, 0], 6: [0, 0], 2: [0, 0], 1: [1, 0], 0: [0, 0]}
    assert mails() == [
        ("visit_next_week", "Anna"),
        ("visit_next_week", "Dirk"),
        ("visit_tomorrow", "Anna"),
        ("visit_tomorrow", "Dirk"),
    ]


def test_a_reminder_that_was_missed_is_caught_up_on(cast: Cast) -> None:
    proposal = agree(cast)
    with later(proposal.starts_at, -4 * DAY):
        assert due.remind_of_visits() == 1
    with later(proposal.starts_at, -timedelta(minutes=5)):
        assert due.remind_of_visits() == 1
    assert [message for message, _reader in mails()] == ["visit_next_week"] * 2 + [
        "visit_tomorrow"
    ] * 2


def test_who_agreed_within_the_week_is_only_reminded_the_day_before(cast: Cast) -> None:
    proposal = agree(cast)
    assert proposal.starts_at is not None
    only().created_at = proposal.starts_at - 5 * DAY
    with later(proposal.starts_at, -4 * DAY):
        assert due.remind_of_visits() == 0


def test_a_cancelled_visit_is_not_reminded_of(cast: Cast) -> None:
    proposal = agree(cast)
    proposals.cancel(proposal, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    for days in (7, 1):
        with later(proposal.starts_at, -days * DAY):
            assert due.remind_of_visits() == 0


def test_tomorrow_is_a_day_of_the_wall_clock_also_when_the_clock_changes(cast: Cast) -> None:
    """28 March 2027 has 23 hours: it ends at 22:00 UTC, not at 23:00."""
    proposal, told = agree(cast), {}
    proposal.starts_at = datetime(2027, 3, 28, 22, 30, tzinfo=UTC)  # 00:30 on the 29th
    proposal.ends_at = proposal.starts_at + timedelta(minutes=50)
    for day in (27, 28):
        with time_machine.travel(datetime(2027, 3, day, 8, tzinfo=UTC), tick=False):
            due.remind_of_visits()
            told[day] = "tomorrow" in only().reminded
    assert told == {27: False, 28: True}


def test_the_day_after_both_are_asked_whether_it_was_held_and_the_silent_once_more(
    any_cast: Cast,
) -> None:
    proposal, asked = agree(any_cast), []
    for days in (0.1, 1, 2, 3, 5, 6):
        with later(proposal.ends_at, days * DAY):
            asked.append((due.ask_if_held(), due.ask_if_held()))
    assert asked == [(0, 0), (1, 0), (0, 0), (0, 0), (1, 0), (0, 0)]
    assert mails() == [("visit_held_asked", "Anna"), ("visit_held_asked", "Dirk")] * 2


def test_who_has_said_it_is_not_asked(cast: Cast) -> None:
    proposal = agree(cast)
    with later(proposal.ends_at, timedelta(hours=1)):
        closing.report(only(), Word(True, attended=20), side=Side.SCHOOL, by=cast.anna)
    with later(proposal.ends_at, DAY):
        due.ask_if_held()
    assert mails() == [("visit_held_asked", "Dirk")]


def test_one_word_alone_is_enough_after_three_days(any_cast: Cast) -> None:
    proposal, closed = agree(any_cast), []
    with later(proposal.ends_at, timedelta(hours=1)):
        closing.report(only(), Word(True), side=Side.COMPANY, by=any_cast.dirk)
        mails()
    for wait in (2 * DAY, 3 * DAY, 4 * DAY):
        with later(proposal.ends_at, wait + timedelta(hours=1)):
            closed.append(due.settle_reported())
    assert closed == [0, 1, 0]
    assert (proposal.state, proposal.moves[-1].side) == (ProposalState.DELIVERED, Side.COMPANY)
    assert mails() == [("feedback_asked", "Anna"), ("feedback_asked", "Dirk")]


def test_two_different_words_wait_for_the_coordinator_however_long(cast: Cast) -> None:
    proposal = agree(cast)
    with later(proposal.ends_at, DAY):
        closing.report(only(), Word(True, attended=20), side=Side.SCHOOL, by=cast.anna)
        closing.report(only(), Word(False, reasons=["illness"]), side=Side.COMPANY, by=cast.dirk)
    with later(proposal.ends_at, 20 * DAY):
        assert due.settle_reported() == 0
        assert proposal.state == ProposalState.CONFIRMED
        mails()
        word = Word(False, reasons=["illness"], note="Gebeld: ziek.")
        closing.report(only(), word, side=Side.COORDINATOR, by=cast.gea)
    assert (proposal.state, proposal.moves[-1].note) == (ProposalState.NOT_HELD, "Gebeld: ziek.")
    assert (only().attended, mails()) == (None, [])


def test_a_change_of_mind_ends_the_disagreement(cast: Cast) -> None:
    proposal = agree(cast)
    with later(proposal.ends_at, DAY):
        closing.report(only(), Word(False, reasons=["date"]), side=Side.COMPANY, by=cast.dirk)
        closing.report(only(), Word(True, attended=20), side=Side.SCHOOL, by=cast.anna)
        assert closing.is_disputed(only())
        closing.report(only(), Word(True), side=Side.COMPANY, by=cast.dirk)
    assert (proposal.state, only().attended) == (ProposalState.DELIVERED, 20)


@pytest.mark.parametrize(
    ("attended", "kept"),
    [(7, (None, None)), (8, (2, 5))],
)
def test_a_show_of_hands_in_a_small_class_is_not_even_kept(
    any_cast: Cast, attended: int, kept: tuple[int | None, int | None]
) -> None:
    proposal = agree(any_cast)
    word = Word(True, attended=attended, hands_before=2, hands_after=5)
    with later(proposal.ends_at, DAY):
        closing.report(only(), word, side=Side.SCHOOL, by=any_cast.anna)
    db.session.commit()
    assert (only().hands_before, only().hands_after) == kept


def test_who_looked_back_already_is_not_asked_for_it(cast: Cast) -> None:
    proposal = agree(cast)
    marks = dict.fromkeys(closing.QUESTIONS, 4)
    with later(proposal.ends_at, DAY):
        closing.report(only(), Word(True, attended=20), side=Side.SCHOOL, by=cast.anna)
        closing.look_back(only(), side=Side.SCHOOL, marks=marks, again=True, words="", by=cast.anna)
        db.session.flush()
        closing.report(only(), Word(True), side=Side.COMPANY, by=cast.dirk)
    assert proposal.state == ProposalState.DELIVERED
    assert mails() == [("feedback_asked", "Dirk")]
