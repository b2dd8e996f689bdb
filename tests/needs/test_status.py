"""How a request stands, told in plain words: whose turn, until when, what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for
from flask.testing import FlaskClient

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import Side
from matcher.models.need import Need, NeedState
from matcher.models.offer import OfferKind
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.needs import queries, service
from matcher.needs.status import Action, Status, Turn, status_of
from matcher.proposals import seats
from matcher.proposals import service as proposals
from tests.cast import Cast, add, in_days, make_need, make_offer
from tests.offers.test_catalogue import counted_queries
from tests.proposals.scenes import another_need, ask, at, confirm, suggest


def status(need: Need) -> Status:
    live = queries.live_proposals([need])[need.id]
    return status_of(need, live, queries.suggested_counts([need]).get(need.id, 0))


def told(need: Need) -> tuple[Turn, int, Action, Proposal | None]:
    now = status(need)
    return now.turn, now.stage, now.action, now.proposal


def test_from_draft_to_visit(cast: Cast) -> None:
    need = make_need(cast.anna, cast.lorentz, state=NeedState.DRAFT, published_at=None)
    assert told(need) == (Turn.YOU, 0, Action.FINISH, None)
    service.publish(need, by=cast.anna)
    assert told(need) == (Turn.SERVICE, 1, Action.NONE, None)
    need.matched_at = clock.now()
    assert told(need) == (Turn.SERVICE, 1, Action.NONE, None)
    proposal = suggest(need, cast.lecture, cast.slot)
    assert told(need) == (Turn.COORDINATOR, 2, Action.NONE, None)
    proposals.release(proposal, by=cast.gea)
    assert told(need) == (Turn.YOU, 3, Action.ANSWER, proposal)
    assert status(need).until == proposal.answer_by
    proposals.accept(proposal, side=Side.SCHOOL, by=cast.anna)
    assert told(need) == (Turn.COMPANY, 3, Action.NONE, proposal)
    proposals.accept(proposal, side=Side.COMPANY, by=cast.dirk)
    assert told(need) == (Turn.YOU, 4, Action.VISIT, proposal)
    assert proposal.ends_at is not None
    with at(proposal.ends_at + timedelta(hours=1)):
        proposals.deliver(proposal, side=Side.SCHOOL, by=cast.anna)
        assert told(need) == (Turn.NOBODY, 4, Action.REUSE, None)


def test_the_most_urgent_answer_is_told_first(cast: Cast) -> None:
    cast.need.visits_wanted = 2
    later = ask(cast, cast.need, cast.lecture, cast.slot)
    assert later.answer_by is not None
    sooner = suggest(cast.need, cast.lecture, None)
    proposals.release(sooner, by=cast.gea)
    sooner.answer_by = later.answer_by - timedelta(days=2)
    assert status(cast.need).proposal == sooner
    assert "2" in status(cast.need).headline


def test_some_visits_agreed_and_more_wanted(cast: Cast) -> None:
    cast.need.visits_wanted = 2
    cast.need.matched_at = clock.now()
    confirm(cast, cast.need, cast.lecture, cast.slot)
    assert (told(cast.need)[0], told(cast.need)[1]) == (Turn.SERVICE, 3)


@pytest.mark.parametrize("state", [NeedState.WITHDRAWN, NeedState.CLOSED])
def test_what_has_ended_can_be_used_again(cast: Cast, state: NeedState) -> None:
    cast.need.state = state
    assert told(cast.need) == (Turn.NOBODY, 0, Action.REUSE, None)


@pytest.fixture
def anna(cast: Cast, client: FlaskClient, sign_in) -> FlaskClient:
    cast.anna.language = "en"
    db.session.commit()
    return sign_in(client, cast.anna)


def test_the_page_says_what_to_do_and_what_came_to_nothing(cast: Cast, anna: FlaskClient) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    page = anna.get(f"/needs/{cast.need.id}").text
    assert "It is your turn." in page
    assert "Answer Windwerk before" in page
    assert f'href="/proposals/{proposal.id}#no"' in page
    proposals.decline(proposal, side=Side.COMPANY, by=cast.dirk, reasons=["date"])
    db.session.commit()
    page = anna.get(f"/needs/{cast.need.id}").text
    assert "We are looking now." in page
    assert "What came to nothing" in page
    assert "The day or time does not suit" not in page  # the company's reasons are its own


def test_the_page_costs_the_same_for_one_proposal_and_for_three(
    cast: Cast, anna: FlaskClient
) -> None:
    costs = []
    cast.need.visits_wanted = 5
    for _round in range(2):
        for _proposal in range(2):
            lost = ask(cast, cast.need, cast.lecture, None)
            proposals.decline(lost, side=Side.COMPANY, by=cast.carla, reasons=["date"])
            ask(cast, cast.need, cast.lecture, None)
        db.session.commit()
        with counted_queries() as seen:
            anna.get(f"/needs/{cast.need.id}")
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_the_list_tells_each_state_at_a_constant_cost(cast: Cast, anna: FlaskClient) -> None:
    costs = []
    for number in range(3):
        need = make_need(cast.anna, cast.lorentz, title=f"Vraag {number}", matched_at=clock.now())
        suggest(need, cast.lecture, cast.slot)
        db.session.commit()
        with counted_queries() as seen:
            page = anna.get("/needs").text
        costs.append(len(seen))
    assert page.count("We found something that fits.") == 3
    assert costs[0] == costs[1] == costs[2]
    assert another_need(cast).title not in anna.get("/needs").text


def test_a_class_in_line_reads_its_place_on_the_requests_page(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    webinar = make_offer(cast.windwerk, OfferKind.WEBINAR, max_group=None, ask_first=False)
    date = add(Slot(offer_id=webinar.id, starts_at=in_days(40, 9), ends_at=in_days(40, 10)))
    proposals.invite(make_need(cast.anna, cast.lorentz), webinar, date, by=cast.anna)
    seats.wait(another_need(cast), date, by=cast.bram)
    place = seats.wait(cast.need, date, by=cast.anna)
    db.session.commit()
    sign_in(client, cast.anna)
    words = "Nummer 2 op de wachtlijst"
    page = client.get(f"/needs/{cast.need.id}").text
    with client.application.test_request_context():
        there = url_for("webinars.show_date", date_id=date.id)
    assert (words in page, f'href="{there}"' in page) == (True, True)
    seats.leave(place, by=cast.anna)
    db.session.commit()
    assert "op de wachtlijst" not in client.get(f"/needs/{cast.need.id}").text
