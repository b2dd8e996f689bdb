"""The list both sides tick: which items, whose, until when; and what they agree beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from matcher import clock
from matcher.errors import Invalid, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import Side
from matcher.models.need import PlaceKind
from matcher.models.offer import OfferKind, TourForm
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.proposals import service as proposals
from matcher.visits.checklist import Line, checklist_of, tick
from tests.cast import Cast, make_offer
from tests.proposals.scenes import ask, at, confirm
from tests.proposals.test_inputs import counted


def visit_of(proposal: Proposal) -> Visit:
    return db.session.query(Visit).filter_by(proposal_id=proposal.id).one()


@pytest.fixture
def agreed(cast: Cast) -> Proposal:
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    visit_of(proposal).created_at = clock.now() - timedelta(days=1)
    db.session.commit()
    return proposal


def line(proposal: Proposal, code: str) -> Line:
    return next(row for row in checklist_of(visit_of(proposal)) if row.task.code == code)


def test_each_item_has_an_owner_and_a_day(agreed: Proposal) -> None:
    start = agreed.starts_at
    assert start is not None
    rows = checklist_of(visit_of(agreed))
    assert [(r.task.code, r.owner, r.due and (start - r.due).days) for r in rows] == [
        ("talk", "both", 21),
        ("material", "company", 14),
        ("questions", "school", 14),
        ("arrival", "school", 7),
        ("thanks", "school", -7),
    ]


def test_what_was_agreed_late_has_no_day_that_had_passed(agreed: Proposal) -> None:
    assert agreed.starts_at is not None
    visit_of(agreed).created_at = agreed.starts_at - timedelta(days=8)
    rows = checklist_of(visit_of(agreed))
    assert [row.task.code for row in rows if row.due] == ["arrival", "thanks"]
    assert [row.task.code for row in rows if row.is_late] == []


@pytest.mark.parametrize(
    ("kind", "form", "place", "last"),
    [
        (OfferKind.LECTURE, None, PlaceKind.ONLINE, ["arrival", "link", "thanks"]),
        (OfferKind.TOUR, TourForm.LIVE, PlaceKind.ONSITE, ["arrival", "thanks"]),
    ],
)
def test_the_items_fit_the_visit(
    agreed: Proposal, kind: OfferKind, form: TourForm | None, place: PlaceKind, last: list[str]
) -> None:
    agreed.offer.lesson_sheet = "Kijk goed."
    agreed.offer.kind, agreed.offer.tour_form, agreed.offer.place = kind, form, place
    rows = checklist_of(visit_of(agreed))
    assert [row.task.code for row in rows] == ["talk", "material", "questions", *last]
    assert line(agreed, "arrival").owner == ("company" if form else "school")


def test_a_film_has_no_list(cast: Cast) -> None:
    film = {"tour_form": TourForm.FILM, "film_url": "https://vimeo.com/1", "lesson_sheet": "Kijk"}
    tour = make_offer(cast.windwerk, OfferKind.TOUR, **film)
    proposal = confirm(cast, cast.need, tour, None)
    assert checklist_of(visit_of(proposal)) == []
    assert visit_of(proposal).teacher_stays_at is None


def test_an_item_is_late_from_its_day_until_it_is_ticked(agreed: Proposal, cast: Cast) -> None:
    due = line(agreed, "talk").due
    assert due is not None
    with at(due - timedelta(seconds=1)):
        assert line(agreed, "talk").is_late is False
    with at(due + timedelta(seconds=1)):
        assert line(agreed, "talk").is_late is True
        tick(visit_of(agreed), "talk", done=True, by=cast.dirk)
        done = line(agreed, "talk")
        assert (done.is_late, done.done_at, done.done_by) == (False, clock.now(), "Dirk Jansen")


def test_ticking_twice_keeps_the_first_who_did(any_cast: Cast) -> None:
    proposal = confirm(any_cast, any_cast.need, any_cast.lecture, any_cast.slot)
    visit = visit_of(proposal)
    tick(visit, "talk", done=True, by=any_cast.anna)
    tick(visit, "talk", done=True, by=any_cast.dirk)
    tick(visit, "questions", done=False, by=any_cast.dirk)
    assert {code: row["by"] for code, row in visit.checklist.items()} == {"talk": any_cast.anna.id}
    tick(visit, "talk", done=False, by=any_cast.dirk)
    assert visit.checklist == {}


def test_an_item_of_another_kind_of_visit_is_refused(agreed: Proposal, cast: Cast) -> None:
    with pytest.raises(Invalid):
        tick(visit_of(agreed), "link", done=True, by=cast.anna)


def test_thanks_are_ticked_after_the_visit_and_nothing_after_a_cancellation(
    agreed: Proposal, cast: Cast
) -> None:
    assert agreed.ends_at is not None
    with at(agreed.ends_at + timedelta(hours=1)):
        proposals.deliver(agreed, side=Side.SCHOOL, by=cast.anna)
        tick(visit_of(agreed), "thanks", done=True, by=cast.anna)
    assert set(visit_of(agreed).checklist) == {"thanks"}


def test_a_cancelled_visit_takes_no_ticks(agreed: Proposal, cast: Cast) -> None:
    proposals.cancel(agreed, side=Side.SCHOOL, by=cast.anna, reasons=["illness"])
    with pytest.raises(WrongState):
        tick(visit_of(agreed), "talk", done=True, by=cast.anna)


def test_beside_both_yeses_stands_that_the_teacher_stays_and_the_visit_keeps_it(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    cast.anna.language = cast.dirk.language = "en"
    words = "With your yes you agree: the teacher stays with the class and is responsible for it."
    for person in (cast.anna, cast.dirk):
        sign_in(client, person)
        assert client.get(f"/proposals/{proposal.id}").get_data(as_text=True).count(words) == 1
        client.post(f"/proposals/{proposal.id}/accept", data={})
    db.session.expire_all()
    assert visit_of(proposal).teacher_stays_at == proposal.confirmed_at
    page = client.get(f"/visits/{proposal.id}").get_data(as_text=True)
    assert page.count("The teacher stays with the class and is responsible for it.") == 1


def test_each_side_fills_in_what_is_its_own(
    agreed: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    path = f"/visits/{agreed.id}/prepare"
    everything = {
        "room": "B12",
        "pupils_questions": "Hoe hoog is hij?",
        "conduct_wished": "y",
        "conduct_on": "2026-03-01",
    }
    sign_in(client, cast.dirk)
    assert client.post(path, data=everything).status_code == 303
    db.session.expire_all()
    visit = visit_of(agreed)
    assert (visit.room, visit.pupils_questions, visit.conduct_wished) == ("B12", "", False)
    assert cast.dirk_professional.conduct_on.isoformat() == "2026-03-01"
    sign_in(client, cast.anna)
    assert client.post(path, data=everything | {"conduct_on": "2020-01-01"}).status_code == 303
    db.session.expire_all()
    visit = visit_of(agreed)
    assert (visit.pupils_questions, visit.conduct_wished) == ("Hoe hoog is hij?", True)
    assert cast.dirk_professional.conduct_on.isoformat() == "2026-03-01"
    for person in (cast.anna, cast.dirk):
        person.language = "en"
        db.session.commit()
        sign_in(client, person)
        page = client.get(f"/visits/{agreed.id}").get_data(as_text=True)
        assert "The school asks for it. Issued on 1 March 2026, says the guest." in page


def test_a_certificate_of_tomorrow_is_refused_and_nothing_is_lost(
    agreed: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.dirk)
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    answer = client.post(
        f"/visits/{agreed.id}/prepare", data={"room": "C3", "conduct_on": tomorrow}
    )
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert ('value="C3"' in page, f'value="{tomorrow}"' in page) == (True, True)
    db.session.expire_all()
    assert (visit_of(agreed).room, cast.dirk_professional.conduct_on) == ("", None)


def test_the_page_costs_the_same_for_one_tick_and_for_four(
    agreed: Proposal, cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.anna)

    def cost() -> int:
        db.session.expunge_all()
        with counted() as told:
            assert client.get(f"/visits/{key}").status_code == 200
        return len(told)

    key, others = agreed.id, (cast.dirk.id, cast.carla.id, cast.gea.id)
    tick(visit_of(agreed), "talk", done=True, by=cast.anna)
    db.session.commit()
    one = cost()
    again = db.session.get_one(Proposal, key)
    for code, reader in zip(("material", "questions", "arrival"), others, strict=True):
        tick(visit_of(again), code, done=True, by=db.session.get_one(Person, reader))
    db.session.commit()
    assert cost() == one
