"""The main story, and every verb that locks or skips rows, on both databases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import ProposalState, Side
from matcher.models.need import NeedState
from matcher.models.proposal import Proposal
from matcher.models.run import UnmatchedNeed
from matcher.proposals import queries, run, service, times
from tests.cast import Cast, add, in_days, make_need, make_offer, make_slot
from tests.proposals import scenes
from tests.proposals.scenes import alternate, another_need, ask, confirm


def test_from_a_new_need_to_a_confirmed_visit(any_cast: Cast) -> None:
    cast = any_cast
    assert run.match_new_needs() == 1
    db.session.commit()
    (suggested,) = db.session.scalars(queries.in_region(cast.region, ProposalState.SUGGESTED))
    assert list(db.session.scalars(queries.of_person(cast.anna, Side.SCHOOL))) == []
    assert list(db.session.scalars(queries.of_person(cast.dirk, Side.COMPANY))) == []
    service.release(suggested, by=cast.gea)
    db.session.commit()
    for person in (cast.dirk, cast.carla):
        assert list(db.session.scalars(queries.of_person(person, Side.COMPANY))) == [suggested]
    assert list(db.session.scalars(queries.of_person(cast.els, Side.COMPANY))) == []
    service.accept(suggested, side=Side.COMPANY, by=cast.dirk)
    db.session.commit()
    service.accept(suggested, side=Side.SCHOOL, by=cast.anna)
    db.session.commit()
    assert (suggested.state, cast.need.state) == (ProposalState.CONFIRMED, NeedState.FILLED)
    assert list(db.session.scalars(queries.slots_of(cast.lecture))) == []
    nightly = run.run_region(cast.region)
    db.session.commit()
    assert nightly.state == "done"
    assert run.replay(nightly)


def test_a_no_heals_and_freed_time_goes_on(any_cast: Cast) -> None:
    cast = any_cast
    second = make_offer(cast.printlab, professionals=[cast.els_professional])
    slot = make_slot(cast.els_professional, in_days(30, 10))
    alternate(cast.need, second, slot)
    waiting, unmatched = another_need(cast), another_need(cast, matched_at=clock.now())
    row = alternate(waiting, cast.lecture, cast.slot)
    add(UnmatchedNeed(run_id=row.run_id, need_id=unmatched.id))
    asked = ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    service.decline(asked, side=Side.SCHOOL, by=cast.anna, reasons=["topic"])
    db.session.commit()
    living = db.session.scalars(
        select(Proposal).where(Proposal.state == ProposalState.ASKED).order_by(Proposal.id)
    ).all()
    assert [(p.need_id, p.slot_id) for p in living] == [
        (cast.need.id, slot.id),
        (waiting.id, cast.slot.id),
    ]
    living[1].answer_by = clock.now() - timedelta(hours=1)
    service.accept(living[1], side=Side.COMPANY, by=cast.dirk)
    living[1].answer_by = clock.now() - timedelta(hours=1)
    db.session.commit()
    assert service.expire_due() == 1
    db.session.commit()
    assert (waiting.matched_at, unmatched.matched_at) == (None, None)


def test_cancelling_and_closing(any_cast: Cast) -> None:
    cast = any_cast
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    service.cancel(proposal, side=Side.COMPANY, by=cast.dirk, reasons=["illness"])
    db.session.commit()
    assert (scenes.taken(cast.slot), scenes.claimed(), scenes.loads()) == (0, 0, {})
    past = make_need(cast.anna, cast.lorentz, windows=[(in_days(30, 8), in_days(30, 9))])
    asked = ask(cast, past, cast.lecture, cast.slot)
    db.session.commit()
    with scenes.at(in_days(30, 9)):
        assert service.close_past_needs() == 1
    db.session.commit()
    assert (past.state, asked.state) == (NeedState.CLOSED, ProposalState.WITHDRAWN)


def test_other_times_are_free_for_both(any_cast: Cast) -> None:
    cast = any_cast
    fine = make_slot(cast.dirk_professional, in_days(30, 12))
    make_slot(cast.dirk_professional, in_days(30, 16))
    busy = make_slot(cast.dirk_professional, in_days(30, 10, 30))
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    confirm(cast, another_need(cast), cast.lecture, busy)
    make_slot(cast.dirk_professional, in_days(30, 11))  # touches the visit at half past ten
    db.session.commit()
    assert [meeting.slot for meeting in times.other_times(proposal)] == [fine]
