"""A visit from its calendar file to looking back, on the page both sides share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import ProposalState, Side
from matcher.models.offer import OfferKind, TourForm
from matcher.models.proposal import Proposal
from matcher.models.visit import Message, Visit
from matcher.visits.calendar import as_calendar
from tests.cast import Cast, in_days, make_offer, make_slot
from tests.proposals.scenes import another_need, at, confirm
from tests.proposals.test_inputs import counted


@pytest.fixture
def agreed(cast: Cast) -> Proposal:
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    return proposal


def visit_of(proposal: Proposal) -> Visit:
    db.session.expire_all()
    return db.session.query(Visit).filter_by(proposal_id=proposal.id).one()


def read(client: FlaskClient, proposal: Proposal) -> tuple[Calendar, dict]:
    answer = client.get(f"/visits/{proposal.id}/calendar.ics")
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    calendar = Calendar.from_ical(answer.data)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def cancel(client: FlaskClient, proposal: Proposal, **data: object) -> int:
    return client.post(f"/visits/{proposal.id}/cancel", data=data).status_code


def test_the_calendar_file_updates_and_disappears(
    agreed: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.anna)
    calendar, first = read(client, agreed)
    assert (calendar["METHOD"], first["STATUS"], first["SEQUENCE"]) == ("PUBLISH", "CONFIRMED", 0)
    assert (first["DTSTART"].dt, first["DTEND"].dt) == (agreed.starts_at, agreed.ends_at)
    assert first["DTSTART"].to_ical().endswith(b"Z")  # no table of time zones to misread
    client.post(f"/visits/{agreed.id}/prepare", data={"room": "B12"})
    _calendar, moved = read(client, agreed)
    assert (moved["UID"], moved["SEQUENCE"]) == (first["UID"], 1)
    assert cancel(client, agreed, reasons=["illness"]) == 303
    calendar, gone = read(client, agreed)
    assert (calendar["METHOD"], gone["STATUS"]) == ("CANCEL", "CANCELLED")
    assert (gone["UID"], gone["SEQUENCE"]) == (first["UID"], 2)


@pytest.mark.parametrize(
    ("start", "wall"),
    [
        (datetime(2027, 3, 26, 8, 0, tzinfo=UTC), "0900"),
        (datetime(2027, 3, 29, 8, 0, tzinfo=UTC), "1000"),
        (datetime(2027, 10, 29, 8, 0, tzinfo=UTC), "1000"),
        (datetime(2027, 11, 1, 8, 0, tzinfo=UTC), "0900"),
    ],
)
def test_the_clock_change_keeps_the_moment(agreed: Proposal, start: datetime, wall: str) -> None:
    agreed.starts_at, agreed.ends_at = start, start + timedelta(minutes=50)
    raw = as_calendar(visit_of_unsaved(agreed), summary="Les", place="", url="http://localhost/1")
    (event,) = Calendar.from_ical(raw).walk("VEVENT")
    begins = event["DTSTART"].dt
    assert (begins, clock.local(begins).strftime("%H%M")) == (start, wall)


def visit_of_unsaved(proposal: Proposal) -> Visit:
    return db.session.query(Visit).filter_by(proposal_id=proposal.id).one()


def test_a_visit_at_any_time_is_a_whole_day(cast: Cast, client: FlaskClient, sign_in) -> None:
    film = {"tour_form": TourForm.FILM, "film_url": "https://vimeo.com/1", "lesson_sheet": "Kijk"}
    tour = make_offer(cast.windwerk, OfferKind.TOUR, **film)
    proposal = confirm(cast, cast.need, tour, None)
    db.session.commit()
    sign_in(client, cast.anna)
    _calendar, event = read(client, proposal)
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(days=1)
    assert event["DTSTART"].params["VALUE"] == "DATE"


def test_cancelling_asks_for_a_reason_and_frees_the_time(
    agreed: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.dirk)
    assert cancel(client, agreed) == 422
    assert agreed.state == ProposalState.CONFIRMED
    assert cancel(client, agreed, reasons=["illness"], note="Griep") == 303
    assert cancel(client, agreed, reasons=["illness"]) == 409
    db.session.expire_all()
    assert agreed.state == ProposalState.CANCELLED
    assert (agreed.moves[-1].side, agreed.moves[-1].reasons) == (Side.COMPANY, ["illness"])
    assert cast.slot.taken == 0
    sign_in(client, cast.anna)
    page = client.get(f"/visits/{agreed.id}").get_data(as_text=True)
    assert "Griep" in page


MARKS = dict.fromkeys(("organisation", "level_fit", "content_fit", "interaction"), "4")


def test_each_side_says_whether_it_was_held_and_then_looks_back(
    agreed: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    close, look_back = f"/visits/{agreed.id}/close", f"/visits/{agreed.id}/feedback"
    yes = {"held": "yes", "attended": "27"}

    def post(path: str, **data: str) -> int:
        return client.post(path, data=data).status_code

    sign_in(client, cast.anna)
    assert (post(close, **yes), post(look_back, **MARKS)) == (409, 409)
    assert agreed.ends_at is not None
    with at(agreed.ends_at + timedelta(hours=1)):
        sign_in(client, cast.anna)
        assert post(look_back, **MARKS) == 409
        assert post(close, held="yes") == 422
        assert post(close, held="yes", attended="-1") == 422
        assert post(close, held="yes", attended="20", hands_before="21") == 422
        assert post(close, **yes) == 303
        assert visit_of(agreed).proposal.state == ProposalState.CONFIRMED
        assert post(look_back, **(MARKS | {"level_fit": "6"})) == 422
        assert post(look_back, **(MARKS | {"again": "y"})) == 303
        assert post(look_back, **(MARKS | {"level_fit": "2"})) == 303
        sign_in(client, cast.dirk)
        assert post(look_back, **MARKS) == 409
        assert post(close, held="yes") == 303
        assert post(look_back, **MARKS) == 303
        assert post(close, held="yes") == 409
    visit = visit_of(agreed)
    assert (agreed.state, visit.attended) == (ProposalState.DELIVERED, 27)
    assert [(f.side, f.marks["level_fit"], f.by_id) for f in visit.feedback] == [
        (Side.SCHOOL, 2, cast.anna.id),
        (Side.COMPANY, 4, cast.dirk.id),
    ]


def test_what_was_not_held_has_reasons_no_number_and_no_looking_back(
    agreed: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    close = f"/visits/{agreed.id}/close"
    assert agreed.ends_at is not None
    with at(agreed.ends_at + timedelta(hours=1)):
        for person in (cast.dirk, cast.anna):
            sign_in(client, person)
            assert client.post(close, data={"held": "no"}).status_code == 422
            data = {"held": "no", "reasons": ["illness"]}
            assert client.post(close, data=data).status_code == 303
        assert client.post(f"/visits/{agreed.id}/feedback", data=MARKS).status_code == 409
    assert (visit_of(agreed).attended, agreed.state) == (None, ProposalState.NOT_HELD)
    assert agreed.moves[-1].reasons == ["illness"]


def test_two_stories_stand_on_the_coordinators_board(
    agreed: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    close = f"/visits/{agreed.id}/close"
    title = f"{cast.need.title} → {cast.lecture.title}"
    listed = f"/coordination/regions/{cast.region.id}/proposals/disputed"
    assert agreed.ends_at is not None
    with at(agreed.ends_at + timedelta(hours=1)):
        sign_in(client, cast.anna)
        client.post(close, data={"held": "yes", "attended": "20"})
        sign_in(client, cast.gea)
        assert title not in client.get(listed).get_data(as_text=True)
        sign_in(client, cast.dirk)
        client.post(close, data={"held": "no", "reasons": ["illness"]})
        sign_in(client, cast.gea)
        assert title in client.get(listed).get_data(as_text=True)
        assert client.post(close, data={"held": "yes", "attended": "19"}).status_code == 303
        assert title not in client.get(listed).get_data(as_text=True)
    assert (visit_of(agreed).attended, agreed.state) == (19, ProposalState.DELIVERED)


def test_both_prepare_tick_and_talk_on_one_page(
    agreed: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    path = f"/visits/{agreed.id}"
    sign_in(client, cast.anna)
    client.post(f"{path}/messages", data={"words": "<b>Tot dan</b>"})
    client.post(f"{path}/tick", data={"item": "arrival", "done": "yes"})
    assert client.post(f"{path}/tick", data={"item": "no such", "done": "yes"}).status_code == 400
    assert client.post(f"{path}/messages", data={"words": "  "}).status_code == 422
    assert client.post(f"{path}/prepare", data={"video_url": "javascript:x"}).status_code == 422
    sign_in(client, cast.dirk)
    assert "&lt;b&gt;Tot dan&lt;/b&gt;" in client.get(path).get_data(as_text=True)
    visit = visit_of(agreed)
    assert (set(visit.checklist), visit.video_url) == ({"arrival"}, "")
    client.post(f"{path}/tick", data={"item": "arrival", "done": "no"})
    assert visit_of(agreed).checklist == {}


@pytest.mark.parametrize("deed", ["prepare", "tick", "messages", "cancel", "close", "feedback"])
@pytest.mark.parametrize("who", ["bram", "els", "hugo"])
def test_strangers_do_nothing(
    agreed: Proposal, cast: Cast, client: FlaskClient, sign_in, deed: str, who: str
) -> None:
    sign_in(client, getattr(cast, who))
    data = {"words": "x", "room": "x", "item": "talk", "done": "yes", "reasons": ["date"]}
    assert client.post(f"/visits/{agreed.id}/{deed}", data=data).status_code == 404
    visit = visit_of(agreed)
    assert (agreed.state, visit.room) == (ProposalState.CONFIRMED, "")
    assert db.session.query(Message).all() == []


def test_the_list_costs_the_same_for_one_and_for_three(
    agreed: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.dirk)

    def cost() -> int:
        db.session.expunge_all()
        with counted() as told:
            assert client.get("/visits").status_code == 200
        return len(told)

    one = cost()
    for name in vars(cast):
        setattr(cast, name, db.session.merge(getattr(cast, name)))
    for hour in (9, 12):
        slot = make_slot(cast.dirk_professional, in_days(60 + hour, hour))
        confirm(cast, another_need(cast), cast.lecture, slot)
    db.session.commit()
    assert cost() == one
