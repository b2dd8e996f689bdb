"""What the answers say: counted, worked out by the jobs process, used and undone by people."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flask.testing import FlaskClient

from matcher import clock
from matcher.coordination import learning
from matcher.coordination.forms import USUAL
from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.matching.settings import DEFAULT_WEIGHTS
from matcher.models.journal import JournalEntry
from matcher.models.learnt import LearntWeights
from matcher.models.moves import ProposalState, Side
from matcher.models.proposal import Origin, Proposal, ProposalMove
from matcher.models.run import Question, QuestionKind, RunState
from matcher.proposals import heard, run
from matcher.proposals import weighing as weights
from tests.cast import Cast, make_need
from tests.proposals import scenes
from tests.proposals.test_inputs import counted


def proposal(cast: Cast, values: dict[str, float], **more: Any) -> Proposal:
    reasons = [
        {"part": part, "value": values.get(part, 0.5), "weight": weight, "points": 0, "facts": {}}
        for part, weight in DEFAULT_WEIGHTS.items()
    ]
    made = Proposal(
        need=cast.need,
        offer=cast.lecture,
        region=cast.region,
        reasons=reasons,
        score=0.5,
        weak_point="time",
        **({"origin": Origin.RUN} | more),
    )
    made.answer_by = clock.now()
    db.session.add(made)
    return made


def says(of: Proposal, name: str, *reasons: str, side: Side | None = None) -> None:
    of.moves.append(
        ProposalMove(
            name=name,
            source=ProposalState.ASKED,
            target=ProposalState.DECLINED,
            side=side or (Side.SCHOOL if name.startswith("school") else Side.COMPANY),
            reasons=list(reasons),
            at=clock.now(),
        )
    )


def answered(cast: Cast, number: int, matters: str = "distance") -> None:
    """Answers in which one part decides, about a need for every three."""
    chance = random.Random(2)
    for n in range(number):
        if n % 3 == 0:
            cast.need = make_need(cast.anna, cast.lorentz)
        values = {part: chance.random() for part in DEFAULT_WEIGHTS}
        made = proposal(cast, values)
        yes = chance.random() < 0.1 + 0.8 * (values[matters] > 0.5)
        says(made, "school_accept" if yes else "school_decline", *([] if yes else ["other"]))
    db.session.commit()


def worked_out(cast: Cast) -> Question:
    question = learning.ask(cast.region, by=cast.gea)
    db.session.commit()
    assert run.answer_questions() == 1
    db.session.commit()
    return question


# ---- what counts --------------------------------------------------------------------------------
def test_each_sides_last_word_counts_by_what_it_names(any_cast: Cast) -> None:
    cast = any_cast
    first, second, third, invited = (
        proposal(cast, {}, origin=origin)
        for origin in (Origin.RUN, Origin.NEW_NEED, Origin.ALTERNATE, Origin.INVITATION)
    )
    says(first, "school_accept")
    says(first, "company_decline", "distance", "full")
    says(second, "school_accept")
    says(second, "school_decline", "illness")
    says(second, "company_accept")
    says(third, "school_decline", "topic", "date")
    says(third, "company_confirm", side=Side.SYSTEM)
    says(invited, "company_decline", "other")
    db.session.commit()
    said = {(w.proposal_id, w.side): (w.yes, w.about, w.counts) for w in heard.words(cast.region)}
    assert said == {
        (first.id, Side.SCHOOL): (True, None, True),
        (first.id, Side.COMPANY): (False, frozenset({"distance"}), True),
        (second.id, Side.SCHOOL): (False, None, False),
        (second.id, Side.COMPANY): (True, None, True),
        (third.id, Side.SCHOOL): (False, frozenset({"text", "subject", "time"}), True),
    }
    tally = heard.tally(heard.words(cast.region))
    assert (tally.yes, tally.no, tally.left_out) == (2, 2, 1)
    assert tally.reasons == {"date": 1, "distance": 1, "full": 1, "illness": 1, "topic": 1}
    assert heard.words(cast.other_region) == []
    first.weak_point = ""  # as one that was brought in from elsewhere, without any parts
    db.session.flush()
    assert {word.proposal_id for word in heard.words(cast.region)} == {second.id, third.id}


@pytest.mark.parametrize("reason", ["full", "known", "illness", "group"])
def test_a_no_that_is_not_about_the_match_does_not_count(cast: Cast, reason: str) -> None:
    made = proposal(cast, {})
    says(made, "company_decline", reason, "other")
    db.session.commit()
    assert heard.tally(heard.words(cast.region)).counted == 0


def test_what_the_matcher_stores_is_what_learning_reads(cast: Cast) -> None:
    """A real run's proposal holds the value of every part."""
    run.run_region(cast.region)
    made = db.session.query(Proposal).one()
    assert {r["part"] for r in made.reasons} == set(DEFAULT_WEIGHTS)
    assert all(0 <= r["value"] <= 1 for r in made.reasons)


# ---- worked out ---------------------------------------------------------------------------------
def test_what_decided_the_answers_counts_more_and_nothing_happens_by_itself(
    any_cast: Cast,
) -> None:
    cast = any_cast
    answered(cast, 240)
    found = worked_out(cast).answer
    assert found["by_hand"] == found["now"] == DEFAULT_WEIGHTS
    assert found["then"]["distance"] > 1.2 * DEFAULT_WEIGHTS["distance"]
    assert found["then"]["text"] < DEFAULT_WEIGHTS["text"]
    assert sum(found["then"].values()) == pytest.approx(sum(DEFAULT_WEIGHTS.values()), abs=1e-3)
    assert found["loss_after"] < found["loss_before"]
    assert found["is_better"]
    assert (found["answers"], found["needs"]) == (240, 80)
    assert (cast.region.settings, db.session.query(LearntWeights).count()) == ({}, 0)


def test_suggestions_that_another_offer_would_overtake_are_counted(cast: Cast) -> None:
    answered(cast, 240)
    near = {"text": 0.5, "distance": 1.0}
    far = {"text": 0.56, "distance": 0.6}
    cast.need = make_need(cast.bram, cast.vakschool)
    last = scenes.alternate(cast.need, cast.lecture, None)
    last.reasons = proposal(cast, near).reasons
    proposal(cast, far, run_id=last.run_id)
    db.session.commit()
    found = worked_out(cast).answer
    assert (found["suggestions"], found["overtaken"]) == (1, 1)


def test_using_writes_the_settings_and_undoing_brings_the_old_back(any_cast: Cast) -> None:
    cast = any_cast
    mine = dict.fromkeys(DEFAULT_WEIGHTS, 0.1)
    cast.region.settings = {"weights": mine, "text_floor": 0.1}
    answered(cast, 240)
    question = worked_out(cast)
    learning.use(question, cast.region, by=cast.gea)
    db.session.commit()
    then = question.answer["then"]
    assert cast.region.settings == {"weights": then, "text_floor": 0.1}
    used = weights.in_use(cast.region)
    assert used is not None
    assert (used.used_by_id, used.before, used.by_hand) == (cast.gea.id, mine, mine)
    entry = db.session.query(JournalEntry).filter_by(deed="settings").one()
    assert (entry.by_id, entry.changes["settings"][1]["weights"]) == (cast.gea.id, then)
    with pytest.raises(WrongState):  # it is used already: what it began with stands no more
        learning.use(question, cast.region, by=cast.gea)
    learning.undo(cast.region, by=cast.gea)
    db.session.commit()
    assert cast.region.settings == {"weights": mine, "text_floor": 0.1}
    assert (used.undone_by_id, weights.in_use(cast.region)) == (cast.gea.id, None)
    with pytest.raises(WrongState):
        learning.undo(cast.region, by=cast.gea)


def test_learning_again_does_not_drift(cast: Cast) -> None:
    answered(cast, 240)
    first = worked_out(cast)
    learning.use(first, cast.region, by=cast.gea)
    second = worked_out(cast)
    assert second.answer["by_hand"] == DEFAULT_WEIGHTS
    assert second.answer["then"] == second.answer["now"] == first.answer["then"]
    with pytest.raises(Invalid):  # nothing to change
        learning.use(second, cast.region, by=cast.gea)


def test_weights_saved_anew_in_hundredths_are_the_learnt_ones_still_and_others_are_not(
    cast: Cast,
) -> None:
    answered(cast, 240)
    question = worked_out(cast)
    learning.use(question, cast.region, by=cast.gea)
    rounded = {part: round(weight, 2) for part, weight in question.answer["then"].items()}
    cast.region.settings = {"weights": rounded}
    assert weights.by_hand(cast.region) == DEFAULT_WEIGHTS
    cast.region.settings = {"weights": rounded | {"text": 0.9}}
    assert weights.in_use(cast.region) is None
    assert weights.by_hand(cast.region) == rounded | {"text": 0.9}


# ---- refused ------------------------------------------------------------------------------------
def test_too_few_answers_are_told_kindly_and_how_many_are_lacking(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    cast.gea.language = "en"
    answered(cast, 9)
    sign_in(client, cast.gea)
    path = f"/coordination/regions/{cast.region.id}/learning"
    page = client.get(path).text
    assert "9 of the 200 answers are there." in page
    assert "Work it out" not in page
    assert client.post(path).status_code == 400
    assert db.session.query(Question).count() == 0
    with pytest.raises(Invalid):
        learning.ask(cast.region, by=cast.gea)


def test_from_how_many_answers_on_is_a_setting_of_the_region(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    answered(cast, 40)
    sign_in(client, cast.gea)
    path = f"/coordination/regions/{cast.region.id}/learning"
    for wrong in ("19", "1001", "x", ""):
        assert client.post(f"{path}/least", data={"least": wrong}).status_code == 422
    client.post(f"{path}/least", data={"least": "40"})
    assert cast.region.settings["learn_from"] == 40
    assert client.post(path).status_code == 303
    run.answer_questions()
    question = db.session.query(Question).one()
    assert (question.kind, question.state, question.answer["answers"]) == (
        QuestionKind.LEARN,
        RunState.DONE,
        40,
    )
    assert run.run_region(cast.region).error == ""  # the matcher knows the setting too


def test_what_would_not_do_better_or_has_been_overtaken_is_not_used(cast: Cast) -> None:
    answered(cast, 240)
    question = worked_out(cast)
    cast.region.settings = {"weights": {"text": 1.0}}
    with pytest.raises(WrongState):
        learning.use(question, cast.region, by=cast.gea)
    cast.region.settings = {}
    question.answer = question.answer | {"is_better": False}
    with pytest.raises(Invalid):
        learning.use(question, cast.region, by=cast.gea)
    question.state = RunState.WAITING
    with pytest.raises(WrongState):
        learning.use(question, cast.region, by=cast.gea)
    assert (cast.region.settings, db.session.query(LearntWeights).count()) == ({}, 0)


def test_another_regions_coordinator_may_do_none_of_it(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    answered(cast, 240)
    question = worked_out(cast)
    for deed in (
        lambda: learning.ask(cast.region, by=cast.hugo),
        lambda: learning.use(question, cast.region, by=cast.hugo),
        lambda: learning.undo(cast.region, by=cast.hugo),
        lambda: learning.set_least(cast.region, 50, by=cast.hugo),
    ):
        with pytest.raises(NotAllowed):
            deed()
    sign_in(client, cast.hugo)
    path = f"/coordination/regions/{cast.region.id}/learning"
    assert {client.get(p).status_code for p in (path, f"{path}/answer")} == {404}
    posts = (path, f"{path}/undo", f"{path}/least", f"/coordination/learning/{question.id}/use")
    assert {client.post(p, data={"least": "50"}).status_code for p in posts} == {404}
    assert cast.region.settings == {}


# ---- the page -----------------------------------------------------------------------------------
def test_the_page_asks_waits_shows_uses_and_undoes(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    cast.gea.language = "en"
    answered(cast, 240)
    sign_in(client, cast.gea)
    path = f"/coordination/regions/{cast.region.id}/learning"
    client.post(path)
    client.post(path)
    question = db.session.query(Question).one()
    assert f'hx-get="{path}/answer"' in client.get(path).text
    run.answer_questions()
    db.session.commit()
    told = client.get(f"{path}/answer").text
    assert "hx-get" not in told
    assert "240 answers to proposals for 80 requests" in told
    assert told.count("<tr>") == 1 + len(USUAL)
    client.post(f"/coordination/learning/{question.id}/use")
    assert cast.region.settings["weights"] == question.answer["then"]
    assert "Learnt weights are in use." in client.get(path).text
    client.post(f"{path}/undo")
    assert "Learnt weights are in use." not in client.get(path).text
    assert cast.region.settings["weights"] == {}


def test_the_page_costs_the_same_for_few_and_for_many_answers(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)
    path = f"/coordination/regions/{cast.region.id}/learning"

    def cost() -> int:
        db.session.commit()
        db.session.expunge_all()
        with counted() as told:
            assert client.get(path).status_code == 200
        return len(told)

    answered(cast, 1)
    one = cost()
    for name in vars(cast):
        setattr(cast, name, db.session.merge(getattr(cast, name)))
    answered(cast, 9)
    assert cost() == one
