"""Each verb: what it changes, whom it tells, what it refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from matcher import clock
from matcher.errors import Invalid, NotAllowed, Taken, WrongState
from matcher.extensions import db
from matcher.models.journal import JournalEntry
from matcher.models.moves import ProposalState, Side
from matcher.models.need import NeedState, PlaceKind
from matcher.models.offer import OfferKind, OfferState, TourForm
from matcher.models.proposal import Origin
from matcher.models.visit import Visit
from matcher.proposals import service
from tests.cast import Cast, add, in_days, make_offer, make_slot
from tests.proposals import scenes
from tests.proposals.scenes import another_need, ask, confirm, mails, suggest


def film(cast: Cast, **more: object) -> object:
    values = {
        "tour_form": TourForm.FILM,
        "film_url": "https://example.nl/film",
        "lesson_sheet": "Kijk en schrijf op.",
        "place": PlaceKind.ONLINE,
        "ask_first": False,
    }
    return make_offer(cast.windwerk, OfferKind.TOUR, **(values | more))


# ---- release ------------------------------------------------------------------------------------
def test_release_asks_both_sides_with_a_deadline(cast: Cast) -> None:
    proposal = suggest(cast.need, cast.lecture, cast.slot)
    service.release(proposal, by=cast.gea)
    assert proposal.state == ProposalState.ASKED
    assert proposal.answer_by is not None
    assert abs(proposal.answer_by - clock.now() - timedelta(days=7)) < timedelta(minutes=1)
    assert mails() == [("school_asked", "Anna"), ("company_asked", "Dirk")]


def test_release_by_policy_is_the_systems_move(cast: Cast) -> None:
    proposal = suggest(cast.need, cast.lecture, cast.slot)
    service.release(proposal, by=None)
    assert [(m.name, m.side, m.by_id) for m in proposal.moves] == [("release", Side.SYSTEM, None)]


def test_release_by_the_teacher_or_another_regions_coordinator_is_refused(cast: Cast) -> None:
    proposal = suggest(cast.need, cast.lecture, cast.slot)
    for stranger in (cast.anna, cast.dirk, cast.hugo):
        with pytest.raises(NotAllowed):
            service.release(proposal, by=stranger)
    assert proposal.state == ProposalState.SUGGESTED
    assert mails() == []


def test_release_of_a_time_given_away_meanwhile_is_refused(cast: Cast) -> None:
    late = suggest(another_need(cast), cast.lecture, cast.slot)
    cast.slot.taken = 1
    with pytest.raises(Taken):
        service.release(late, by=cast.gea)


def test_the_deadline_is_a_day_before_the_visit_at_the_latest(cast: Cast) -> None:
    slot = make_slot(cast.dirk_professional, clock.now() + timedelta(days=4))
    proposal = ask(cast, cast.need, cast.lecture, slot)
    assert proposal.answer_by == slot.starts_at - timedelta(days=1)


# ---- accept -------------------------------------------------------------------------------------
def test_first_yes_asks_the_other_side(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    mails()
    service.accept(proposal, side=Side.SCHOOL, by=cast.anna)
    assert proposal.state == ProposalState.SCHOOL_YES
    assert mails() == [("company_other_yes", "Dirk")]
    assert (scenes.loads(), scenes.claimed(), scenes.taken(cast.slot)) == ({}, 0, 0)


def test_company_first_then_school_confirms_too(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    mails()
    service.accept(proposal, side=Side.COMPANY, by=cast.dirk)
    assert proposal.state == ProposalState.COMPANY_YES
    assert mails() == [("school_other_yes", "Anna")]
    service.accept(proposal, side=Side.SCHOOL, by=cast.anna)
    assert proposal.state == ProposalState.CONFIRMED


def test_second_yes_confirms_claims_and_makes_the_visit(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    service.accept(proposal, side=Side.SCHOOL, by=cast.anna)
    mails()
    service.accept(proposal, side=Side.COMPANY, by=cast.dirk)
    assert proposal.state == ProposalState.CONFIRMED
    assert proposal.confirmed_at is not None
    assert mails() == [("school_confirmed", "Anna"), ("company_confirmed", "Dirk")]
    visit = db.session.scalars(select(Visit)).one()
    assert (visit.proposal_id, visit.calendar_sequence) == (proposal.id, 0)
    assert cast.need.state == NeedState.FILLED
    assert scenes.taken(cast.slot) == 1
    assert scenes.claimed() == 4  # 50 minutes touch four quarters
    day = clock.local(cast.slot.starts_at).date()
    dirk, windwerk = f"professional:{cast.dirk_professional.id}", f"company:{cast.windwerk.id}"
    assert scenes.loads() == {
        (dirk, clock.month(day)): 1,
        (dirk, clock.term(day)): 1,
        (windwerk, clock.term(day)): 1,
    }


def test_the_contact_may_answer_for_the_company_and_the_coordinator_for_both(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    service.accept(proposal, side=Side.SCHOOL, by=cast.gea)
    assert proposal.moves[-1].side == Side.COORDINATOR
    service.accept(proposal, side=Side.COMPANY, by=cast.carla)
    assert proposal.state == ProposalState.CONFIRMED


def test_nobody_answers_for_the_other_side(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    for side, by in (
        (Side.COMPANY, cast.anna),
        (Side.SCHOOL, cast.dirk),
        (Side.SCHOOL, cast.bram),
        (Side.COMPANY, cast.els),
        (Side.SCHOOL, cast.hugo),
    ):
        with pytest.raises(NotAllowed):
            service.accept(proposal, side=side, by=by)
    assert proposal.state == ProposalState.ASKED


def test_a_second_yes_of_the_same_side_is_refused(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    service.accept(proposal, side=Side.SCHOOL, by=cast.anna)
    with pytest.raises(WrongState):
        service.accept(proposal, side=Side.SCHOOL, by=cast.anna)


def test_a_yes_for_a_need_withdrawn_meanwhile_is_refused(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    cast.need.state = NeedState.WITHDRAWN
    with pytest.raises(WrongState):
        service.accept(proposal, side=Side.COMPANY, by=cast.dirk)


def test_a_yes_to_a_time_that_has_passed_is_refused(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    with scenes.at(cast.slot.starts_at), pytest.raises(WrongState):
        service.accept(proposal, side=Side.COMPANY, by=cast.dirk)


def test_a_film_nobody_need_be_asked_for_confirms_on_the_schools_yes(cast: Cast) -> None:
    proposal = suggest(cast.need, film(cast), None)
    service.release(proposal, by=cast.gea)
    assert mails() == [("school_asked", "Anna")]
    service.accept(proposal, side=Side.SCHOOL, by=cast.anna)
    assert proposal.state == ProposalState.CONFIRMED
    assert mails() == [("school_confirmed", "Anna"), ("company_confirmed", "Carla")]
    assert (scenes.loads(), scenes.claimed()) == ({}, 0)


def test_two_visits_wanted_leave_the_need_open_after_the_first(cast: Cast) -> None:
    cast.need.visits_wanted = 2
    confirm(cast, cast.need, cast.lecture, cast.slot)
    assert cast.need.state == NeedState.OPEN
    confirm(cast, cast.need, cast.lecture, make_slot(cast.dirk_professional, in_days(30, 12)))
    assert cast.need.state == NeedState.FILLED


# ---- who loses by a confirmation ----------------------------------------------------------------
def test_confirmation_withdraws_what_waits_for_the_slot_and_for_the_need(cast: Cast) -> None:
    later = make_slot(cast.dirk_professional, in_days(30, 12))
    same_slot = ask(cast, another_need(cast), cast.lecture, cast.slot)
    same_need = ask(cast, cast.need, cast.lecture, later)
    suggested = suggest(cast.need, cast.lecture, later)
    elsewhere = ask(cast, another_need(cast), cast.lecture, later)
    mails()
    winner = confirm(cast, cast.need, cast.lecture, cast.slot)
    assert winner.state == ProposalState.CONFIRMED
    assert same_slot.state == ProposalState.WITHDRAWN
    assert same_need.state == ProposalState.WITHDRAWN
    assert suggested.state == ProposalState.SUPERSEDED
    assert elsewhere.state == ProposalState.ASKED
    told = mails()[-4:]
    assert told == [
        ("other_withdrawn", "Dirk"),
        ("other_withdrawn", "Anna"),
        ("other_withdrawn", "Dirk"),
        ("other_withdrawn", "Bram"),
    ]


def test_the_loser_cannot_say_yes_any_more(cast: Cast) -> None:
    loser = ask(cast, another_need(cast), cast.lecture, cast.slot)
    confirm(cast, cast.need, cast.lecture, cast.slot)
    with pytest.raises(WrongState):
        service.accept(loser, side=Side.SCHOOL, by=cast.bram)


def test_an_overlapping_visit_of_the_same_person_is_refused_whole(cast: Cast) -> None:
    overlapping = make_slot(cast.dirk_professional, in_days(30, 9, 30))
    confirm(cast, cast.need, cast.lecture, cast.slot)
    rival = suggest(another_need(cast), cast.lecture, overlapping)
    rival.move("release", side=Side.SYSTEM, by=None, answer_by=clock.now() + timedelta(days=1))
    service.accept(rival, side=Side.SCHOOL, by=cast.bram)
    mails()
    with pytest.raises(Taken):
        service.accept(rival, side=Side.COMPANY, by=cast.dirk)
    assert rival.state == ProposalState.SCHOOL_YES
    assert (scenes.taken(overlapping), scenes.claimed(), mails()) == (0, 4, [])
    assert set(scenes.loads().values()) == {1}


def test_adjacent_visits_of_one_person_both_fit(cast: Cast) -> None:
    confirm(cast, cast.need, cast.lecture, cast.slot)
    adjacent = make_slot(cast.dirk_professional, in_days(30, 10))
    second = confirm(cast, another_need(cast), cast.lecture, adjacent)
    assert second.state == ProposalState.CONFIRMED


@pytest.mark.parametrize("limit", ["month_cap", "term_cap", "company"])
def test_a_load_limit_refuses_the_next_visit(cast: Cast, limit: str) -> None:
    holder = cast.windwerk if limit == "company" else cast.dirk_professional
    setattr(holder, "term_cap" if limit == "company" else limit, 1)
    confirm(cast, cast.need, cast.lecture, cast.slot)
    before = scenes.loads()
    next_day = make_slot(cast.dirk_professional, in_days(30, 12))
    proposal = ask(cast, another_need(cast), cast.lecture, next_day)
    service.accept(proposal, side=Side.SCHOOL, by=cast.bram)
    with pytest.raises(Taken):
        service.accept(proposal, side=Side.COMPANY, by=cast.dirk)
    assert proposal.state == ProposalState.SCHOOL_YES
    assert scenes.loads() == before


def test_a_webinars_seats_are_counted_and_no_loads(cast: Cast) -> None:
    webinar = make_offer(cast.windwerk, OfferKind.WEBINAR, place=PlaceKind.ONLINE, ask_first=False)
    from matcher.models.professional import Slot

    start = in_days(30, 9)
    date = add(
        Slot(offer_id=webinar.id, starts_at=start, ends_at=start + timedelta(minutes=50), seats=2)
    )
    first = confirm(cast, cast.need, webinar, date)
    third = ask(cast, another_need(cast), webinar, date)
    second = confirm(cast, another_need(cast), webinar, date)
    assert [first.state, second.state] == [ProposalState.CONFIRMED] * 2
    assert third.state == ProposalState.WITHDRAWN  # the last seat went
    assert (scenes.taken(date), scenes.loads(), scenes.claimed()) == (2, {}, 0)


# ---- decline, withdraw --------------------------------------------------------------------------
def test_decline_needs_a_reason_and_tells_the_other_side(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    mails()
    with pytest.raises(Invalid):
        service.decline(proposal, side=Side.COMPANY, by=cast.dirk, reasons=[])
    db.session.refresh(proposal)
    service.decline(
        proposal, side=Side.COMPANY, by=cast.dirk, reasons=["date", "full"], note="Beurs."
    )
    assert proposal.state == ProposalState.DECLINED
    step = proposal.moves[-1]
    assert (step.name, step.reasons, step.note) == ("company_decline", ["date", "full"], "Beurs.")
    assert mails() == [("school_declined", "Anna")]


def test_the_coordinator_drops_a_suggestion_without_mail(cast: Cast) -> None:
    proposal = suggest(cast.need, cast.lecture, cast.slot)
    service.decline(proposal, side=Side.COORDINATOR, by=cast.gea, reasons=["topic"])
    assert (proposal.state, proposal.moves[-1].name) == (ProposalState.DECLINED, "drop")
    assert mails() == []


def test_withdraw_tells_only_the_other_side(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    mails()
    service.withdraw(proposal, side=Side.SCHOOL, by=cast.anna)
    assert proposal.state == ProposalState.WITHDRAWN
    assert mails() == [("other_withdrawn", "Dirk")]


# ---- another time -------------------------------------------------------------------------------
def test_another_time_lapses_the_others_yes_and_counts_as_ones_own(cast: Cast) -> None:
    later = make_slot(cast.dirk_professional, in_days(30, 12))
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    service.accept(proposal, side=Side.COMPANY, by=cast.dirk)
    mails()
    service.offer_other_time(proposal, later, side=Side.SCHOOL, by=cast.anna)
    assert proposal.state == ProposalState.SCHOOL_YES
    assert (proposal.slot_id, proposal.starts_at) == (later.id, later.starts_at)
    assert mails() == [("company_other_time", "Dirk")]
    service.accept(proposal, side=Side.COMPANY, by=cast.dirk)
    assert (proposal.state, scenes.taken(later), scenes.taken(cast.slot)) == (
        ProposalState.CONFIRMED,
        1,
        0,
    )


def test_a_yes_to_a_time_that_was_changed_meanwhile_is_no_yes(cast: Cast) -> None:
    later = make_slot(cast.dirk_professional, in_days(30, 12))
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    seen = proposal.starts_at
    service.offer_other_time(proposal, later, side=Side.COMPANY, by=cast.dirk)
    with pytest.raises(WrongState):
        service.accept(proposal, side=Side.SCHOOL, by=cast.anna, seen=seen)
    assert proposal.state == ProposalState.COMPANY_YES
    service.accept(proposal, side=Side.SCHOOL, by=cast.anna, seen=later.starts_at)
    assert proposal.state == ProposalState.CONFIRMED


def test_another_time_outside_the_classs_windows_or_taken_is_refused(cast: Cast) -> None:
    outside = make_slot(cast.dirk_professional, in_days(120, 9))
    late = make_slot(cast.dirk_professional, in_days(30, 14, 30))  # ends after the window
    gone = make_slot(cast.dirk_professional, in_days(30, 12))
    confirm(cast, another_need(cast), cast.lecture, gone)
    stranger = make_slot(cast.els_professional, in_days(30, 11))
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    for slot in (outside, late, gone, stranger, cast.slot):
        with pytest.raises(Invalid) as refusal:
            service.offer_other_time(proposal, slot, side=Side.COMPANY, by=cast.dirk)
        assert refusal.value.field == "slot"
    assert proposal.slot_id == cast.slot.id


# ---- cancel, deliver ----------------------------------------------------------------------------
def test_cancel_gives_everything_back(cast: Cast) -> None:
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    mails()
    service.cancel(proposal, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    assert proposal.state == ProposalState.CANCELLED
    assert cast.need.state == NeedState.OPEN
    assert (scenes.taken(cast.slot), scenes.claimed(), scenes.loads()) == (0, 0, {})
    assert db.session.scalars(select(Visit.calendar_sequence)).one() == 1
    assert mails() == [("school_cancelled", "Anna"), ("company_cancelled", "Dirk")]
    again = confirm(cast, another_need(cast), cast.lecture, cast.slot)
    assert again.state == ProposalState.CONFIRMED


def test_cancel_without_a_reason_or_of_what_is_not_confirmed_is_refused(cast: Cast) -> None:
    asked = ask(
        cast, another_need(cast), cast.lecture, make_slot(cast.dirk_professional, in_days(30, 12))
    )
    with pytest.raises(WrongState):
        service.cancel(asked, side=Side.SCHOOL, by=cast.bram, reasons=["date"])
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    with pytest.raises(Invalid):
        service.cancel(proposal, side=Side.SCHOOL, by=cast.anna)


def test_deliver_and_not_held_wait_for_the_day(cast: Cast) -> None:
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    with pytest.raises(WrongState):
        service.deliver(proposal, side=Side.SCHOOL, by=cast.anna)
    with scenes.at(cast.slot.ends_at):
        mails()
        service.deliver(proposal, side=Side.SCHOOL, by=cast.anna)
    assert proposal.state == ProposalState.DELIVERED
    assert mails() == [("feedback_asked", "Anna"), ("feedback_asked", "Dirk")]
    assert scenes.taken(cast.slot) == 1


def test_not_held_needs_a_reason(cast: Cast) -> None:
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    with scenes.at(cast.slot.ends_at):
        with pytest.raises(Invalid):
            service.not_held(proposal, side=Side.COMPANY, by=cast.dirk)
        db.session.refresh(proposal)
        service.not_held(proposal, side=Side.COMPANY, by=cast.dirk, reasons=["illness"])
    assert proposal.state == ProposalState.NOT_HELD


# ---- invite -------------------------------------------------------------------------------------
def test_invite_starts_with_the_schools_yes(cast: Cast) -> None:
    proposal = service.invite(cast.need, cast.lecture, cast.slot, by=cast.anna)
    assert (proposal.state, proposal.origin) == (ProposalState.SCHOOL_YES, Origin.INVITATION)
    assert mails() == [("company_invited", "Dirk")]
    service.accept(proposal, side=Side.COMPANY, by=cast.dirk)
    assert proposal.state == ProposalState.CONFIRMED


def test_invite_where_nobody_need_be_asked_confirms_at_once(cast: Cast) -> None:
    proposal = service.invite(cast.need, film(cast), None, by=cast.anna)
    assert proposal.state == ProposalState.CONFIRMED
    assert cast.need.state == NeedState.FILLED


def test_invite_refuses_strangers_other_peoples_times_and_a_second_time(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        service.invite(cast.need, cast.lecture, cast.slot, by=cast.bram)
    with pytest.raises(Invalid):
        service.invite(cast.need, cast.lecture, None, by=cast.anna)
    stranger = make_slot(cast.els_professional, in_days(30, 9))
    with pytest.raises(Invalid):
        service.invite(cast.need, cast.lecture, stranger, by=cast.anna)
    service.invite(cast.need, cast.lecture, cast.slot, by=cast.anna)
    with pytest.raises(WrongState):
        service.invite(cast.need, cast.lecture, cast.slot, by=cast.anna)
    cast.lecture.state = OfferState.PAUSED
    with pytest.raises(WrongState):
        service.invite(cast.need, cast.lecture, cast.slot, by=cast.anna)


# ---- rules, endings, journal --------------------------------------------------------------------
def test_forbid_ends_what_lives_of_the_pair(cast: Cast) -> None:
    asked = ask(cast, cast.need, cast.lecture, cast.slot)
    suggested = suggest(cast.need, cast.lecture, cast.slot)
    rule = service.forbid(cast.need, cast.lecture, by=cast.gea, reason="Kent elkaar al.")
    assert (rule.kind, rule.reason) == ("forbid", "Kent elkaar al.")
    assert (asked.state, suggested.state) == (ProposalState.WITHDRAWN, ProposalState.DECLINED)


def test_pin_replaces_forbid_and_unrule_removes_it(cast: Cast) -> None:
    service.forbid(cast.need, cast.lecture, by=cast.gea, reason="nee")
    rule = service.pin(cast.need, cast.lecture, by=cast.gea, reason="toch wel")
    assert (rule.kind, rule.reason) == ("pin", "toch wel")
    service.unrule(cast.need, cast.lecture, by=cast.gea)
    from matcher.models.proposal import PairRule

    assert db.session.scalars(select(PairRule)).all() == []


def test_rules_are_the_regions_coordinators_and_need_words(cast: Cast) -> None:
    for stranger in (cast.anna, cast.hugo):
        with pytest.raises(NotAllowed):
            service.pin(cast.need, cast.lecture, by=stranger, reason="omdat")
    with pytest.raises(Invalid):
        service.pin(cast.need, cast.lecture, by=cast.gea, reason="  ")


def test_a_need_taken_back_takes_its_proposals_along(cast: Cast) -> None:
    asked = ask(cast, cast.need, cast.lecture, cast.slot)
    suggested = suggest(cast.need, cast.lecture, cast.slot)
    assert service.end_need(cast.need, by=cast.anna) == 2
    assert {asked.state, suggested.state} == {ProposalState.WITHDRAWN}


def test_an_offer_taken_back_takes_its_proposals_along(cast: Cast) -> None:
    asked = ask(cast, cast.need, cast.lecture, cast.slot)
    assert service.end_offer(cast.lecture, by=cast.carla) == 1
    assert (asked.state, asked.moves[-1].side) == (ProposalState.WITHDRAWN, Side.COMPANY)


def test_every_deed_is_written_down(cast: Cast) -> None:
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    lines = db.session.scalars(
        select(JournalEntry)
        .where(JournalEntry.record_type == "Proposal", JournalEntry.record_id == proposal.id)
        .order_by(JournalEntry.id)
    ).all()
    assert [(line.deed, line.by_id, line.changes) for line in lines] == [
        ("release", cast.gea.id, {"state": ["suggested", "asked"]}),
        ("school_accept", cast.anna.id, {"state": ["asked", "school_yes"]}),
        ("company_confirm", cast.gea.id, {"state": ["school_yes", "confirmed"]}),
    ]
