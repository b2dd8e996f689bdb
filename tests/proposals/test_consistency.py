"""The checker holds on sound records, names each planted inconsistency, and repairs nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update

from matcher import clock, mail
from matcher.extensions import db
from matcher.models.moves import ProposalState, Side
from matcher.models.need import Need, NeedState
from matcher.models.offer import OfferKind
from matcher.models.outbox import JobRun, OutboxMail
from matcher.models.professional import ClaimedQuarter, Load, Slot
from matcher.models.proposal import Proposal, ProposalMove
from matcher.models.seat import WaitingPlace, WaitState
from matcher.models.visit import Visit
from matcher.proposals import consistency, seats, service
from tests.cast import Cast, add, in_days, make_need, make_offer, make_slot
from tests.proposals import scenes

HOLDS: dict[str, list[consistency.Finding]] = {rule.__name__: [] for rule in consistency.RULES}


@pytest.fixture
def confirmed(any_cast: Cast) -> Proposal:
    """One visit confirmed, one question waiting, one visit cancelled."""
    cast = any_cast
    other = scenes.another_need(cast)
    scenes.confirm(cast, other, cast.lecture, make_slot(cast.dirk_professional, in_days(30, 13)))
    ended = db.session.scalars(select(Proposal).where(Proposal.need_id == other.id)).one()
    service.cancel(ended, side=Side.COMPANY, by=cast.dirk, reasons=["illness"])
    proposal = scenes.confirm(cast, cast.need, cast.lecture, cast.slot)
    third = scenes.another_need(cast, title="Nog een klas")
    scenes.ask(cast, third, cast.lecture, make_slot(cast.dirk_professional, in_days(30, 11)))
    db.session.commit()
    return proposal


def _found() -> dict[str, set[tuple[str, str]]]:
    return {
        rule: {(row.record, row.says) for row in rows}
        for rule, rows in consistency.check().items()
        if rows
    }


def test_sound_records_break_no_rule(confirmed: Proposal) -> None:
    assert consistency.check() == HOLDS


def _no_visit(p: Proposal) -> None:
    db.session.execute(delete(Visit).where(Visit.proposal_id == p.id))


def _seat_uncounted(p: Proposal) -> None:
    db.session.execute(update(Slot).where(Slot.id == p.slot_id).values(taken=0))


def _time_given_away(p: Proposal) -> None:
    db.session.execute(delete(ClaimedQuarter).where(ClaimedQuarter.proposal_id == p.id))


def _load_too_high(p: Proposal) -> None:
    day = clock.local(p.starts_at).date()  # type: ignore[arg-type]
    month = Load.period == clock.month(day)
    db.session.execute(update(Load).where(month).values(taken=Load.taken + 1))


def _move_lost(p: Proposal) -> None:
    db.session.execute(delete(ProposalMove).where(ProposalMove.id == p.moves[-1].id))


def _state_written_past_the_door(p: Proposal) -> None:
    waiting = db.session.scalars(select(Proposal.id).where(Proposal.state == "asked")).one()
    db.session.execute(text(f"UPDATE proposal SET state = 'expired' WHERE id = {waiting}"))


def _need_open_though_filled_twice(p: Proposal) -> None:
    filled = update(Need).where(Need.id == p.need_id)
    db.session.execute(filled.values(visits_wanted=2, state=NeedState.FILLED))


PLANTED: list[tuple[Callable[[Proposal], None], str]] = [
    (_no_visit, "agreed_have_visits"),
    (_seat_uncounted, "seats_are_counted"),
    (_time_given_away, "time_is_claimed_once"),
    (_load_too_high, "loads_are_counted"),
    (_move_lost, "moves_lead_to_states"),
    (_state_written_past_the_door, "moves_lead_to_states"),
    (_need_open_though_filled_twice, "needs_are_filled"),
]


@pytest.mark.parametrize(
    ("plant", "rule"), PLANTED, ids=lambda value: getattr(value, "__name__", value)
)
def test_each_planted_fault_breaks_its_rule_alone_and_stays(
    confirmed: Proposal, plant: Callable[[Proposal], None], rule: str
) -> None:
    plant(confirmed)
    db.session.commit()
    first = _found()
    db.session.commit()
    assert set(first) == {rule}
    assert len(first[rule]) == 1
    assert _found() == first


def test_a_quarter_held_by_a_cancelled_visit_is_found(confirmed: Proposal) -> None:
    ended = db.session.scalars(
        select(Proposal).where(Proposal.state == ProposalState.CANCELLED)
    ).one()
    row = {"professional_id": ended.professional_id, "quarter": 1, "proposal_id": ended.id}
    db.session.execute(insert(ClaimedQuarter).values(row))
    assert _found() == {"time_is_claimed_once": {(f"proposal {ended.id}", "1 quarters too many")}}


def test_forgotten_questions_mail_and_jobs_are_found(confirmed: Proposal) -> None:
    waiting = db.session.scalars(
        select(Proposal).where(Proposal.state == ProposalState.ASKED)
    ).one()
    waiting.answer_by = clock.now() - timedelta(hours=2)
    db.session.execute(update(OutboxMail).values(state="sent", sent_at=clock.now()))
    letter = mail.queue("feedback_asked", waiting.need.teacher, key="late", proposal=waiting)
    letter.next_try_at = clock.now() - timedelta(hours=2)
    run = JobRun(job="tidy", scheduled_for=clock.now(), started_at=clock.now() - timedelta(hours=2))
    db.session.add(run)
    db.session.flush()
    assert _found() == {
        "nobody_waits_forgotten": {
            (f"proposal {waiting.id}", "its day to answer has passed"),
            (f"mail {letter.id}", "should have left by now"),
            (f"job run {run.id}", "tidy never finished"),
        }
    }


def test_command_says_what_it_found_and_fails_only_then(
    confirmed: Proposal, any_app: Flask
) -> None:
    runner = any_app.test_cli_runner()
    sound = runner.invoke(args=["verify", "--json"])
    assert (sound.exit_code, json.loads(sound.output)) == (0, HOLDS)
    _no_visit(confirmed)
    db.session.commit()
    broken = runner.invoke(args=["verify", "--json"])
    row = {
        "rule": "agreed_have_visits",
        "record": f"proposal {confirmed.id}",
        "says": "confirmed without a visit",
    }
    assert (broken.exit_code, json.loads(broken.output)) == (
        1,
        HOLDS | {"agreed_have_visits": [row]},
    )


# ---- waiting lists ------------------------------------------------------------------------------
@pytest.fixture
def full_date(any_cast: Cast) -> tuple[Cast, Slot, WaitingPlace, Proposal]:
    """One seat, taken by Anna's class; Bram's waits for it."""
    cast = any_cast
    webinar = make_offer(cast.windwerk, OfferKind.WEBINAR, max_group=None, ask_first=False)
    date = add(Slot(offer_id=webinar.id, starts_at=in_days(40, 9), ends_at=in_days(40, 10)))
    seat = service.invite(make_need(cast.anna, cast.lorentz), webinar, date, by=cast.anna)
    place = seats.wait(scenes.another_need(cast), date, by=cast.bram)
    db.session.commit()
    assert consistency.check() == HOLDS
    return cast, date, place, seat


def test_a_seat_that_is_free_while_somebody_waits_is_told(full_date) -> None:
    _cast, date, _place, _seat = full_date
    db.session.execute(update(Slot).where(Slot.id == date.id).values(seats=2))
    db.session.commit()
    assert _found() == {"lines_move_on": {(f"slot {date.id}", "a seat is free and 1 wait")}}


def test_a_class_that_waits_where_it_has_a_seat_is_told(full_date) -> None:
    _cast, _date, place, seat = full_date
    db.session.execute(
        update(WaitingPlace).where(WaitingPlace.id == place.id).values(need_id=seat.need_id)
    )
    db.session.commit()
    named = {(f"waiting place {place.id}", "the class has a seat already")}
    assert _found() == {"lines_move_on": named}


def test_a_place_whose_seat_is_anothers_is_told(full_date) -> None:
    _cast, _date, place, seat = full_date
    db.session.execute(
        update(WaitingPlace)
        .where(WaitingPlace.id == place.id)
        .values(state=WaitState.SEATED, proposal_id=seat.id)
    )
    db.session.commit()
    named = {(f"waiting place {place.id}", "its seat is of another class")}
    assert _found() == {"lines_move_on": named}
