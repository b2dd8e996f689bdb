"""Another offer for a need: asked of the jobs process, told with who changes, done or left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from matcher import clock
from matcher.coordination import swaps
from matcher.extensions import db
from matcher.models.moves import ProposalState
from matcher.models.need import Need, PlaceKind
from matcher.models.offer import Offer
from matcher.models.proposal import PairRule, Proposal
from matcher.models.run import Question, QuestionKind, RunState
from matcher.proposals import run
from matcher.proposals import service as proposals
from tests.cast import Cast, make_need, make_offer, make_slot
from tests.proposals.test_inputs import counted

PLAIN = {"small_company_share": 0.0, "unserved_school_share": 0.0, "text_floor": 0.0}


@pytest.fixture
def rival(cast: Cast) -> Need:
    """Bram's class, for which Dirk's one moment would do as well; Anna's has it."""
    cast.region.settings = PLAIN
    need = make_need(
        cast.bram, cast.lorentz, title="Energie op straat", goal="Stroom.", kinds=["lecture"]
    )
    run.run_region(cast.region)
    db.session.commit()
    assert [p.need_id for p in suggested()] == [cast.need.id]
    return need


def suggested() -> list[Proposal]:
    found = db.session.query(Proposal).order_by(Proposal.id)
    return [p for p in found if p.state == ProposalState.SUGGESTED]


def ask(client: FlaskClient, need: Need, offer: Offer) -> Question:
    answer = client.post("/coordination/swaps", data={"need": need.id, "offer": offer.id})
    question = db.session.query(Question).order_by(Question.id.desc()).first()
    assert question is not None
    assert answer.location == f"/coordination/swaps/{question.id}"
    return question


def worked_out(client: FlaskClient, need: Need, offer: Offer) -> Question:
    question = ask(client, need, offer)
    assert run.answer_questions() == 1
    db.session.commit()
    return question


def test_the_page_asks_waits_and_fills(
    cast: Cast, client: FlaskClient, sign_in, rival: Need
) -> None:
    cast.gea.language = "en"
    sign_in(client, cast.gea)
    question = ask(client, rival, cast.lecture)
    waiting = client.get(f"/coordination/swaps/{question.id}").text
    assert f'hx-get="/coordination/swaps/{question.id}/answer"' in waiting
    assert "Load it again" in waiting
    run.answer_questions()
    db.session.commit()
    told = client.get(f"/coordination/swaps/{question.id}/answer").text
    assert "hx-get" not in told
    assert "It costs the others" in told
    assert "1 other request changes." in told
    assert "1 of them goes without." in told
    assert cast.need.title in told


def test_the_sums_are_those_of_the_lines(
    cast: Cast, client: FlaskClient, sign_in, rival: Need
) -> None:
    sign_in(client, cast.gea)
    price = swaps.price_of(worked_out(client, rival, cast.lecture))
    assert price.own is not None
    assert (price.own.need, [line.need for line in price.others]) == (rival, [cast.need])
    assert [visit.offer for visit in price.own.after] == [cast.lecture]
    assert price.others[0].loses_all
    assert price.total_gain == pytest.approx(price.own.gain + price.others_gain, abs=1e-3)
    assert price.others_loss == pytest.approx(100 * suggested()[0].score, abs=0.01)
    assert (price.possible, price.against, price.is_old) == (True, [], False)


def test_nothing_changes_until_it_is_done_and_then_as_told(
    cast: Cast, client: FlaskClient, sign_in, rival: Need
) -> None:
    sign_in(client, cast.gea)
    question = worked_out(client, rival, cast.lecture)
    assert [p.need_id for p in suggested()] == [cast.need.id]
    path = f"/coordination/swaps/{question.id}/pin"
    assert client.post(path, data={"reason": " "}).status_code == 400
    assert db.session.query(PairRule).count() == 0
    client.post(path, data={"reason": "Al beloofd."})
    rule = db.session.query(PairRule).one()
    assert (rule.kind, rule.need_id, rule.offer_id, rule.reason) == (
        "pin",
        rival.id,
        cast.lecture.id,
        "Al beloofd.",
    )
    assert run.answer_questions() == 1  # the region is matched anew by itself
    db.session.commit()
    assert [(p.need_id, p.offer_id) for p in suggested()] == [(rival.id, cast.lecture.id)]


def test_an_answer_that_is_old_says_so(
    cast: Cast, client: FlaskClient, sign_in, rival: Need
) -> None:
    sign_in(client, cast.gea)
    question = worked_out(client, rival, cast.lecture)
    run.run_region(cast.region)
    assert swaps.price_of(question).is_old
    question.asked_at = clock.now()
    assert not swaps.price_of(question).is_old
    question.asked_at = clock.now() - timedelta(hours=2)
    assert swaps.price_of(question).is_old


def test_what_cannot_be_had_is_told_with_what_stands_between(
    cast: Cast, client: FlaskClient, sign_in, rival: Need
) -> None:
    cast.gea.language = "en"
    late = make_offer(cast.printlab, place=PlaceKind.ONLINE, professionals=[cast.els_professional])
    far = cast.need.windows[0].ends_at + timedelta(days=1)
    make_slot(cast.els_professional, far)
    rival.place = PlaceKind.ONSITE
    db.session.commit()
    sign_in(client, cast.gea)
    question = worked_out(client, rival, late)
    page = client.get(f"/coordination/swaps/{question.id}").text
    assert "This offer cannot be had for this request." in page
    assert "no free moment on these days; only online, or only on site" in page
    assert "/pin" not in page


def test_a_need_served_meanwhile_is_told(
    cast: Cast, client: FlaskClient, sign_in, rival: Need
) -> None:
    proposals.end_need(rival, by=cast.bram)
    rival.state = "withdrawn"
    db.session.commit()
    sign_in(client, cast.gea)
    question = worked_out(client, rival, cast.lecture)
    assert question.state == RunState.FAILED
    assert "lb-alert--error" in client.get(f"/coordination/swaps/{question.id}").text


def test_only_the_regions_coordinator_asks_and_reads(
    cast: Cast, client: FlaskClient, sign_in, rival: Need
) -> None:
    sign_in(client, cast.gea)
    question = worked_out(client, rival, cast.lecture)
    other = Question(
        kind=QuestionKind.RUN, region_id=cast.region.id, asked_by_id=cast.gea.id, answer={}
    )
    db.session.add(other)
    db.session.commit()
    assert client.get(f"/coordination/swaps/{other.id}").status_code == 404
    sign_in(client, cast.hugo)
    pair = {"need": rival.id, "offer": cast.lecture.id}
    path = f"/coordination/swaps/{question.id}"
    found = [client.get(path), client.get(f"{path}/answer"), client.post(f"{path}/pin")]
    found.append(client.post("/coordination/swaps", data=pair))
    assert [answer.status_code for answer in found] == [404] * 4
    assert db.session.query(PairRule).count() == 0


def test_the_page_costs_the_same_for_one_and_for_three_who_change(
    cast: Cast, client: FlaskClient, sign_in, rival: Need
) -> None:
    sign_in(client, cast.gea)
    question = worked_out(client, rival, cast.lecture)
    more = [make_need(cast.bram, cast.lorentz, title=f"Nog een {n}") for n in range(2)]
    costs = []
    for extra in ([], more):
        rows = [{"need": need.id, "gain": 0, "before": [], "after": []} for need in extra]
        question.answer = question.answer | {"moved": question.answer["moved"] + rows}
        db.session.commit()
        db.session.expire_all()
        with counted() as told:
            assert client.get(f"/coordination/swaps/{question.id}").status_code == 200
        costs.append(len(told))
    assert costs[0] == costs[1]
