"""Stops of tours, data and period of challenges; what is not released shows nowhere to schools."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from matcher import clock
from matcher.errors import DomainError, Invalid
from matcher.extensions import db
from matcher.models.offer import OfferKind, OfferState, TourForm
from matcher.offers import service
from matcher.offers.stops import as_text, stops_from
from matcher.proposals import fits
from matcher.proposals import service as proposals
from matcher.proposals.inputs import read_problem
from tests.cast import Cast, make_offer

TEXT = "0:30 | De poort\n12:05 | De gieterij | Waarom is het hier zo heet?"
FILM = {
    "tour_form": TourForm.FILM,
    "film_url": "https://youtu.be/dQw4w9WgXcQ",
    "lesson_sheet": "Drie vragen.",
    "extra": {"captions": "Nederlands"},
    "ask_first": False,
    "max_group": None,
}


def test_stops_are_read_in_order_and_written_back_as_they_were() -> None:
    stops = stops_from("12:05 | De gieterij | Waarom is het hier zo heet?\n\n0:30 - De poort")
    assert stops == [
        {"at": 30, "title": "De poort", "question": ""},
        {"at": 725, "title": "De gieterij", "question": "Waarom is het hier zo heet?"},
    ]
    assert (as_text(stops), stops_from(as_text(stops))) == (TEXT, stops)


@pytest.mark.parametrize("line", ["De gieterij", "2:75 | Te veel", "2:30", "a:bc | x", "2:30 | "])
def test_a_line_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(Invalid) as refusal:
        stops_from(f"0:30 | De poort\n{line}")
    assert (refusal.value.field, "2" in str(refusal.value)) == ("stops", True)
    with pytest.raises(Invalid):
        stops_from("0:01 | x\n" * 41)


def test_stops_and_lesson_sheet_stand_beside_the_film(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    tour = make_offer(cast.windwerk, OfferKind.TOUR, **FILM)
    service.update(tour, {"stops": stops_from(TEXT)}, by=cast.carla)
    db.session.commit()
    page = client.get(f"/offers/{tour.id}").text
    assert [w in page for w in ("12:05 De gieterij", "Waarom is het hier", "Drie vragen.")] == [
        True
    ] * 3
    sign_in(client, cast.carla)
    edit = client.get(f"/company/offers/{tour.id}/edit").text
    assert "12:05 | De gieterij | Waarom is het hier zo heet?" in edit


@pytest.mark.parametrize("state", [OfferState.DRAFT, OfferState.PAUSED, OfferState.WITHDRAWN])
def test_an_unreleased_tour_shows_nowhere_to_schools(
    cast: Cast, client: FlaskClient, sign_in, state: OfferState
) -> None:
    canary = "Kanarietour"
    tour = make_offer(cast.windwerk, OfferKind.TOUR, title=canary, **FILM)
    pages = [
        "/offers",
        "/offers?q=windpark",
        "/offers?kind=tour",
        f"/needs/{cast.need.id}",
        f"/offers?need={cast.need.id}",
    ]
    db.session.commit()
    sign_in(client, cast.anna)
    assert any(canary in client.get(path).text for path in pages)  # a control
    tour.state = state
    db.session.commit()
    shown = [path for path in pages if canary in client.get(path).text]
    assert shown == []
    hidden = client.get(f"/offers/{tour.id}")
    assert (hidden.status_code, canary in hidden.text) == (404, False)
    assert str(tour.id) not in {supply.key for supply in read_problem(cast.region).supplies}
    assert "away" in fits.refusals(cast.need, tour)
    with pytest.raises(DomainError):
        proposals.invite(cast.need, tour, None, by=cast.anna)


def challenge(cast: Cast, **more: object):
    values = {"brief": "De vraag", "deliverables": "Een pitch", "max_group": None}
    return make_offer(cast.windwerk, OfferKind.CHALLENGE, **(values | more))


def test_a_challenge_whose_period_is_over_is_offered_no_more(any_cast: Cast) -> None:
    cast, today = any_cast, clock.today()
    over = challenge(cast, closes_on=today - timedelta(days=1))
    last_day, endless = challenge(cast, closes_on=today), challenge(cast)
    assert (service.pause_past(), service.pause_past()) == (1, 0)
    assert [o.state for o in (over, last_day, endless)] == [
        OfferState.PAUSED,
        OfferState.PUBLISHED,
        OfferState.PUBLISHED,
    ]
    with pytest.raises(Invalid) as refusal:
        service.publish(over, by=cast.carla)
    assert refusal.value.field == "closes_on"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"data_links": "https://example.org/a.csv\nergens"}, "data_links"),
        ({"data_links": "javascript:alert(1)"}, "data_links"),
        ({"opens_on": clock.today(), "closes_on": clock.today() - timedelta(days=1)}, "closes_on"),
    ],
)
def test_data_and_period_are_checked(cast: Cast, values: dict, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        service.update(challenge(cast), values, by=cast.carla)
    assert refusal.value.field == field


def test_data_and_period_stand_on_the_challenges_page(cast: Cast, client: FlaskClient) -> None:
    link = "https://example.org/metingen.csv"
    offer = challenge(cast, data_links=link, closes_on=clock.today() + timedelta(days=20))
    db.session.commit()
    page = client.get(f"/offers/{offer.id}").text
    assert (f'href="{link}"' in page, "Inleveren kan tot en met" in page) == (True, True)
