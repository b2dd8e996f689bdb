"""After a no: the next best is asked, within limits, and freed time goes to who waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from matcher import clock
from matcher.coordination import queue
from matcher.extensions import db
from matcher.models.moves import ProposalState, Side
from matcher.models.need import NeedState
from matcher.models.offer import Offer, OfferKind, OfferState
from matcher.models.outbox import OutboxMail
from matcher.models.professional import Slot
from matcher.models.proposal import Origin, Proposal
from matcher.models.run import MatchRun, UnmatchedNeed
from matcher.proposals import queries, service
from tests.cast import Cast, add, in_days, make_offer, make_slot
from tests.proposals import scenes
from tests.proposals.scenes import alternate, another_need, ask, confirm, mails


def printlab_lecture(cast: Cast) -> Offer:
    return make_offer(cast.printlab, title="3D-printen", professionals=[cast.els_professional])


DONE = {
    "asked": "het eerstvolgende aanbod",
    "looking": "we zoeken opnieuw",
    "handed_over": "De coördinator van je regio kijkt",
}


def texts(message: str) -> list[str]:
    """What each mail to a teacher says is done now."""
    bodies = db.session.scalars(
        select(OutboxMail.body).where(OutboxMail.message == message).order_by(OutboxMail.id)
    )
    flat = [" ".join(body.split()) for body in bodies]
    return [next((name for name, words in DONE.items() if words in one), "") for one in flat]


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


def test_the_chain_ends_at_the_limit_and_the_coordinator_has_it(any_cast: Cast) -> None:
    cast = any_cast
    cast.region.alternates_asked = 2
    cast.need.matched_at = looked_at = clock.now()
    for rank in (1, 2, 3):
        offer = make_offer(cast.printlab, title=f"{rank}", professionals=[cast.els_professional])
        slot = make_slot(cast.els_professional, in_days(30, 8 + rank))
        alternate(cast.need, offer, slot, rank=rank)
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    ranks, told = [], []
    while proposal.state == ProposalState.ASKED:
        ranks.append(proposal.rank)
        service.decline(proposal, side=Side.COMPANY, by=cast.gea, reasons=["date"])
        proposal = newest(cast)
        told.append(queries.was_asked_in_vain(cast.need))
    assert ranks == [0, 1, 2]
    assert told == [False, False, True]
    assert cast.need.matched_at == looked_at  # the matcher does not start again by itself
    assert queue.queue_of(cast.region).asked_in_vain == 1
    assert texts("school_declined") == ["asked", "asked", "handed_over"]


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


def test_silence_is_reminded_of_twice_and_then_the_next_is_asked_until_the_limit(
    any_cast: Cast,
) -> None:
    """One invitation after the other, by the clock alone, each job running twice."""
    cast = any_cast
    cast.region.alternates_asked = 1
    alternate(cast.need, printlab_lecture(cast), make_slot(cast.els_professional, in_days(30, 12)))
    ask(cast, cast.need, cast.lecture, cast.slot)
    start, said = clock.now(), []
    mails()
    for day in (0, 4, 6, 7.1, 11, 13, 14.2, 15):
        with time_machine.travel(start + timedelta(days=day), tick=False):
            for _twice in range(2):
                service.expire_due()
                service.remind_due()
            said.append((day, mails()))
    once = [("school_reminder", "Anna"), ("company_reminder", "Dirk")]
    again = [("school_reminder", "Anna"), ("company_reminder", "Els")]
    ended = [("school_expired", "Anna"), ("company_expired", "Dirk")]
    asked = [("school_asked", "Anna"), ("company_asked", "Els")]
    over = [("school_expired", "Anna"), ("company_expired", "Els")]
    assert said == [
        (0, []),
        (4, once),
        (6, once),
        (7.1, ended + asked),
        (11, again),
        (13, again),
        (14.2, over),
        (15, []),
    ]
    assert queries.was_asked_in_vain(cast.need)


def test_a_teacher_who_says_no_at_the_limit_is_told_who_looks_on(cast: Cast) -> None:
    cast.region.alternates_asked = 0
    asked = ask(cast, cast.need, cast.lecture, cast.slot)
    mails()
    service.decline(asked, side=Side.SCHOOL, by=cast.anna, reasons=["topic"])
    assert texts("school_in_vain") == ["handed_over"]
    assert mails() == [("company_declined", "Dirk"), ("school_in_vain", "Anna")]


def test_without_an_alternate_the_teacher_hears_that_we_look_again(cast: Cast) -> None:
    asked = ask(cast, cast.need, cast.lecture, cast.slot)
    service.decline(asked, side=Side.COMPANY, by=cast.dirk, reasons=["full"])
    assert texts("school_declined") == ["looking"]


def test_a_company_is_not_told_what_is_done_for_the_class(cast: Cast) -> None:
    alternate(cast.need, printlab_lecture(cast), make_slot(cast.els_professional, in_days(30, 10)))
    confirmed = confirm(cast, cast.need, cast.lecture, cast.slot)
    service.cancel(confirmed, side=Side.COMPANY, by=cast.dirk, reasons=["illness"])
    assert (texts("school_cancelled"), texts("company_cancelled")) == (["asked"], [""])


def test_who_lost_the_time_hears_in_one_mail_what_is_done_instead(cast: Cast) -> None:
    other = another_need(cast)
    alternate(other, printlab_lecture(cast), make_slot(cast.els_professional, in_days(30, 10)))
    ask(cast, other, cast.lecture, cast.slot)
    mails()
    confirm(cast, cast.need, cast.lecture, cast.slot)
    of_bram = db.session.scalars(
        select(OutboxMail.message)
        .where(OutboxMail.person_id == cast.bram.id)
        .order_by(OutboxMail.id)
    ).all()
    assert of_bram == ["other_withdrawn", "school_asked"]
    assert texts("other_withdrawn") == ["", "asked"]  # the company, the teacher


def test_a_dropped_suggestion_asks_nobody(cast: Cast) -> None:
    """What the coordinator has not released, no refusal releases either."""
    alternate(cast.need, printlab_lecture(cast), make_slot(cast.els_professional, in_days(30, 10)))
    dropped = scenes.suggest(cast.need, cast.lecture, cast.slot)
    service.decline(dropped, side=Side.COORDINATOR, by=cast.gea, reasons=["topic"])
    assert (newest(cast), mails()) == (dropped, [])


def test_a_webinars_seat_that_comes_free_goes_to_a_class_that_waits(any_cast: Cast) -> None:
    cast = any_cast
    webinar = make_offer(cast.windwerk, OfferKind.WEBINAR, title="Webinar wind")
    start = in_days(30, 10)
    date = add(
        Slot(offer_id=webinar.id, starts_at=start, ends_at=start + timedelta(hours=1), seats=1)
    )
    confirmed = confirm(cast, cast.need, webinar, date)
    waiting = another_need(cast, kinds=["webinar"])
    alternate(waiting, webinar, date)
    service.cancel(confirmed, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    seat = db.session.scalars(select(Proposal).where(Proposal.need_id == waiting.id)).one()
    assert (seat.slot_id, seat.shares_slot, seat.state) == (date.id, True, ProposalState.ASKED)


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
