"""The coordinator's desk: only her own region; release one, some, all; settings with history."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from matcher.extensions import db
from matcher.models.journal import JournalEntry
from matcher.models.moves import ProposalState
from matcher.models.proposal import PairRule, Proposal
from matcher.models.run import Question, QuestionKind
from tests.cast import Cast, in_days, make_slot
from tests.proposals.scenes import another_need, ask, suggest
from tests.proposals.test_inputs import counted


def suggestions(cast: Cast, number: int) -> list[Proposal]:
    made = []
    for hour in range(number):
        need = another_need(cast, title=f"Vraag {hour}")
        slot = make_slot(cast.dirk_professional, in_days(60, 8 + hour))
        made.append(suggest(need, cast.lecture, slot))
    db.session.commit()
    return made


def states(proposals: list[Proposal]) -> list[ProposalState]:
    db.session.expire_all()
    return [proposal.state for proposal in proposals]


def test_the_chosen_are_released_and_the_others_wait(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    first, second, third = made = suggestions(cast, 3)
    sign_in(client, cast.gea)
    path = f"/coordination/regions/{cast.region.id}/release"
    client.post(path, data={"proposal": [first.id, third.id]})
    asked, waits = ProposalState.ASKED, ProposalState.SUGGESTED
    assert states(made) == [asked, waits, asked]
    client.post(path, data={})
    assert states(made) == [asked, waits, asked]
    client.post(path, data={"all": "1"})
    assert states(made) == [asked] * 3
    assert {move.by_id for p in (first, second) for move in p.moves} == {cast.gea.id}


def test_what_cannot_be_released_is_told_and_holds_up_nobody(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    made = suggestions(cast, 2)
    first = made[0]
    assert first.slot is not None
    first.slot.withdrawn_at = in_days(0)
    db.session.commit()
    sign_in(client, cast.gea)
    answer = client.post(
        f"/coordination/regions/{cast.region.id}/release",
        data={"all": "1"},
        follow_redirects=True,
    )
    assert states(made) == [ProposalState.SUGGESTED, ProposalState.ASKED]
    assert f"{first.need.title}: " in answer.get_data(as_text=True)


def test_another_regions_coordinator_finds_nothing(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    (proposal,) = suggestions(cast, 1)
    region = f"/coordination/regions/{cast.region.id}"
    pages = ["review", "unmatched", "settings", "proposals/waiting"]
    pair = {"need": proposal.need_id, "offer": proposal.offer_id, "rule": "forbid", "reason": "x"}
    deeds = [
        (f"{region}/release", {"all": "1"}),
        (f"{region}/runs", {}),
        (f"{region}/settings", {"answer_days": "3"}),
        ("/coordination/rules", pair),
        (f"/coordination/proposals/{proposal.id}/drop", {"reason": "x"}),
        (f"/proposals/{proposal.id}/accept", {"side": "school"}),
    ]
    sign_in(client, cast.hugo)
    assert {client.get(f"{region}/{page}").status_code for page in pages} == {404}
    assert {client.post(path, data=data).status_code for path, data in deeds} == {404}
    assert states([proposal]) == [ProposalState.SUGGESTED]
    assert db.session.query(Question).count() == db.session.query(PairRule).count() == 0
    assert cast.region.answer_days != 3


def test_asking_twice_for_a_run_asks_once(cast: Cast, client: FlaskClient, sign_in) -> None:
    sign_in(client, cast.gea)
    for _again in range(2):
        client.post(f"/coordination/regions/{cast.region.id}/runs")
    question = db.session.query(Question).one()
    assert (question.kind, question.region_id, question.asked_by_id) == (
        QuestionKind.RUN,
        cast.region.id,
        cast.gea.id,
    )


def test_a_pin_needs_a_reason_and_can_be_taken_back(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)
    pair = {"need": cast.need.id, "offer": cast.lecture.id}
    refused = client.post("/coordination/rules", data=pair | {"rule": "pin", "reason": " "})
    assert (refused.status_code, db.session.query(PairRule).count()) == (400, 0)
    client.post("/coordination/rules", data=pair | {"rule": "pin", "reason": "kennen elkaar"})
    rule = db.session.query(PairRule).one()
    assert (rule.kind, rule.reason, rule.by_id) == ("pin", "kennen elkaar", cast.gea.id)
    client.post("/coordination/rules", data=pair | {"rule": "none"})
    assert db.session.query(PairRule).count() == 0


@pytest.mark.parametrize("number", ["9" * 400, "-1", "", "x"])
def test_a_pair_that_is_no_number_is_not_found(
    cast: Cast, client: FlaskClient, sign_in, number: str
) -> None:
    sign_in(client, cast.gea)
    data = {"need": number, "offer": cast.lecture.id, "rule": "pin", "reason": "x"}
    assert client.post("/coordination/rules", data=data).status_code == 404


def test_a_dropped_suggestion_ends_with_its_reason(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    (proposal,) = suggestions(cast, 1)
    sign_in(client, cast.gea)
    client.post(f"/coordination/proposals/{proposal.id}/drop", data={"reason": "te ver"})
    assert states([proposal]) == [ProposalState.DECLINED]
    assert (proposal.moves[-1].note, proposal.moves[-1].by_id) == ("te ver", cast.gea.id)


def test_answering_for_who_phoned_is_written_down_as_such(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    sign_in(client, cast.gea)
    path = f"/proposals/{proposal.id}/accept"
    assert client.post(path, data={}).status_code == 400
    client.post(path, data={"side": "company"})
    assert states([proposal]) == [ProposalState.COMPANY_YES]
    move = proposal.moves[-1]
    assert (move.name, move.side, move.by_id) == ("company_accept", "coordinator", cast.gea.id)
    page = client.get(f"/proposals/{proposal.id}").get_data(as_text=True)
    assert re.findall(r'action="[^"]*/accept".*?name="side" value="(\w+)"', page, re.S) == [
        "school"
    ]


def test_settings_are_kept_with_who_changed_them(cast: Cast, client: FlaskClient, sign_in) -> None:
    from matcher.coordination.forms import USUAL

    sign_in(client, cast.gea)
    path = f"/coordination/regions/{cast.region.id}/settings"
    weights = {f"weight-{part}": "10" for part in USUAL}
    data = {"review_policy": "automatic", "answer_days": "4", "alternates_asked": "2"}
    data |= {"ladder_after_days": "5", "ladder_before_days": "21", "run_hour": "5"}
    assert client.post(path, data=data | weights | {"weight-text": "-1"}).status_code == 422
    zero = dict.fromkeys(weights, "0")
    assert client.post(path, data=data | zero).status_code == 422
    assert db.session.query(JournalEntry).filter_by(deed="settings").count() == 0
    client.post(path, data=data | weights)
    db.session.expire_all()
    assert (cast.region.review_policy, cast.region.answer_days) == ("automatic", 4)
    assert cast.region.settings["weights"] == dict.fromkeys(USUAL, 0.1)
    entry = db.session.query(JournalEntry).filter_by(deed="settings").one()
    assert (entry.by_id, entry.changes["answer_days"][1]) == (cast.gea.id, 4)


@pytest.mark.parametrize("page", ["review", "unmatched", "proposals/waiting"])
def test_a_list_costs_the_same_for_one_and_for_three(
    cast: Cast, client: FlaskClient, sign_in, page: str
) -> None:
    sign_in(client, cast.gea)
    region = cast.region.id

    def cost() -> int:
        db.session.commit()
        db.session.expunge_all()
        with counted() as told:
            assert client.get(f"/coordination/regions/{region}/{page}").status_code == 200
        return len(told)

    def more(cast: Cast, number: int) -> None:
        for hour in range(number):
            need = another_need(cast)
            slot = make_slot(cast.dirk_professional, in_days(60 + 10 * number, 8 + hour))
            if page == "review":
                suggest(need, cast.lecture, slot)
            elif page != "unmatched":
                ask(cast, need, cast.lecture, slot)

    more(cast, 1)
    one = cost()
    for name in vars(cast):
        setattr(cast, name, db.session.merge(getattr(cast, name)))
    more(cast, 2)
    assert cost() == one
