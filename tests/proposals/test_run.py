"""Match runs: stored whole, replayed to the byte, harmless when run twice."""

from __future__ import annotations

import gzip
import hashlib

import pytest
from sqlalchemy import func, select

from matcher import clock
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.moves import ProposalState
from matcher.models.need import PlaceKind
from matcher.models.organisation import ReviewPolicy
from matcher.models.proposal import Alternate, Origin, Proposal
from matcher.models.run import MatchRun, Question, QuestionKind, RunScope, RunState, UnmatchedNeed
from matcher.proposals import queries, questions, run, service
from tests.cast import Cast, in_days, make_need, make_offer, make_slot
from tests.proposals.scenes import another_need, confirm, mails, suggest


def proposals(state: ProposalState | None = None) -> list[Proposal]:
    found = select(Proposal).order_by(Proposal.id)
    if state is not None:
        found = found.where(Proposal.state == state)
    return list(db.session.scalars(found))


# ---- a run --------------------------------------------------------------------------------------
def test_a_run_suggests_with_reasons_that_add_up(cast: Cast) -> None:
    made = run.run_region(cast.region, started_by=cast.gea)
    assert (made.state, made.scope, made.started_by_id, made.error) == (
        RunState.DONE,
        RunScope.REGION,
        cast.gea.id,
        "",
    )
    (suggested,) = proposals()
    assert (suggested.need_id, suggested.offer_id, suggested.slot_id) == (
        cast.need.id,
        cast.lecture.id,
        cast.slot.id,
    )
    assert (suggested.state, suggested.origin, suggested.run_id) == (
        ProposalState.SUGGESTED,
        Origin.RUN,
        made.id,
    )
    assert suggested.professional_id == cast.dirk_professional.id
    assert suggested.starts_at == cast.slot.starts_at
    points = sum(reason["points"] for reason in suggested.reasons)
    assert points == pytest.approx(suggested.score, abs=1e-9)
    assert 0 < suggested.score <= 1
    assert suggested.weak_point in {reason["part"] for reason in suggested.reasons}
    assert cast.need.matched_at is not None
    assert mails() == []


def test_a_run_keeps_its_inputs_and_replays_to_the_same_bytes(cast: Cast) -> None:
    make_need(cast.bram, cast.vakschool, group_size=900)
    made = run.run_region(cast.region)
    db.session.commit()
    assert made.inputs is not None
    assert made.fingerprint == hashlib.sha256(gzip.decompress(made.inputs)).hexdigest()
    assert len(made.result_digest) == 64
    assert run.replay(made)
    made.result_digest = "0" * 64
    assert not run.replay(made)


def test_running_twice_leaves_the_same_suggestions(cast: Cast) -> None:
    first = run.run_region(cast.region)
    second = run.run_region(cast.region)
    third = run.run_region(cast.region)
    living = proposals(ProposalState.SUGGESTED)
    assert [(p.run_id, p.slot_id) for p in living] == [(third.id, cast.slot.id)]
    ended = proposals(ProposalState.SUPERSEDED)
    assert [p.run_id for p in ended] == [first.id, second.id]
    assert (second.fingerprint, second.result_digest) == (third.fingerprint, third.result_digest)
    assert list(db.session.scalars(queries.runs_of(cast.region))) == [third, second, first]


def test_what_stands_is_left_alone(cast: Cast) -> None:
    confirm(cast, cast.need, cast.lecture, cast.slot)
    cast.need.visits_wanted = 1
    made = run.run_region(cast.region)
    assert (made.statistics["needs"], proposals(ProposalState.SUGGESTED)) == (0, [])


def test_a_need_nothing_fits_is_kept_with_what_stands_in_its_way(cast: Cast) -> None:
    crowd = make_need(cast.bram, cast.vakschool, group_size=900, place=PlaceKind.ONLINE)
    run.run_region(cast.region)
    kept = queries.unmatched_of(crowd)
    assert kept is not None
    assert {blocker["rule"] for blocker in kept.blockers} >= {"group"}
    assert queries.unmatched_of(cast.need) is None
    assert (cast.need.matched_at is None, crowd.matched_at is None) == (False, False)


def test_next_best_offers_are_kept_as_alternates(cast: Cast) -> None:
    second = make_offer(cast.printlab, professionals=[cast.els_professional])
    make_slot(cast.els_professional, in_days(30, 10))
    run.run_region(cast.region)
    (suggested,) = proposals()
    others = queries.alternates_of(suggested)
    assert {suggested.offer_id, others[0].offer_id} == {cast.lecture.id, second.id}
    assert [alternate.rank for alternate in others] == list(range(1, len(others) + 1))


def test_a_region_that_releases_by_itself_asks_at_once(cast: Cast) -> None:
    cast.region.review_policy = ReviewPolicy.AUTOMATIC
    run.run_region(cast.region)
    assert [p.state for p in proposals()] == [ProposalState.ASKED]
    assert mails() == [("school_asked", "Anna"), ("company_asked", "Dirk")]


def test_settings_the_matcher_refuses_leave_a_failed_run_and_the_rest_alone(cast: Cast) -> None:
    run.run_region(cast.region)
    cast.region.settings = {"no_such_setting": 1}
    failed = run.run_region(cast.region)
    assert (failed.state, failed.result_digest, failed.statistics) == (RunState.FAILED, "", {})
    assert "no_such_setting" in failed.error
    assert [p.state for p in proposals()] == [ProposalState.SUGGESTED]
    assert not run.replay(failed)
    with pytest.raises(Invalid):
        run.dry_run(cast.region)


def test_a_dry_run_stores_nothing(cast: Cast) -> None:
    figures = run.dry_run(cast.region)
    assert (figures["needs"], figures["matched"]) == (1, 1)
    assert proposals() == []
    assert db.session.scalar(select(func.count()).select_from(MatchRun)) == 0


def test_what_changed_while_the_matcher_thought_is_left_out(cast: Cast) -> None:
    other = another_need(cast, group_size=900)
    thought = run.solve(run.read(cast.region))
    confirm(cast, other, cast.lecture, cast.slot)
    run.keep(cast.region, thought, RunScope.REGION)
    assert proposals(ProposalState.SUGGESTED) == []


def test_a_need_asked_for_elsewhere_while_the_matcher_thought_is_left_out(cast: Cast) -> None:
    later = make_slot(cast.dirk_professional, in_days(30, 12))
    thought = run.solve(run.read(cast.region))
    service.invite(cast.need, cast.lecture, later, by=cast.anna)
    run.keep(cast.region, thought, RunScope.REGION)
    assert [p.origin for p in proposals()] == [Origin.INVITATION]


def test_a_time_asked_for_while_the_matcher_thought_is_left_out(cast: Cast) -> None:
    thought = run.solve(run.read(cast.region))
    service.invite(another_need(cast), cast.lecture, cast.slot, by=cast.bram)
    run.keep(cast.region, thought, RunScope.REGION)
    assert [p.origin for p in proposals()] == [Origin.INVITATION]


def test_two_regions_that_thought_at_once_do_not_suggest_one_time_twice(cast: Cast) -> None:
    thought = run.solve(run.read(cast.region))
    elsewhere = suggest(another_need(cast), cast.lecture, cast.slot)
    elsewhere.region_id = cast.other_region.id
    run.keep(cast.region, thought, RunScope.REGION)
    assert proposals(ProposalState.SUGGESTED) == [elsewhere]


# ---- new needs ----------------------------------------------------------------------------------
def test_a_new_need_is_matched_alone_and_once(cast: Cast) -> None:
    assert run.match_new_needs() == 1
    (suggested,) = proposals()
    assert (suggested.state, suggested.origin) == (ProposalState.SUGGESTED, Origin.NEW_NEED)
    assert db.session.scalars(select(MatchRun)).one().scope == RunScope.NEW_NEEDS
    assert run.match_new_needs() == 0
    assert db.session.scalar(queries.runs_of(cast.region)) is None


def test_a_new_need_does_not_take_what_is_suggested_to_another(cast: Cast) -> None:
    run.run_region(cast.region)
    late = another_need(cast)
    db.session.commit()
    assert run.match_new_needs() == 1
    assert [p.need_id for p in proposals(ProposalState.SUGGESTED)] == [cast.need.id]
    assert queries.unmatched_of(late) is not None
    assert db.session.scalars(select(UnmatchedNeed)).one().need_id == late.id


def test_a_new_need_that_fails_is_not_tried_for_ever(cast: Cast) -> None:
    cast.region.settings = {"no_such_setting": 1}
    db.session.commit()
    assert [run.match_new_needs(), run.match_new_needs()] == [1, 0]


def test_a_need_changed_while_the_matcher_thought_is_new_still(cast: Cast) -> None:
    thought = run.solve(run.read(cast.region))
    cast.need.changed_at = clock.now()
    run.keep(cast.region, thought, RunScope.REGION)
    assert cast.need.matched_at is None
    db.session.commit()
    assert run.match_new_needs() == 1
    assert [p.origin for p in proposals(ProposalState.SUGGESTED)] == [Origin.NEW_NEED]
    assert [p.origin for p in proposals(ProposalState.SUPERSEDED)] == [Origin.RUN]


def test_after_all_alternates_said_no_the_same_offer_is_not_suggested_again(cast: Cast) -> None:
    run.match_new_needs()
    (suggested,) = proposals()
    service.release(suggested, by=cast.gea)
    service.decline(suggested, side="company", by=cast.dirk, reasons=["full"])
    db.session.commit()
    assert cast.need.matched_at is None
    assert run.match_new_needs() == 1
    assert [p.state for p in proposals()] == [ProposalState.DECLINED]
    assert db.session.scalars(select(Alternate)).all() == []


# ---- questions ----------------------------------------------------------------------------------
def answered(question: Question) -> Question:
    db.session.commit()
    assert run.answer_questions() >= 1
    db.session.commit()
    return question


def test_a_run_asked_for_on_a_page_is_run_by_the_jobs(cast: Cast) -> None:
    asked = questions.ask(QuestionKind.RUN, cast.region, by=cast.gea)
    assert questions.ask(QuestionKind.RUN, cast.region, by=cast.gea) is asked
    answered(asked)
    made = db.session.get_one(MatchRun, asked.answer["run"])
    assert (asked.state, made.state, made.started_by_id) == (
        RunState.DONE,
        RunState.DONE,
        cast.gea.id,
    )
    assert len(proposals(ProposalState.SUGGESTED)) == 1
    assert run.answer_questions() == 0


def test_advice_says_what_blocks_a_need(cast: Cast) -> None:
    crowd = make_need(cast.bram, cast.vakschool, group_size=900)
    asked = questions.ask(QuestionKind.ADVICE, cast.region, by=cast.bram, need=crowd)
    answered(asked)
    assert asked.state == RunState.DONE
    (advice,) = asked.answer["unmatched"]
    assert {blocker["rule"] for blocker in advice["blockers"]} >= {"group"}
    assert proposals() == []


def test_a_swap_price_says_what_the_region_loses_and_whose_proposal_changes(cast: Cast) -> None:
    poor = make_offer(
        cast.printlab,
        title="Solderen",
        description="Solderen van printplaten.",
        subjects=["techniek"],
        levels=["vmbo-b"],
        professionals=[cast.els_professional],
    )
    make_slot(cast.els_professional, in_days(30, 10))
    cast.region.settings = {"text_floor": 0.0, "level_floor": 0.0, "small_company_share": 0.0}
    asked = questions.ask(
        QuestionKind.SWAP_PRICE,
        cast.region,
        by=cast.gea,
        need=cast.need,
        details={"offer": poor.id},
    )
    answered(asked)
    assert (asked.state, asked.error) == (RunState.DONE, "")
    assert asked.answer["possible"]
    (moved,) = asked.answer["moved"]
    held = {when: [visit["offer"] for visit in moved[when]] for when in ("before", "after")}
    assert (moved["need"], held) == (
        cast.need.id,
        {"before": [cast.lecture.id], "after": [poor.id]},
    )
    assert 0 < asked.answer["price"] < 1
    assert asked.answer["price"] == pytest.approx(-moved["gain"], abs=1e-5)
    assert proposals() == []


def test_a_what_if_gives_both_figures_and_changes_nothing(cast: Cast) -> None:
    asked = questions.ask(
        QuestionKind.WHAT_IF, cast.region, by=cast.gea, details={"lead_days": 365}
    )
    answered(asked)
    assert (asked.answer["now"]["matched"], asked.answer["then"]["matched"]) == (1, 0)
    assert proposals() == []


def test_a_question_that_cannot_be_answered_leaves_the_others_alone(cast: Cast) -> None:
    bad = questions.ask(
        QuestionKind.WHAT_IF, cast.region, by=cast.gea, details={"no_such_setting": 1}
    )
    good = questions.ask(QuestionKind.RUN, cast.region, by=cast.gea)
    answered(good)
    assert (bad.state, good.state) == (RunState.FAILED, RunState.DONE)
    assert "no_such_setting" in bad.error
    assert good.asked_at <= clock.now()
