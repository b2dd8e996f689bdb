"""After a no: the next best is asked, within limits, and freed time goes to who waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import ProposalState, Side
from matcher.models.need import NeedState
from matcher.models.offer import Offer, OfferKind, OfferState
from matcher.models.proposal import Origin, Proposal
from matcher.models.run import MatchRun, UnmatchedNeed
from matcher.proposals import service
from tests.cast import Cast, add, in_days, make_offer, make_slot
from tests.proposals import scenes
from tests.proposals.scenes import alternate, another_need, ask, confirm, mails


def printlab_lecture(cast: Cast) -> Offer:
    return make_offer(cast.printlab, title="3D-printen", professionals=[cast.els_professional])


def newest(cast: Cast) -> Proposal:
    return db.session.scalars(
        select(Proposal).where(Proposal.need_id == cast.need.id).order_by(Proposal.id.desc())
    ).first()


def test_a_decline_asks_the_next_alternate_at_once(cast: Cast) -> None:
    second = printlab_lecture(cast)
    slot = make_slot(cast.els_professional, in_days(30, 10))
    alternate(cast.need, second, slot, rank=1, score=0.6)
    declined = ask(cast, cast.need, cast.lecture, cast.slot)
    mails()
    service.decline(declined, side=Side.COMPANY, by=cast.dirk, reasons=["full"])
    asked = newest(cast)
    assert (asked.offer_id, asked.slot_id, asked.state, asked.origin) == (
        second.id,
        slot.id,
        ProposalState.ASKED,
        Origin.ALTERNATE,
    )
    assert (asked.rank, asked.score, asked.starts_at) == (1, 0.6, slot.starts_at)
    assert mails() == [
        ("school_declined", "Anna"),
        ("school_asked", "Anna"),
        ("company_asked", "Els"),
    ]


def test_the_chain_ends_at_the_coordinators_limit_and_the_matcher_looks_again(cast: Cast) -> None:
    cast.region.alternates_asked = 2
    cast.need.matched_at = clock.now()
    for rank in (1, 2, 3):
        offer = make_offer(cast.printlab, title=f"{rank}", professionals=[cast.els_professional])
        slot = make_slot(cast.els_professional, in_days(30, 8 + rank))
        alternate(cast.need, offer, slot, rank=rank)
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    ranks = []
    while proposal.state == ProposalState.ASKED:
        ranks.append(proposal.rank)
        service.decline(proposal, side=Side.COMPANY, by=cast.gea, reasons=["date"])
        proposal = newest(cast)
    assert ranks == [0, 1, 2]
    assert cast.need.matched_at is None


def test_alternates_that_are_gone_are_passed_over(cast: Cast) -> None:
    gone = make_slot(cast.els_professional, in_days(30, 8))
    gone.taken = 1
    soon = make_slot(cast.els_professional, clock.now() + timedelta(hours=5))
    waiting = make_slot(cast.els_professional, in_days(30, 10))
    busy = make_slot(cast.els_professional, in_days(30, 11))
    fine = make_slot(cast.els_professional, in_days(30, 13))
    offers = [
        make_offer(cast.printlab, title=str(n), professionals=[cast.els_professional])
        for n in range(6)
    ]
    offers[4].state = OfferState.PAUSED
    ask(cast, another_need(cast), offers[2], waiting)
    confirm(cast, another_need(cast), offers[3], busy)
    slots = (gone, soon, waiting, busy, fine, fine)
    for rank, (offer, slot) in enumerate(zip(offers, slots, strict=True), 1):
        alternate(cast.need, offer, slot, rank=rank)
    declined = ask(cast, cast.need, cast.lecture, cast.slot)
    service.decline(declined, side=Side.COMPANY, by=cast.dirk, reasons=["date"])
    assert (newest(cast).offer_id, newest(cast).slot_id) == (offers[5].id, fine.id)


def test_an_offer_that_was_tried_or_forbidden_is_not_asked_again(cast: Cast) -> None:
    later = make_slot(cast.dirk_professional, in_days(30, 12))
    forbidden = printlab_lecture(cast)
    slot = make_slot(cast.els_professional, in_days(30, 10))
    alternate(cast.need, cast.lecture, later, rank=1)
    alternate(cast.need, forbidden, slot, rank=2)
    service.forbid(cast.need, forbidden, by=cast.gea, reason="nee")
    declined = ask(cast, cast.need, cast.lecture, cast.slot)
    service.decline(declined, side=Side.COMPANY, by=cast.dirk, reasons=["date"])
    assert newest(cast) is declined
    assert cast.need.matched_at is None


def test_expiry_and_cancellation_heal_as_a_decline_does(cast: Cast) -> None:
    second, third = printlab_lecture(cast), printlab_lecture(cast)
    alternate(cast.need, second, make_slot(cast.els_professional, in_days(30, 10)), rank=1)
    alternate(cast.need, third, make_slot(cast.els_professional, in_days(30, 12)), rank=2)
    first = ask(cast, cast.need, cast.lecture, cast.slot)
    first.answer_by = clock.now() - timedelta(minutes=1)
    assert service.expire_due() == 1
    assert (first.state, newest(cast).offer_id) == (ProposalState.EXPIRED, second.id)
    confirmed = newest(cast)
    service.accept(confirmed, side=Side.SCHOOL, by=cast.anna)
    service.accept(confirmed, side=Side.COMPANY, by=cast.els)
    service.cancel(confirmed, side=Side.COMPANY, by=cast.els, reasons=["illness"])
    assert (cast.need.state, newest(cast).offer_id, newest(cast).rank) == (
        NeedState.OPEN,
        third.id,
        2,
    )


def test_a_rival_who_lost_the_slot_is_helped_on(cast: Cast) -> None:
    other = another_need(cast)
    second = printlab_lecture(cast)
    alternate(other, second, make_slot(cast.els_professional, in_days(30, 10)))
    loser = ask(cast, other, cast.lecture, cast.slot)
    confirm(cast, cast.need, cast.lecture, cast.slot)
    assert loser.state == ProposalState.WITHDRAWN
    helped = db.session.scalars(
        select(Proposal).where(Proposal.need_id == other.id, Proposal.offer_id == second.id)
    ).one()
    assert (helped.state, helped.rank) == (ProposalState.ASKED, 1)


def test_a_time_the_school_frees_goes_to_the_best_who_waits(cast: Cast) -> None:
    near, far = another_need(cast, title="a"), another_need(cast, title="b")
    alternate(near, cast.lecture, cast.slot, score=0.4)
    alternate(far, cast.lecture, cast.slot, score=0.7)
    confirmed = confirm(cast, cast.need, cast.lecture, cast.slot)
    service.cancel(confirmed, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    asked = db.session.scalars(
        select(Proposal).where(Proposal.slot_id == cast.slot.id, Proposal.id != confirmed.id)
    ).one()
    assert (asked.need_id, asked.state) == (far.id, ProposalState.ASKED)


def test_a_time_the_company_takes_back_is_offered_to_nobody(cast: Cast) -> None:
    alternate(another_need(cast), cast.lecture, cast.slot)
    confirmed = confirm(cast, cast.need, cast.lecture, cast.slot)
    service.cancel(confirmed, side=Side.COMPANY, by=cast.dirk, reasons=["illness"])
    assert db.session.scalars(select(Proposal)).all() == [confirmed]


def test_freed_time_without_a_ranked_need_has_the_unmatched_looked_at_again(cast: Cast) -> None:
    other = another_need(cast, matched_at=clock.now())
    alternate(cast.need, cast.lecture, None)  # makes the run
    run = db.session.scalars(select(MatchRun)).one()
    add(UnmatchedNeed(run_id=run.id, need_id=other.id))
    confirmed = confirm(cast, cast.need, cast.lecture, cast.slot)
    service.cancel(confirmed, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    assert other.matched_at is None


def test_a_need_that_is_served_is_left_alone(cast: Cast) -> None:
    second = printlab_lecture(cast)
    alternate(cast.need, second, make_slot(cast.els_professional, in_days(30, 10)))
    cast.need.matched_at = moment = clock.now()
    first = ask(cast, cast.need, cast.lecture, cast.slot)
    third = ask(cast, cast.need, second, make_slot(cast.els_professional, in_days(30, 13)))
    service.decline(first, side=Side.COMPANY, by=cast.dirk, reasons=["date"])
    assert newest(cast) is third
    assert cast.need.matched_at == moment


@pytest.mark.parametrize("kind", [OfferKind.CHALLENGE])
def test_an_alternate_without_a_date_can_be_asked(cast: Cast, kind: OfferKind) -> None:
    challenge = make_offer(cast.printlab, kind, brief="Ontwerp een houder.")
    alternate(cast.need, challenge, None)
    declined = ask(cast, cast.need, cast.lecture, cast.slot)
    service.decline(declined, side=Side.COMPANY, by=cast.dirk, reasons=["date"])
    assert (newest(cast).offer_id, newest(cast).starts_at) == (challenge.id, None)
    assert scenes.taken(cast.slot) == 0
