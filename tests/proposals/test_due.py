"""What the clock does: expiry, two reminders, needs whose time has passed."""

from __future__ import annotations

from datetime import timedelta

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import ProposalState, Side
from matcher.models.need import NeedState
from matcher.proposals import service
from tests.cast import Cast, in_days, make_need, make_slot
from tests.proposals.scenes import another_need, ask, at, mails, suggest


def test_only_what_is_due_expires_and_only_once(cast: Cast) -> None:
    due = ask(cast, cast.need, cast.lecture, cast.slot)
    later = make_slot(cast.dirk_professional, in_days(30, 12))
    not_due = ask(cast, another_need(cast), cast.lecture, later)
    due.answer_by = clock.now() - timedelta(seconds=1)
    mails()
    assert service.expire_due() == 1
    assert (due.state, not_due.state) == (ProposalState.EXPIRED, ProposalState.ASKED)
    assert mails() == [("school_expired", "Anna"), ("company_expired", "Dirk")]
    assert service.expire_due() == 0


def test_two_reminders_at_half_and_five_sixths_of_the_time(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    asked, whole = proposal.moves[-1].at, timedelta(days=7)
    mails()
    counted = []
    for share in (0.49, 0.51, 0.6, 0.83, 0.84, 0.9, 0.99):
        with at(asked + whole * share):
            counted.append(service.remind_due())
    assert counted == [0, 2, 0, 0, 2, 0, 0]
    assert mails() == [("school_reminder", "Anna"), ("company_reminder", "Dirk")] * 2


def test_only_who_has_not_answered_is_reminded(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    service.accept(proposal, side=Side.SCHOOL, by=cast.anna)
    mails()
    with at(clock.now() + timedelta(days=4)):
        assert service.remind_due() == 1
    assert mails() == [("company_reminder", "Dirk")]


def test_after_days_of_standstill_one_reminder_is_enough(cast: Cast) -> None:
    ask(cast, cast.need, cast.lecture, cast.slot)
    mails()
    with at(clock.now() + timedelta(days=6, hours=12)):
        assert [service.remind_due(), service.remind_due()] == [2, 0]


def test_needs_close_when_their_last_window_has_passed(cast: Cast) -> None:
    past = make_need(cast.anna, cast.lorentz, windows=[(in_days(10, 8), in_days(10, 9))])
    asked = ask(cast, past, cast.lecture, cast.slot)
    suggested = suggest(past, cast.lecture, cast.slot)
    with at(in_days(10, 9)):
        assert [service.close_past_needs(), service.close_past_needs()] == [1, 0]
    assert (past.state, cast.need.state) == (NeedState.CLOSED, NeedState.OPEN)
    assert (asked.state, suggested.state) == (ProposalState.WITHDRAWN, ProposalState.SUPERSEDED)


def test_a_need_without_windows_stays_open(cast: Cast) -> None:
    cast.need.windows = []
    db.session.flush()
    with at(clock.now() + timedelta(days=300)):
        assert service.close_past_needs() == 0
