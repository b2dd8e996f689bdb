"""Sliders to an answer: as a dry run with those settings would say, stored only when used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from matcher import clock
from matcher.coordination import service, sliders, what_if
from matcher.extensions import db
from matcher.matching.settings import Settings
from matcher.models.journal import JournalEntry
from matcher.models.moves import ProposalState
from matcher.models.proposal import Proposal
from matcher.models.run import MatchRun, Question, RunState
from matcher.proposals import run
from matcher.proposals import what_if as computed
from tests.cast import BREDA, Cast, in_days, make_need, make_offer, make_slot
from tests.proposals.scenes import at
from tests.proposals.test_inputs import counted

FAR = {"weights": {"distance": 1.0, "text": 0.0}}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    computed.benches.forget()
    yield
    computed.benches.forget()


@pytest.fixture
def market(any_cast: Cast) -> Cast:
    """Three classes; Printlab in Breda off the topic, but next door to one of them."""
    cast = any_cast
    cast.region.settings = {"text_floor": 0.0, "small_company_share": 0.0}
    cast.printlab.latitude, cast.printlab.longitude = BREDA
    cast.els_professional.latitude, cast.els_professional.longitude = BREDA
    cast.els_professional.radius_km = 200
    make_offer(cast.printlab, title="Printen", professionals=[cast.els_professional])
    make_slot(cast.els_professional, in_days(30, 9))
    make_slot(cast.dirk_professional, in_days(30, 13))
    make_need(cast.bram, cast.vakschool, kinds=["lecture"])
    make_need(cast.anna, cast.lorentz, title="Printen in de klas", kinds=["lecture"])
    run.run_region(cast.region)
    db.session.commit()
    return cast


def answered(cast: Cast, settings: dict[str, Any]) -> Question:
    question = service.ask_what_if(cast.region, settings, by=cast.gea)
    db.session.commit()
    assert run.answer_questions() == 1
    db.session.commit()
    return question


def dry_run(cast: Cast, settings: dict[str, Any]) -> dict[str, Any]:
    """Figures of a whole run with these settings; nothing of it stays."""
    own = cast.region.settings
    merged = dict(own) | settings
    cast.region.settings = merged
    db.session.flush()
    figures = run.dry_run(cast.region)
    db.session.rollback()
    return figures


@pytest.mark.parametrize(
    "settings", [{}, FAR, {"school_bonus": 0.0, "load_cost": 0.0, "reserve_price": 0.0}]
)
def test_the_answer_is_that_of_a_whole_dry_run(market: Cast, settings: dict[str, Any]) -> None:
    expected = dry_run(market, settings)
    answer = answered(market, settings).answer
    for name in ("seconds", "unmatched_by_blocker", "texts"):
        expected.pop(name, None)
    assert answer["then"] == {name: expected[name] for name in answer["then"]}
    assert set(answer["then"]) >= {"gini", "small_company_share", "matched", "price_of_fairness"}


def test_who_would_change_is_told_and_nothing_is_stored(market: Cast) -> None:
    before = [(p.id, p.state) for p in db.session.query(Proposal).order_by(Proposal.id)]
    runs = db.session.scalar(select(func.count()).select_from(MatchRun))
    told = what_if.what_if_of(answered(market, FAR))
    assert told.changed.counts["moved"] + told.changed.counts["new"] > 0
    assert not told.is_same
    assert [(p.id, p.state) for p in db.session.query(Proposal).order_by(Proposal.id)] == before
    assert db.session.scalar(select(func.count()).select_from(MatchRun)) == runs
    assert db.session.query(JournalEntry).filter_by(deed="settings").count() == 0
    same = what_if.what_if_of(answered(market, {}))
    assert (same.is_same, {figure.tone for figure in same.figures}) == (True, {"neutral"})


def test_the_second_question_reads_nothing_and_a_run_makes_it_read_again(market: Cast) -> None:
    asked = [answered(market, settings).answer["kept"] for settings in ({}, FAR)]
    run.run_region(market.region)
    db.session.commit()
    asked.append(answered(market, FAR).answer["kept"])
    market.region.settings = {"text_floor": 0.1}
    db.session.commit()
    asked.append(answered(market, FAR).answer["kept"])
    with at(clock.now() + computed.GOOD_FOR + timedelta(seconds=1)):
        asked.append(answered(market, FAR).answer["kept"])
    assert asked == [False, True, False, False, False]


def test_used_it_is_set_with_its_history_and_the_region_is_matched(
    market: Cast, client: FlaskClient, sign_in
) -> None:
    question = answered(market, FAR)
    expected = question.answer["then"]["matched"]
    sign_in(client, market.hugo)
    assert client.post(f"/coordination/what-if/{question.id}/use").status_code == 404
    sign_in(client, market.gea)
    client.post(f"/coordination/what-if/{question.id}/use")
    db.session.expire_all()
    assert market.region.settings["weights"] == FAR["weights"]
    assert market.region.settings["text_floor"] == 0.0
    entry = db.session.query(JournalEntry).filter_by(deed="settings").one()
    assert entry.by_id == market.gea.id
    assert run.answer_questions() == 1
    db.session.commit()
    suggested = [p for p in db.session.query(Proposal) if p.state == ProposalState.SUGGESTED]
    assert len({p.need_id for p in suggested}) == expected


@pytest.fixture
def client(any_app) -> FlaskClient:
    return any_app.test_client()


def test_the_page_asks_only_for_what_was_moved_waits_and_fills(
    market: Cast, client: FlaskClient, sign_in
) -> None:
    market.gea.language = "nl"
    db.session.commit()
    sign_in(client, market.gea)
    dutch = answered(market, FAR)
    assert "Hetzelfde" in client.get(f"/coordination/what-if/{dutch.id}").text
    market.gea.language = "en"
    db.session.commit()
    assert "Hetzelfde" not in client.get(f"/coordination/what-if/{dutch.id}").text
    path = f"/coordination/regions/{market.region.id}/what-if"
    assert "Move a slider." in client.get(path).text
    stands = {name: str(value) for name, value in sliders.standing(market.region).items()}
    refused = client.post(path, data=stands | {"distance": "101"})
    assert (refused.status_code, "from 0 to 100" in refused.text) == (422, True)
    assert 'value="101"' in refused.text
    answer = client.post(path, data=stands | {"distance": "90", "fairness": "0"})
    question = db.session.query(Question).order_by(Question.id.desc()).first()
    assert question is not None
    assert answer.location == f"/coordination/what-if/{question.id}"
    assert question.details == {
        "weights": {"distance": 0.9},
        "first_visit_bonus": 0.0,
        "school_bonus": 0.0,
        "load_cost": 0.0,
        "reserve_price": 0.0,
    }
    page = client.get(answer.location).text
    assert f'hx-get="/coordination/what-if/{question.id}/answer"' in page
    assert 'name="distance" value="90"' in page
    assert 'name="fairness" value="0"' in page
    db.session.commit()
    run.answer_questions()
    db.session.commit()
    part = client.get(f"/coordination/what-if/{question.id}/answer").text
    assert ("hx-get" in part, "Use this" in part, "<html" in part) == (False, True, False)


def test_a_request_of_the_script_gets_the_answers_part_alone(
    market: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, market.gea)
    path = f"/coordination/regions/{market.region.id}/what-if"
    part = client.post(path, data={"text": "10"}, headers={"HX-Request": "true"})
    assert (part.status_code, "<html" in part.text, 'id="what-if"' in part.text) == (
        200,
        False,
        True,
    )
    assert db.session.query(Question).one().details == {"weights": {"text": 0.1}}


def test_a_page_of_a_question_costs_the_same_for_any_number_of_changes(
    market: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, market.gea)
    question = answered(market, FAR)
    line = {"before": [], "after": [{"offer": market.lecture.id, "start": None}]}
    needs = [row for (row,) in db.session.execute(select(Proposal.need_id).distinct())]
    costs = []
    for many in (1, 3):
        new = [{"need": need} | line for need in needs[:many]]
        changes = {"new": new, "moved": [], "dropped": [], "same": []}
        question.answer = question.answer | {"changes": changes}
        db.session.commit()
        db.session.expire_all()
        key = question.id
        db.session.commit()
        with counted() as told:
            assert client.get(f"/coordination/what-if/{key}").status_code == 200
        costs.append(len(told))
    assert costs[0] == costs[1]


def test_usual_fairness_is_the_matchers_own() -> None:
    usual = Settings()
    assert {name: getattr(usual, name) for name in sliders.USUAL_FAIRNESS} == sliders.USUAL_FAIRNESS


def test_what_cannot_be_worked_out_says_so(market: Cast, client: FlaskClient, sign_in) -> None:
    question = answered(market, {"weights": {"nonsense": 1.0}})
    assert question.state == RunState.FAILED
    sign_in(client, market.gea)
    assert "nonsense" in client.get(f"/coordination/what-if/{question.id}").text
