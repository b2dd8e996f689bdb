"""The school's side: three steps that lose nothing, publishing, advice, strangers kept out."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from matcher import clock
from matcher.errors import Invalid, WrongState
from matcher.extensions import db
from matcher.models.need import Need, NeedState, PlaceKind
from matcher.models.offer import OfferKind
from matcher.models.run import MatchRun, UnmatchedNeed
from matcher.needs import advice, queries, service
from tests.cast import Cast, add, in_days, make_need, make_offer

WHAT = {
    "title": "Wind en zon",
    "subject": "natuurkunde",
    "levels": ["havo-bovenbouw"],
    "years": ["4"],
    "goal": "Rekenen aan een windpark.",
    "hook": "Hoofdstuk energie.",
}
WHO = {
    "group_size": "28",
    "lesson_minutes": "50",
    "kinds": ["lecture", "tour"],
    "place": "both",
    "languages": ["nl"],
}


@pytest.fixture
def teacher(cast: Cast, client: FlaskClient, sign_in) -> FlaskClient:
    return sign_in(client, cast.anna)


def _new(client: FlaskClient) -> Need:
    client.post("/needs/new")
    return db.session.scalars(select(Need).order_by(Need.id.desc())).first()  # type: ignore[return-value]


def _when(day: str) -> dict[str, str]:
    return {
        "windows-0-day": day,
        "windows-0-begins": "08:30",
        "windows-0-ends": "16:00",
    }


def test_three_steps_and_publishing_open_the_need(cast: Cast, teacher: FlaskClient) -> None:
    need = _new(teacher)
    day = clock.local(in_days(30)).strftime("%Y-%m-%d")
    for step, data in (("what", WHAT), ("who", WHO), ("when", _when(day))):
        assert teacher.post(f"/needs/{need.id}/{step}", data=data).status_code == 303
    assert teacher.post(f"/needs/{need.id}/publish").status_code == 303
    db.session.refresh(need)
    assert (need.state, need.title, need.group_size) == (NeedState.OPEN, "Wind en zon", 28)
    assert need.kinds == ["lecture", "tour"]
    assert [clock.local(w.starts_at).strftime("%H:%M") for w in need.windows] == ["08:30"]
    assert need.matched_at is None


@pytest.mark.parametrize(
    ("step", "data", "field"),
    [
        ("what", WHAT | {"title": " "}, "title"),
        ("what", WHAT | {"subject": ""}, "subject"),
        ("what", WHAT | {"years": ["9" * 400]}, "years"),
        ("who", WHO | {"group_size": "0"}, "group_size"),
        ("who", WHO | {"kinds": ["dance"]}, "kinds"),
        ("who", WHO | {"languages": []}, "languages"),
        ("who", WHO | {"profile-doer": "60"}, "profile"),
        ("when", _when("2001-01-01"), "windows-0-ends"),
        ("when", _when("2027-03-01") | {"windows-0-ends": "08:00"}, "windows-0-ends"),
        ("when", _when(""), "windows-0-ends"),
    ],
)
def test_bad_input_is_told_at_its_field_and_what_was_typed_stays(
    cast: Cast, teacher: FlaskClient, step: str, data: dict[str, object], field: str
) -> None:
    need = _new(teacher)
    answer = teacher.post(f"/needs/{need.id}/{step}", data=data)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    if step == "what":
        assert "Rekenen aan een windpark." in answer.text
    db.session.refresh(need)
    assert need.title == ""


def test_publishing_says_what_is_missing(cast: Cast, teacher: FlaskClient) -> None:
    need = _new(teacher)
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
        assert client.post(f"/needs/{cast.need.id}/withdraw").status_code == 404
    assert cast.need.state == NeedState.OPEN


def test_withdrawn_need_cannot_be_edited_and_can_be_used_again(cast: Cast) -> None:
    service.withdraw(cast.need, by=cast.anna)
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


def test_count_of_fitting_offers_is_that_of_the_plain_rules(cast: Cast) -> None:
    assert queries.offers_that_fit(cast.need) == 1
    make_offer(cast.windwerk, OfferKind.CHALLENGE, brief="x")
    make_offer(cast.printlab, title="Te klein", max_group=5)
    make_offer(cast.printlab, title="Elders", subjects=["engels"])
    make_offer(cast.printlab, title="Engels", languages=["en"], levels=[], subjects=[])
    assert queries.offers_that_fit(cast.need) == 2
    cast.need.place = PlaceKind.ONLINE
    assert queries.offers_that_fit(cast.need) == 0


def test_advice_is_told_in_words_and_one_click_applies_it(cast: Cast, teacher: FlaskClient) -> None:
    run = add(MatchRun(region_id=cast.region.id, settings={}, statistics={}))
    add(
        UnmatchedNeed(
            run_id=run.id,
            need_id=cast.need.id,
            blockers=[{"rule": "distance", "count": 3, "only": 2}],
            changes=[{"rule": "kind", "to": "webinar", "unlocks": 4}],
            instead=[cast.lecture.id],
        )
    )
    cast.need.matched_at = clock.now()
    cast.anna.language = "en"
    db.session.commit()
    page = teacher.get(f"/needs/{cast.need.id}").text
    assert "are too far away" in page
    assert "a webinar is fine too" in page
    assert cast.lecture.title in page
    teacher.post(f"/needs/{cast.need.id}/change", data={"rule": "kind", "to": "webinar"})
    db.session.refresh(cast.need)
    assert cast.need.kinds == ["lecture", "tour", "webinar"]
    assert cast.need.matched_at is None


@pytest.mark.parametrize(("rule", "to"), [("kind", "dance"), ("duration", "9999"), ("x", "y")])
def test_change_that_makes_no_sense_is_refused(cast: Cast, rule: str, to: str) -> None:
    with pytest.raises(Invalid):
        advice.apply(cast.need, rule, to, by=cast.anna)


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_one_and_for_three(
    cast: Cast, teacher: FlaskClient, count: int
) -> None:
    for number in range(count - 1):
        make_need(cast.anna, cast.lorentz, title=f"Nog een {number}")
    db.session.commit()
    seen: list[str] = []
    listener = lambda *args: seen.append(args[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    assert teacher.get("/needs").text.count("lb-card") >= count
    event.remove(db.engine, "before_cursor_execute", listener)
    assert len([s for s in seen if s.startswith("SELECT")]) == 6


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
