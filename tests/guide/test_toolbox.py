"""The toolbox: found by words and facets, kept by coordinators, suggested by what a need says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from matcher import clock
from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.guide import materials, suggesting, toolbox
from matcher.guide.forms_toolbox import KINDS, THEMES
from matcher.models.account import Person
from matcher.models.guide import Resource, ResourceKind, SuggestedResource, Theme
from matcher.models.need import NeedState
from matcher.reference import programme
from matcher.reference.toolbox import resources
from tests.cast import Cast, make_person
from tests.guide.reading import filled_in, links_of
from tests.offers.test_catalogue import counted_queries
from tests.proposals import scenes

Enter = Callable[[FlaskClient, Person], FlaskClient]
NOTHING = toolbox.Filters("", {})


def make_resource(title: str, **more: object) -> Resource:
    values: dict[str, object] = {"kind": ResourceKind.TOOL, "language": "nl", "source": "ons"}
    lists: dict[str, object] = {"themes": [], "levels": []}
    resource = Resource(title=title, **(values | lists | more))
    db.session.add(resource)
    db.session.flush()
    return resource


def titles(filters: toolbox.Filters) -> list[str]:
    return [one.title for one in db.session.scalars(toolbox.found(filters))]


@pytest.fixture
def shelf(any_cast: Cast) -> Cast:
    make_resource("Windgids", kind=ResourceKind.HANDBOOK, themes=["visits"], about="Coördinatie")
    make_resource("Meidenkist", themes=["girls", "visits"], levels=["vmbo-b"])
    make_resource("Figures", kind=ResourceKind.REPORT, language="en", themes=["figures"])
    make_resource("Oud", hidden_at=clock.now())
    return any_cast


# ---- finding ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "chosen", "expected"),
    [
        ("", {}, ["Figures", "Meidenkist", "Windgids"]),
        ("COORDINATIE wind", {}, ["Windgids"]),
        ("50% _", {}, []),
        ("", {"kind": ("handbook", "report")}, ["Figures", "Windgids"]),
        ("", {"theme": ("visits",)}, ["Meidenkist", "Windgids"]),
        ("", {"theme": ("visits",), "kind": ("tool",)}, ["Meidenkist"]),
        ("", {"level": ("pro",)}, ["Figures", "Windgids"]),
        ("", {"level": ("vmbo-b",), "language": ("nl",)}, ["Meidenkist", "Windgids"]),
    ],
)
def test_words_and_facets_narrow_what_is_found(
    shelf: Cast, words: str, chosen: dict, expected: list[str]
) -> None:
    assert titles(toolbox.Filters(words, chosen)) == expected


def test_a_facet_counts_what_choosing_it_would_find(shelf: Cast) -> None:
    filters = toolbox.Filters("", {"kind": ("tool",), "theme": ("visits",)})
    counts = toolbox.counts(filters)
    assert dict(counts["kind"]) == {"handbook": 1, "tool": 1}
    assert dict(counts["theme"]) == {"girls": 1, "visits": 1}
    assert dict(counts["language"]) == {"nl": 1}


def test_what_the_address_says_wrongly_is_not_looked_for(client: FlaskClient, cast: Cast) -> None:
    make_resource("Windgids")
    db.session.commit()
    page = client.get("/guide/toolbox?kind=nonsense&theme=&level=x%00&page=-3&q=%00wind")
    assert page.status_code == 200
    assert "Windgids" in page.text


def test_the_list_costs_as_many_queries_for_three_as_for_one(
    client: FlaskClient, cast: Cast
) -> None:
    costs = []
    for number in range(3):
        make_resource(f"Gids {number}")
        db.session.commit()
        with counted_queries() as seen:
            client.get("/guide/toolbox")
        costs.append(len(seen))
    assert costs[0] == costs[2]


# ---- what comes with the service ----------------------------------------------------------------
def test_what_comes_with_the_service_comes_once_and_what_was_changed_stays(any_cast: Cast) -> None:
    entries = resources("nl")
    assert materials.seed() == len(entries)
    scan = db.session.scalars(select(Resource).where(Resource.code == "btm-scan")).one()
    scan.title = "Onze titel"
    materials.hide(scan, by=any_cast.gea)
    assert materials.seed() == 0
    assert (scan.title, scan.hidden_at is None) == ("Onze titel", False)


def test_what_comes_with_the_service_uses_known_words_and_names_its_maker() -> None:
    levels = {level.code for level in programme().levels}
    for entry in resources("nl"):
        assert entry.kind in set(ResourceKind)
        assert set(entry.themes) <= set(Theme)
        assert entry.themes != ()
        assert set(entry.levels) <= levels
        assert entry.source
        assert entry.url == "" or entry.url.startswith("https://")
    assert (set(KINDS), set(THEMES)) == (set(ResourceKind), set(Theme))


# ---- writing ------------------------------------------------------------------------------------
def test_a_coordinator_adds_changes_hides_and_shows(
    cast: Cast, client: FlaskClient, sign_in: Enter
) -> None:
    sign_in(client, cast.gea)
    form = {"title": "Windgids", "kind": "video", "about": "Een film", "language": "nl"}
    form |= {"source": "Windwerk", "themes": ["visits"], "url": "http://windwerk.nl"}
    refused = client.post("/guide/toolbox/new", data=form)
    assert refused.status_code == 422
    assert filled_in(refused.text)["title"] == ["Windgids"]
    added = client.post("/guide/toolbox/new", data=form | {"url": "https://windwerk.nl"})
    resource = db.session.scalars(select(Resource)).one()
    assert added.location == f"/guide/toolbox/{resource.id}"
    assert (resource.kind, resource.added_by_id) == (ResourceKind.VIDEO, cast.gea.id)
    stood = resource.changed_at
    sent = filled_in(client.get(f"{added.location}/edit").text)
    client.post(f"{added.location}/edit", data=sent)
    db.session.expire_all()
    assert resource.changed_at == stood
    client.post(f"{added.location}/edit", data=sent | {"title": "Zongids"})
    client.post(f"{added.location}/hide")
    db.session.expire_all()
    assert resource.title == "Zongids"
    assert titles(NOTHING) == []
    assert client.get(added.location).status_code == 200
    sign_in(client, cast.anna)
    assert client.get(added.location).status_code == 404
    sign_in(client, cast.gea)
    client.post(f"{added.location}/show")
    assert titles(NOTHING) == ["Zongids"]


def test_only_coordinators_write(any_cast: Cast) -> None:
    resource = make_resource("Windgids")
    for person in (any_cast.anna, any_cast.carla, any_cast.dirk):
        with pytest.raises(NotAllowed):
            materials.hide(resource, by=person)
        with pytest.raises(NotAllowed):
            materials.change(resource, {"title": "x"}, by=person)
    materials.change(resource, {"title": "y"}, by=make_person("Ada", administrator=True))
    assert resource.title == "y"


# ---- beside offers and visits -------------------------------------------------------------------
def test_a_resource_stands_beside_an_offer_for_every_class(
    cast: Cast, client: FlaskClient, sign_in: Enter
) -> None:
    resource = make_resource("Windgids")
    db.session.commit()
    path, catalogue = f"/guide/toolbox/{resource.id}", f"/offers/{cast.lecture.id}"
    assert path not in links_of(client.get(catalogue).text)
    sign_in(client, cast.carla)
    to = {"to": f"offer-{cast.lecture.id}"}
    assert client.post(f"{path}/attach", data=to).status_code == 303
    assert client.post(f"{path}/attach", data=to).status_code == 303
    assert path in links_of(client.get(catalogue).text)
    assert [one.id for one in cast.lecture.resources] == [resource.id]
    sign_in(client, cast.anna)
    assert client.post(f"{path}/attach", data=to).status_code == 422
    assert client.post(f"{path}/detach", data=to).status_code == 403
    sign_in(client, cast.carla)
    assert client.post(f"{path}/detach", data=to).status_code == 303
    assert path not in links_of(client.get(catalogue).text)
    for wrong in ("offer-0", "offer-x", "visit", "need-1", f"offer-{'9' * 30}"):
        assert client.post(f"{path}/detach", data={"to": wrong}).status_code == 404


def test_both_sides_of_an_agreed_visit_put_things_beside_it(any_cast: Cast) -> None:
    cast, resource = any_cast, make_resource("Windgids")
    proposal = scenes.ask(cast, cast.need, cast.lecture, cast.slot)
    with pytest.raises(NotAllowed):
        materials.attach(resource, proposal, by=cast.anna)  # nothing is agreed yet
    visit = scenes.confirm(cast, cast.need, cast.lecture, cast.slot)
    assert toolbox.own_visits(cast.anna) == toolbox.own_visits(cast.dirk) == [visit]
    assert toolbox.own_visits(cast.bram) == toolbox.own_visits(cast.gea) == []
    materials.attach(resource, visit, by=cast.dirk)
    materials.detach(resource, visit, by=cast.anna)
    with pytest.raises(NotAllowed):
        materials.attach(resource, visit, by=cast.bram)
    materials.hide(resource, by=cast.gea)
    with pytest.raises(WrongState):
        materials.attach(resource, visit, by=cast.anna)


def test_twelve_are_enough(any_cast: Cast) -> None:
    for number in range(materials.MOST_ATTACHED):
        materials.attach(make_resource(f"G{number}"), any_cast.lecture, by=any_cast.carla)
    with pytest.raises(Invalid):
        materials.attach(make_resource("Te veel"), any_cast.lecture, by=any_cast.carla)


# ---- suggested ----------------------------------------------------------------------------------
def suggested(cast: Cast) -> list[str]:
    rows = select(Resource.title).join(SuggestedResource).order_by(SuggestedResource.score.desc())
    return list(db.session.scalars(rows.where(SuggestedResource.need_id == cast.need.id)))


def test_what_speaks_of_the_topic_is_suggested_in_a_language_and_level_of_the_class(
    any_cast: Cast,
) -> None:
    about = "Hoe een windmolen en een zonnepaneel stroom leveren: vermogen, energie en rendement."
    english = "How wind turbines and solar panels make electricity: power, energy, efficiency."
    make_resource("Wind en zon", about=about)
    make_resource("Wind and sun", language="en", about=english)
    make_resource("Wind voor de basisschool", about=about, levels=["po-bovenbouw"])
    make_resource("Wind auf See", language="de", about=about)
    make_resource("Wind verborgen", about=about, hidden_at=clock.now())
    make_resource("Kapsels", about="Haar knippen, verven en een gesprek voeren in de salon.")
    assert suggesting.suggest() == 1
    assert suggested(any_cast) == ["Wind en zon", "Wind and sun"]


def test_suggestions_are_made_anew_only_after_a_change(any_app: Flask, any_cast: Cast) -> None:
    resource = make_resource("Energie van wind en zon", about="Stroom, vermogen, rendement.")
    assert [suggesting.suggest() for _time in range(2)] == [1, 0]
    later = clock.now() + timedelta(minutes=1)
    any_cast.need.changed_at = later
    assert suggesting.suggest() == 1
    any_cast.need.changed_at = clock.now() - timedelta(hours=1)
    any_cast.need.resources_at = clock.now() - timedelta(minutes=1)
    resource.changed_at = clock.now() - timedelta(minutes=5)
    assert suggesting.suggest() == 0
    materials.hide(resource, by=any_cast.gea)
    assert suggesting.suggest() == 1
    assert suggested(any_cast) == []
    any_cast.need.resources_at, any_cast.need.state = None, NeedState.DRAFT
    assert suggesting.suggest() == 0


def test_the_request_shows_what_was_suggested(
    cast: Cast, client: FlaskClient, sign_in: Enter
) -> None:
    one, hidden = make_resource("Windgids"), make_resource("Weg", hidden_at=clock.now())
    for resource, score in ((one, 0.7), (hidden, 0.9)):
        pair = {"need_id": cast.need.id, "resource_id": resource.id}
        db.session.add(SuggestedResource(score=score, **pair))
    db.session.commit()
    sign_in(client, cast.anna)
    links = links_of(client.get(f"/needs/{cast.need.id}").text)
    found = [link for link in links if link.startswith("/guide/toolbox/")]
    assert found == [f"/guide/toolbox/{one.id}"]
