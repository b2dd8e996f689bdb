"""The school's side: publishing, withdrawing, alerts, advice, strangers kept out."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from matcher import clock
from matcher.errors import Invalid, WrongState
from matcher.extensions import db
from matcher.models.moves import ProposalState
from matcher.models.need import NeedState
from matcher.needs import service
from tests.cast import Cast, make_need
from tests.offers.test_catalogue import counted_queries
from tests.proposals.scenes import ask, mails


@pytest.fixture
def teacher(cast: Cast, client: FlaskClient, sign_in) -> FlaskClient:
    return sign_in(client, cast.anna)


def test_publishing_says_what_is_missing(cast: Cast, teacher: FlaskClient) -> None:
    need = service.draft(cast.lorentz, by=cast.anna)
    db.session.commit()
    assert {field for field, _words in service.missing(need)} >= {"title", "goal", "windows"}
    with pytest.raises(Invalid):
        service.publish(need, by=cast.anna)
    assert teacher.post(f"/needs/{need.id}/publish").headers["Location"].endswith("/check")


def test_days_that_are_all_holidays_are_no_days(cast: Cast) -> None:
    from datetime import UTC, datetime

    start = datetime(2027, 7, 27, 8, tzinfo=UTC)
    need = make_need(
        cast.anna,
        cast.lorentz,
        state=NeedState.DRAFT,
        published_at=None,
        windows=[(start, start.replace(hour=15))],
    )
    assert [field for field, _words in service.missing(need)] == ["windows"]


def test_others_find_nothing_here(cast: Cast, client: FlaskClient, sign_in) -> None:
    paths = [f"/needs/{cast.need.id}{end}" for end in ("", "/what", "/check", "/progress")]
    for person in (cast.bram, cast.hugo):
        sign_in(client, person)
        assert [client.get(path).status_code for path in paths] == [404] * 4
        for deed in ("withdraw", "alerts", "what/keep", "when/keep", "publish"):
            assert client.post(f"/needs/{cast.need.id}/{deed}").status_code == 404
    assert cast.need.state == NeedState.OPEN


def test_withdrawn_need_cannot_be_edited_and_can_be_used_again(cast: Cast) -> None:
    service.withdraw(cast.need, by=cast.anna, reasons=["plan"])
    with pytest.raises(WrongState):
        service.save(cast.need, {"title": "Anders"}, by=cast.anna)
    copy = service.reuse(cast.need, by=cast.anna)
    assert (copy.title, copy.state, copy.windows) == (cast.need.title, NeedState.DRAFT, [])


def test_editing_an_open_need_has_it_matched_again(cast: Cast) -> None:
    cast.need.matched_at = clock.now()
    service.save(cast.need, {"group_size": 20}, by=cast.anna)
    assert cast.need.matched_at is None
    with pytest.raises(Invalid):
        service.save(cast.need, {"title": ""}, by=cast.anna)


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_one_and_for_three(
    cast: Cast, teacher: FlaskClient, count: int
) -> None:
    for number in range(count - 1):
        make_need(cast.anna, cast.lorentz, title=f"Nog een {number}")
    db.session.commit()
    with counted_queries() as seen:
        assert teacher.get("/needs").text.count('<li class="lb-card') == count
    assert len([s for s in seen if s.startswith("SELECT")]) == 8


def test_a_mixed_class_reaches_the_matcher_whole_and_is_told_in_one_line(cast: Cast) -> None:
    from matcher.proposals.inputs import read_problem
    from matcher.web.names import Names

    values = {"levels": ["pro", "vmbo-b"], "years": [1, 2], "groups": 2, "group_size": 24}
    service.save(cast.need, values, by=cast.anna)
    (demand,) = read_problem(cast.region).demands
    assert demand.levels == ("pro", "vmbo-b")
    assert Names().class_of(cast.need) == (
        "praktijkonderwijs, vmbo basis, leerjaar 1, 2, 24 leerlingen, 2 klassen samen"
    )


def test_withdrawing_asks_why_and_tells_whom_was_asked(cast: Cast, teacher: FlaskClient) -> None:
    asked = ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    path = f"/needs/{cast.need.id}/withdraw"
    assert cast.lecture.title in teacher.get(path).text
    for wrong in ({}, {"reasons": "distance"}, {"reasons": "no such"}):
        assert teacher.post(path, data=wrong).status_code == 422
        assert 'id="reasons-error"' in teacher.post(path, data=wrong).text
    db.session.refresh(cast.need)
    assert cast.need.state == NeedState.OPEN
    mails()
    words = {"reasons": ["plan", "slow"], "note": "Volgend jaar graag weer."}
    assert teacher.post(path, data=words).status_code == 303
    db.session.expire_all()
    assert (cast.need.state, cast.need.end_reasons) == (NeedState.WITHDRAWN, ["plan", "slow"])
    move = asked.moves[-1]
    assert (asked.state, move.reasons, move.note) == (
        ProposalState.WITHDRAWN,
        ["plan", "slow"],
        "Volgend jaar graag weer.",
    )
    assert mails() == [("other_withdrawn", "Dirk")]
    assert teacher.post(path, data=words).status_code == 409


def test_a_draft_is_withdrawn_without_asking_why(cast: Cast, teacher: FlaskClient) -> None:
    need = make_need(cast.anna, cast.lorentz, state=NeedState.DRAFT, published_at=None)
    db.session.commit()
    assert teacher.post(f"/needs/{need.id}/withdraw").status_code == 303
    db.session.refresh(need)
    assert need.state == NeedState.WITHDRAWN


def test_alerts_are_switched_off_and_on(cast: Cast, teacher: FlaskClient) -> None:
    path = f"/needs/{cast.need.id}/alerts"
    for data, on in (({}, False), ({"alerts": "y"}, True), ({}, False)):
        assert teacher.post(path, data=data).status_code == 303
        db.session.refresh(cast.need)
        assert cast.need.alerts is on
