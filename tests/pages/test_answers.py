"""Answering on the proposal's page: yes to what was seen, no with reasons, another time."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from matcher.extensions import db
from matcher.models.moves import ProposalState, Side
from matcher.models.proposal import Proposal
from matcher.proposals import service
from tests.cast import Cast, in_days, make_slot
from tests.proposals.scenes import another_need, ask


@pytest.fixture
def asked(cast: Cast) -> Proposal:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    return proposal


def post(client: FlaskClient, proposal: Proposal, deed: str, **data: object) -> int:
    return client.post(f"/proposals/{proposal.id}/{deed}", data=data).status_code


def state(proposal: Proposal) -> ProposalState:
    db.session.expire_all()
    return proposal.state


def test_two_clicks_on_yes_are_one_yes(
    asked: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.anna)
    assert [post(client, asked, "accept") for _click in range(2)] == [303, 303]
    assert state(asked) == ProposalState.SCHOOL_YES
    sign_in(client, cast.dirk)
    answers = [client.post(f"/proposals/{asked.id}/accept").location for _click in range(2)]
    assert answers == [f"/visits/{asked.id}"] * 2
    assert [move.name for move in asked.moves] == ["release", "school_accept", "company_confirm"]


def test_a_yes_is_to_the_time_that_stood_on_the_page(
    asked: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    assert asked.starts_at is not None
    seen = asked.starts_at.isoformat()
    later = make_slot(cast.dirk_professional, in_days(30, 12))
    service.offer_other_time(asked, later, side=Side.COMPANY, by=cast.dirk)
    db.session.commit()
    sign_in(client, cast.anna)
    assert post(client, asked, "accept", seen=seen) == 409
    assert state(asked) == ProposalState.COMPANY_YES
    assert post(client, asked, "accept", seen=asked.starts_at.isoformat()) == 303
    assert state(asked) == ProposalState.CONFIRMED


def test_a_no_needs_known_reasons(
    asked: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.dirk)
    assert post(client, asked, "decline") == 422
    assert post(client, asked, "decline", reasons=["date", "no such"]) == 422
    assert state(asked) == ProposalState.ASKED
    assert post(client, asked, "decline", reasons=["date", "level"], note="Later graag") == 303
    move = asked.moves[-1]
    assert (state(asked), move.reasons, move.note) == (
        ProposalState.DECLINED,
        ["date", "level"],
        "Later graag",
    )
    assert post(client, asked, "decline", reasons=["date"]) == 409
    assert post(client, asked, "accept") == 409


def test_only_times_that_suit_both_can_be_offered(
    asked: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    suits = make_slot(cast.dirk_professional, in_days(30, 12))
    outside = make_slot(cast.dirk_professional, in_days(60, 12))
    others = make_slot(cast.els_professional, in_days(30, 12))
    db.session.commit()
    sign_in(client, cast.anna)
    for wrong in (outside.id, others.id, "9" * 400, "", "x"):
        assert post(client, asked, "other-time", slot=str(wrong)) == 422
    assert asked.slot_id == cast.slot.id
    assert post(client, asked, "other-time", slot=str(suits.id)) == 303
    assert (state(asked), asked.slot_id) == (ProposalState.SCHOOL_YES, suits.id)


@pytest.mark.parametrize("who", ["bram", "els", "farid", "hugo"])
@pytest.mark.parametrize("deed", ["accept", "decline", "other-time", "withdraw"])
def test_strangers_answer_nothing(
    asked: Proposal, cast: Cast, client: FlaskClient, sign_in, who: str, deed: str
) -> None:
    sign_in(client, getattr(cast, who))
    assert post(client, asked, deed, side="school", reasons=["date"]) == 404
    assert state(asked) == ProposalState.ASKED


def test_nobody_answers_for_the_other_side(
    asked: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.anna)
    assert post(client, asked, "accept", side="company") == 303
    assert state(asked) == ProposalState.SCHOOL_YES  # taken as her own side's answer
    assert asked.moves[-1].side == Side.SCHOOL


def test_the_companys_list_is_by_urgency(
    asked: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    slot = make_slot(cast.dirk_professional, in_days(30, 12))
    urgent = ask(cast, another_need(cast, title="Dringende vraag"), cast.lecture, slot)
    assert asked.answer_by is not None
    urgent.answer_by = asked.answer_by.replace(microsecond=0) - (asked.answer_by - in_days(1)) / 2
    db.session.commit()
    assert urgent.answer_by < asked.answer_by
    sign_in(client, cast.dirk)
    page = client.get("/proposals").get_data(as_text=True)
    first, second = page.index("Dringende vraag"), page.index(asked.need.title)
    assert first < second


@pytest.mark.parametrize("who", ["anna", "dirk", "gea"])
def test_no_page_names_two_things_alike(
    asked: Proposal, cast: Cast, client: FlaskClient, sign_in, who: str
) -> None:
    make_slot(cast.dirk_professional, in_days(30, 12))
    db.session.commit()
    sign_in(client, getattr(cast, who))
    names = re.findall(r'\bid="([^"]+)"', client.get(f"/proposals/{asked.id}").text)
    assert sorted(names) == sorted(set(names))
    assert {"slot", "time_note", "note"} <= set(names)


def test_a_yes_is_taken_back_with_a_reason_or_another_time_is_asked(
    asked: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    later = make_slot(cast.dirk_professional, in_days(30, 12))
    db.session.commit()
    sign_in(client, cast.anna)
    post(client, asked, "accept")
    page = client.get(f"/proposals/{asked.id}").text
    assert f'action="/proposals/{asked.id}/withdraw"' in page
    assert f'action="/proposals/{asked.id}/decline"' not in page
    assert post(client, asked, "other-time", slot=str(later.id)) == 303
    assert (state(asked), asked.slot_id) == (ProposalState.SCHOOL_YES, later.id)
    assert post(client, asked, "withdraw") == 422
    assert post(client, asked, "withdraw", reasons=["known"], note="Al geregeld") == 303
    move = asked.moves[-1]
    assert (state(asked), move.reasons, move.note) == (
        ProposalState.WITHDRAWN,
        ["known"],
        "Al geregeld",
    )
