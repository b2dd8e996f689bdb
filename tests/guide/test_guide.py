"""The guide's pages: three steps, a result with an address of its own, what coordinators see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import func, select

from matcher import clock
from matcher.accounts.throttle import MOST, Counted
from matcher.extensions import db
from matcher.guide import answers, service
from matcher.guide.tree import Answers
from matcher.models.account import Person
from matcher.models.guide import GuideResult
from matcher.models.organisation import Company
from matcher.reference.taking_part import activities
from tests.cast import Cast, make_company, make_person
from tests.conftest import build_app
from tests.guide.reading import filled_in, links_of
from tests.offers.test_catalogue import counted_queries

STEP_ONE = {"hours": "up_to_20", "means": "none", "horizon": "once"}
STEP_TWO = STEP_ONE | {"issues": ["innovation", "image"]}
STEP_THREE = STEP_TWO | {"actions": ["challenge"], "subjects": ["natuurkunde", "techniek"]}
ANSWERS = Answers("up_to_20", "none", "once", ("innovation", "image"))
Enter = Callable[[FlaskClient, Person], FlaskClient]


def results() -> list[GuideResult]:
    return list(db.session.scalars(select(GuideResult).order_by(GuideResult.id)))


def test_a_visitor_walks_the_three_steps_to_offers_that_are_filled_in(
    any_app: Flask, any_cast: Cast
) -> None:
    client = any_app.test_client()
    first = client.get("/guide/company")
    assert filled_in(first.text, "/guide/company/issues") == {}
    second = client.get("/guide/company/issues", query_string=STEP_ONE)
    kept = {name: [value] for name, value in STEP_ONE.items()}
    assert filled_in(second.text, "/guide/company/actions") == kept
    third = client.get("/guide/company/actions", query_string=STEP_TWO)
    sent = filled_in(third.text, "/guide/company/results")
    assert sent.pop("actions") == ["challenge", "company_visit"]
    sent.pop("csrf_token", None)
    assert sent == kept | {"issues": STEP_TWO["issues"]}
    answer = client.post("/guide/company/results", data=STEP_THREE)
    [result] = results()
    assert answer.location == f"/guide/company/results/{result.key}"
    assert (result.company_id, result.answers) == (
        None,
        STEP_THREE | {"issues": ["image", "innovation"]},
    )
    page = client.get(answer.location)
    [offer] = [link for link in links_of(page.text) if link.startswith("/company/offers/new/")]
    assert urlsplit(offer).path == "/company/offers/new/challenge"
    assert parse_qs(urlsplit(offer).query) == {
        "activity": ["challenge"],
        "subjects": ["natuurkunde", "techniek"],
    }


def test_signing_in_keeps_what_was_filled_in(cast: Cast, client: FlaskClient) -> None:
    client.post("/guide/company/results", data=STEP_THREE)
    page = client.get(f"/guide/company/results/{results()[0].key}")
    [offer] = [link for link in links_of(page.text) if link.startswith("/company/offers/new/")]
    to_sign_in = client.get(offer)
    assert urlsplit(to_sign_in.location).path == "/sign-in"
    door = filled_in(client.get(to_sign_in.location).text, "/sign-in")
    assert door["next"] == [offer.replace("%20", " ")]


@pytest.mark.parametrize(
    ("address", "wrong", "step"),
    [
        ("issues", {"hours": "all-day"}, "/guide/company/issues"),
        ("issues", {"means": ""}, "/guide/company/issues"),
        ("issues", {"horizon": "<script>"}, "/guide/company/issues"),
        ("actions", {"hours": "x" * 3000}, "/guide/company/issues"),
        ("actions", {"issues": []}, "/guide/company/actions"),
        ("actions", {"issues": ["image", "nonsense"]}, "/guide/company/actions"),
    ],
)
def test_an_answer_that_is_none_brings_its_step_back_with_the_rest_kept(
    client: FlaskClient, app: Flask, address: str, wrong: dict, step: str
) -> None:
    page = client.get(f"/guide/company/{address}", query_string=STEP_TWO | wrong)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    sent = filled_in(page.text, step)
    for name, value in STEP_ONE.items():
        if name not in wrong:
            assert sent[name] == [value]
    assert client.get(f"/guide/company/{address}").location == "/guide/company"


@pytest.mark.parametrize(
    "wrong",
    [
        {"actions": []},
        {"subjects": []},
        {"subjects": ["astrology"]},
        {"actions": ["partnership"]},  # out of reach of twenty hours
        {"issues": []},
        {"hours": "never"},
    ],
)
def test_a_result_of_answers_that_are_none_is_not_kept(
    client: FlaskClient, app: Flask, wrong: dict
) -> None:
    answer = client.post("/guide/company/results", data=STEP_THREE | wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert results() == []


def test_answers_are_counted_so_that_nobody_floods_the_coordinator(
    client: FlaskClient, app: Flask
) -> None:
    statuses = [
        client.post("/guide/company/results", data=STEP_THREE).status_code
        for _try in range(MOST[Counted.GUIDES] + 2)
    ]
    assert statuses == [303] * MOST[Counted.GUIDES] + [429] * 2
    assert len(results()) == MOST[Counted.GUIDES]


def test_a_result_is_open_to_whoever_has_its_address_and_to_nobody_else(
    cast: Cast, client: FlaskClient
) -> None:
    result = service.keep(ANSWERS, ["challenge"], ["techniek"], by=cast.carla)
    db.session.commit()
    assert client.get(f"/guide/company/results/{result.key}").status_code == 200
    assert client.get(f"/guide/company/results/{result.key}x").status_code == 404
    assert client.get(f"/guide/company/results/{result.id}").status_code == 404


def test_a_result_outlives_answers_that_the_table_forgot(cast: Cast, client: FlaskClient) -> None:
    result = service.keep(ANSWERS, ["challenge", "dance"], ["techniek"], by=None)
    result.answers = result.answers | {"hours": "gone", "issues": 7}
    db.session.commit()
    page = client.get(f"/guide/company/results/{result.key}")
    assert page.status_code == 200
    assert sum("/company/offers/new/" in link for link in links_of(page.text)) == 1


# ---- whose it is --------------------------------------------------------------------------------
def test_the_answers_of_a_contact_are_the_companys_and_of_others_nobodys(any_cast: Cast) -> None:
    people = (any_cast.carla, any_cast.anna, any_cast.dirk, any_cast.gea, None)
    kept = [service.keep(ANSWERS, ["challenge"], [], by=person) for person in people]
    assert [one.company_id for one in kept] == [any_cast.windwerk.id, None, None, None, None]


def test_a_contact_takes_a_result_of_before_signing_in_once(
    cast: Cast, client: FlaskClient, sign_in: Enter
) -> None:
    result = service.keep(ANSWERS, ["challenge"], [], by=None)
    db.session.commit()
    claim = f"/guide/company/results/{result.key}/claim"

    def claimed(person: Person, company: Company) -> int:
        sign_in(client, person)
        return client.post(claim, data={"company": company.id}).status_code

    assert claimed(cast.carla, cast.printlab) == 403
    assert claimed(cast.gea, cast.windwerk) == 403
    assert claimed(cast.carla, cast.windwerk) == 303
    assert claimed(cast.els, cast.printlab) == 409
    db.session.expire_all()
    assert result.company_id == cast.windwerk.id
    assert claim not in client.get(f"/guide/company/results/{result.key}").text


# ---- for coordinators ---------------------------------------------------------------------------
def test_a_coordinator_counts_answers_without_a_name_and_those_of_the_region(
    any_cast: Cast,
) -> None:
    cast = any_cast
    for person in (None, cast.carla, cast.farid):
        service.keep(ANSWERS, ["challenge"], [], by=person)
    old = service.keep(ANSWERS, ["guest_lesson"], [], by=None)
    old.at = clock.now() - timedelta(days=400)
    db.session.flush()
    gea, hugo = answers.counts_of(cast.gea), answers.counts_of(cast.hugo)
    assert (gea.results, hugo.results) == (2, 2)
    assert gea.of("issues", "innovation") == gea.of("actions", "challenge") == 2
    assert gea.of("issues", "retraining") == gea.of("actions", "guest_lesson") == 0
    seen = {
        person.name: [row.company_id for row in db.session.scalars(answers.of_companies(person))]
        for person in (cast.gea, cast.hugo, make_person("Ada", administrator=True))
    }
    assert seen == {
        "Gea Mulder": [cast.windwerk.id],
        "Hugo Bos": [cast.zuivel.id],
        "Ada": [cast.zuivel.id, cast.windwerk.id],
    }


def test_the_list_costs_as_many_queries_for_three_companies_as_for_one(
    cast: Cast, client: FlaskClient, sign_in: Enter
) -> None:
    sign_in(client, cast.gea)
    counted = []
    for number in range(3):
        company = make_company(f"Bedrijf {number}", cast.region)
        contact = make_person(f"C{number} Smit", contact=company)
        service.keep(ANSWERS, ["challenge"], [], by=contact)
        db.session.commit()
        db.session.expire_all()
        with counted_queries() as seen:
            page = client.get("/guide/answers")
        counted.append(len(seen))
        assert f"Bedrijf {number}" in page.text
    assert counted[0] == counted[-1]
    assert db.session.scalar(select(func.count()).select_from(GuideResult)) == 3


# ---- activities ---------------------------------------------------------------------------------
def test_an_activity_leads_each_reader_to_what_that_reader_may_write(
    cast: Cast, client: FlaskClient, sign_in: Enter
) -> None:
    need, offer = "/needs/new?activity=girls_day", "/company/offers/new/tour?activity=girls_day"
    expected = {
        None: {need, offer},
        "anna": {need},
        "carla": {offer},
        "gea": {offer},
        "dirk": set(),
    }
    found = {}
    for name in expected:
        if name:
            sign_in(client, getattr(cast, name))
        links = links_of(client.get("/guide/activities/girls_day").text)
        found[name] = set(links) & {need, offer}
    assert found == expected
    assert client.get("/guide/activities/nonsense").status_code == 404


def test_the_catalogue_leads_to_every_activity(client: FlaskClient, app: Flask) -> None:
    links = links_of(client.get("/guide/activities").text)
    assert {f"/guide/activities/{one.code}" for one in activities()} <= set(links)
    for one in activities():
        page = client.get(f"/guide/activities/{one.code}", headers={"Accept-Language": "nl"})
        for part in (one.about, one.duration, one.group, one.preparation, *one.tips):
            assert str(escape(part["nl"])) in page.text


@pytest.mark.parametrize("programme", ["dk", "eus"])
def test_a_programme_without_files_of_its_own_reads_the_guide_in_english(
    sqlite_url: str, tmp_path: Path, programme: str
) -> None:
    app = build_app(sqlite_url, tmp_path, PROGRAMME=programme)
    client = app.test_client()
    walk = {"/guide/company/actions": STEP_TWO, "/guide/class-profile/test": {}}
    walk |= {"/guide/activities/girls_day": {}, "/guide/toolbox": {}, "/guide/support": {}}
    headers = {"Accept-Language": "en"}
    found = {
        path: client.get(path, query_string=query, headers=headers) for path, query in walk.items()
    }
    assert {path: page.status_code for path, page in found.items()} == dict.fromkeys(walk, 200)
    assert "Company challenge" in found["/guide/company/actions"].text
    assert client.get("/guide/support/mkbidee").status_code == 404
