"""Each activity leads to an offer and a need that are ready, and that find each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matcher.demo.schools import PRIMARY, build_needs, make_teachers
from matcher.extensions import db
from matcher.guide.tree import Answers, advise
from matcher.models.need import Need
from matcher.models.offer import Offer, OfferKind, OfferState
from matcher.models.organisation import Company
from matcher.models.professional import Slot
from matcher.needs import service as needs
from matcher.proposals.fits import refusals
from matcher.reference import programme
from matcher.reference.taking_part import activities, activity, guide_table
from tests.cast import Cast, add, in_days, make_school, make_slot
from tests.guide.reading import filled_in
from tests.guide.test_tree import COMMITMENTS, ISSUES

SUBJECTS = [subject.code for subject in programme().subjects]
ACTIVITIES = activities()
# For a few pupils or teachers, or for longer than the demo's lessons at their levels.
NO_LESSON = {
    "capstone_help",
    "flash_visit",
    "girls_day",
    "meet_the_boss",
    "mentor",
    "retraining",
    "shared_lab",
    "teacher_internship",
    "vmbo_internship",
}
Enter = Callable[[FlaskClient, object], FlaskClient]


def publish_as_it_stands(client: FlaskClient, code: str) -> Offer:
    """Open the form an activity leads to, change nothing, publish."""
    chosen = activity(code)
    assert chosen is not None
    path = f"/company/offers/new/{chosen.offer_kind}"
    query = {"activity": code, "subjects": SUBJECTS}
    page = client.get(path, query_string=query)
    sent = filled_in(page.text)
    answer = client.post(path, query_string=query, data=sent | {"then": "publish"})
    assert answer.status_code == 303, (code, answer.text)
    return db.session.scalars(select(Offer).order_by(Offer.id.desc())).first()  # type: ignore[return-value]


@pytest.fixture
def published(cast: Cast, client: FlaskClient, sign_in: Enter) -> dict[str, Offer]:
    """Every activity's offer, published by Carla without changing a word."""
    sign_in(client, cast.carla)
    cast.dirk_professional.languages = ["nl"]
    offers = {one.code: publish_as_it_stands(client, one.code) for one in ACTIVITIES}
    webinar = offers["webinar"]
    assert webinar.state == OfferState.DRAFT  # it only lacks what nobody can fill in: its date
    add(Slot(offer=webinar, starts_at=in_days(30, 9), ends_at=in_days(30, 10), seats=9))
    db.session.commit()
    client.post(f"/company/offers/{webinar.id}/publish")
    db.session.expire_all()
    return offers


def test_an_activitys_offer_is_complete_as_it_stands(published: dict[str, Offer]) -> None:
    assert {code for code, o in published.items() if o.state != OfferState.PUBLISHED} == set()
    lesson = published["guest_lesson"]
    assert (lesson.title, lesson.minutes, lesson.max_group) == ("Een kijkje in ons werk", 45, 32)
    assert lesson.subjects == SUBJECTS
    assert [one.name for one in lesson.professionals] == ["Dirk Jansen"]


def test_an_activitys_need_and_offer_find_each_other(
    published: dict[str, Offer], cast: Cast
) -> None:
    wrong = {}
    for one in ACTIVITIES:
        need = needs.draft(cast.lorentz, by=cast.anna)
        needs.start_from(need, one, by=cast.anna)
        offer = published[one.code]
        need.subject, need.levels = "natuurkunde", offer.levels[:1]
        need.group_size = need.group_size or 24
        need.languages = ["nl"]
        if refused := refusals(need, offer):
            wrong[one.code] = refused
    assert wrong == {}


def _demo_needs(cast: Cast) -> list[Need]:
    """The demo's own needs, at schools like those of the demo."""
    primary = [make_school(f"B{n} school", cast.region, kind=PRIMARY) for n in range(2)]
    secondary = [make_school(f"C{n} college", cast.region, kind="VBO/MAVO/HAVO/VWO") for n in "ab"]
    schools = [*primary, *secondary]
    teachers = make_teachers(schools)
    return [n for half in (0, 1) for n in build_needs(schools, teachers, half=half)]


def _matched(cast: Cast, offers: dict[str, Offer]) -> set[str]:
    """The activities whose offer the matcher could give to a need of the demo."""
    from matcher.matching.inputs import Inputs
    from matcher.matching.possible import between, make_ground
    from matcher.matching.settings import Settings
    from matcher.proposals.inputs import read_problem

    problem = read_problem(cast.region)
    inputs = Inputs(problem.demands, problem.supplies, problem.people)
    shape = (len(inputs.demands), len(inputs.supplies))
    d, s = (index.ravel() for index in np.indices(shape))
    stands = between(make_ground(inputs, Settings()), d, s)
    possible = {inputs.supplies[s[pair]].key for pair in stands.meetings.pair}
    return {code for code, offer in offers.items() if str(offer.id) in possible}


def test_every_path_of_the_guide_leads_to_an_offer_that_a_need_of_the_demo_can_have(
    published: dict[str, Offer], cast: Cast
) -> None:
    for need in _demo_needs(cast):
        for window in need.windows[:1]:
            start = window.starts_at + timedelta(hours=1)
            if not db.session.scalar(select(Slot.id).where(Slot.starts_at == start)):
                make_slot(cast.dirk_professional, start, 180)
    cast.dirk_professional.month_cap = cast.dirk_professional.term_cap = 30
    db.session.commit()
    matched = _matched(cast, published)
    assert {one.code for one in ACTIVITIES} - matched == NO_LESSON
    table = guide_table()
    for commitment in COMMITMENTS:
        for issue in ISSUES:
            advice = advise(Answers(*commitment, (issue,)), table)
            assert {fit.action.activity for fit in advice.fits} & matched, (commitment, issue)


def test_what_the_address_says_wrongly_counts_as_not_said(
    cast: Cast, client: FlaskClient, sign_in: Enter
) -> None:
    sign_in(client, cast.carla)
    plain = filled_in(client.get("/company/offers/new/lecture").text)
    assert plain["title"] == [""]
    for query in ("activity=nonsense&subjects=x", "activity=challenge", "activity=&subjects="):
        page = client.get(f"/company/offers/new/lecture?{query}")
        assert (page.status_code, filled_in(page.text)) == (200, plain)


def test_who_works_for_two_companies_chooses_and_keeps_what_was_filled_in(
    cast: Cast, client: FlaskClient, sign_in: Enter
) -> None:
    sign_in(client, cast.gea)
    path = "/company/offers/new/tour?activity=girls_day&subjects=informatica"
    page = client.get(path)
    kept = f"/company/offers/new/tour?company={cast.windwerk.id}&amp;activity=girls_day"
    assert f"{kept}&amp;subjects=informatica" in page.text
    form = filled_in(client.get(f"{path}&company={cast.windwerk.id}").text)
    assert form["title"] == ["Girls' Day bij ons"]
    assert form["subjects"] == ["informatica"]
    assert client.get(f"{path}&company={cast.zuivel.id}").status_code == 404


def test_a_company_without_professionals_is_told_so_beside_the_field(
    cast: Cast, client: FlaskClient, sign_in: Enter
) -> None:
    sign_in(client, cast.farid)
    offer = publish_as_it_stands(client, "guest_lesson")
    assert offer.state == OfferState.DRAFT
    assert offer.company_id == cast.zuivel.id
    assert db.session.get_one(Company, offer.company_id).name == "Zuivel Noord"


def test_a_teacher_begins_a_request_from_an_activity(
    cast: Cast, client: FlaskClient, sign_in: Enter
) -> None:
    sign_in(client, cast.anna)
    page = client.get("/needs/new?activity=girls_day")
    sent = filled_in(page.text, "/needs/new")
    assert sent["activity"] == ["girls_day"]
    answer = client.post("/needs/new", data=sent)
    need = db.session.get_one(Need, int(answer.location.split("/")[2]))
    assert (need.title, need.group_size) == ("Girls' Day voor onze meiden", 15)
    assert (need.kinds, need.lesson_minutes) == ([OfferKind.TOUR.value], 240)
    assert "activity" not in filled_in(client.get("/needs/new?activity=x").text, "/needs/new")
