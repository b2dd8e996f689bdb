"""Drafts, publication and its refusals, pausing, withdrawing, staying true."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from matcher import clock
from matcher.errors import DomainError, Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.need import PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState, TourForm
from matcher.models.professional import Slot
from matcher.offers import service
from matcher.offers.completeness import missing_for_publication
from tests.cast import Cast, in_days, make_offer, make_professional

WORDS = {
    "title": "Meten aan wind",
    "description": "Een proef met een windmolentje.",
    "subjects": ["natuurkunde"],
    "levels": ["havo-bovenbouw"],
    "languages": ["nl"],
}
FILM = {
    "tour_form": TourForm.FILM,
    "film_url": "https://youtu.be/dQw4w9WgXcQ",
    "captions": "Nederlands",
    "lesson_sheet": "Drie vragen bij de film.",
}


def draft(cast: Cast, kind: OfferKind = OfferKind.LECTURE, **more: Any) -> Offer:
    return service.create_draft(cast.windwerk, kind, WORDS | more, by=cast.carla)


def add_date(offer: Offer, start: datetime, *, seats: int = 5, taken: int = 0) -> Slot:
    end = start + timedelta(hours=1)
    offer.dates.append(Slot(starts_at=start, ends_at=end, seats=seats, taken=taken))
    db.session.flush()
    return offer.dates[-1]


def refused_field(offer: Offer, cast: Cast) -> str | None:
    with pytest.raises(Invalid) as refusal:
        service.publish(offer, by=cast.carla)
    assert offer.state == OfferState.DRAFT
    assert refusal.value.field == missing_for_publication(offer)[0].field
    return refusal.value.field


def test_create_draft_stands_where_the_company_stands(cast: Cast) -> None:
    offer = service.create_draft(cast.windwerk, OfferKind.LECTURE, {}, by=cast.carla)
    assert (offer.state, offer.company_id, offer.region_id) == (
        OfferState.DRAFT,
        cast.windwerk.id,
        cast.region.id,
    )
    assert (offer.town, offer.latitude) == ("Eindhoven", cast.windwerk.latitude)
    assert [need.field for need in missing_for_publication(offer)] == [
        "title",
        "description",
        "subjects",
        "levels",
        "professionals",
    ]


@pytest.mark.parametrize("name", ["title", "description", "subjects", "levels", "languages"])
@pytest.mark.parametrize("kind", list(OfferKind))
def test_publish_without_what_every_offer_needs_names_the_field(
    cast: Cast, kind: OfferKind, name: str
) -> None:
    offer = draft(cast, kind, **{name: [] if isinstance(WORDS[name], list) else "  "})
    assert refused_field(offer, cast) == name


def test_publish_lecture_needs_somebody_to_give_it(cast: Cast) -> None:
    offer = draft(cast)
    assert refused_field(offer, cast) == "professionals"
    cast.dirk_professional.is_active = False
    service.update(offer, {"professionals": [cast.dirk_professional]}, by=cast.carla)
    assert refused_field(offer, cast) == "professionals"
    cast.dirk_professional.is_active = True
    service.publish(offer, by=cast.carla)
    assert offer.state == OfferState.PUBLISHED
    assert offer.published_at == offer.confirmed_at is not None


def test_publish_tour_without_lesson_sheet_is_refused(cast: Cast) -> None:
    offer = draft(cast, OfferKind.TOUR, **(FILM | {"lesson_sheet": " "}))
    assert refused_field(offer, cast) == "lesson_sheet"
    service.update(offer, {"lesson_sheet": "Drie vragen."}, by=cast.carla)
    service.publish(offer, by=cast.carla)
    assert (offer.state, offer.place, offer.is_on_demand) == (
        OfferState.PUBLISHED,
        PlaceKind.ONLINE,
        True,
    )


def test_publish_tour_needs_its_form_and_a_film_its_address(cast: Cast) -> None:
    offer = draft(cast, OfferKind.TOUR, lesson_sheet="Drie vragen.")
    assert refused_field(offer, cast) == "tour_form"
    service.update(offer, {"tour_form": TourForm.FILM}, by=cast.carla)
    assert refused_field(offer, cast) == "film_url"


def test_publish_film_without_captions_is_refused(cast: Cast) -> None:
    offer = draft(cast, OfferKind.TOUR, **(FILM | {"captions": " "}))
    assert refused_field(offer, cast) == "captions"
    service.update(offer, {"captions": "Nederlands"}, by=cast.carla)
    service.publish(offer, by=cast.carla)
    assert offer.state == OfferState.PUBLISHED


def test_publish_live_tour_needs_a_host(cast: Cast) -> None:
    offer = draft(cast, OfferKind.TOUR, tour_form=TourForm.LIVE, lesson_sheet="Drie vragen.")
    assert refused_field(offer, cast) == "professionals"
    service.update(offer, {"professionals": [cast.dirk_professional]}, by=cast.carla)
    service.publish(offer, by=cast.carla)
    assert offer.is_on_demand is False


def test_publish_challenge_needs_brief_and_deliverables(cast: Cast) -> None:
    offer = draft(cast, OfferKind.CHALLENGE, ask_first=False)
    assert refused_field(offer, cast) == "brief"
    service.update(offer, {"brief": "Bedenk een stiller blad."}, by=cast.carla)
    assert refused_field(offer, cast) == "deliverables"
    service.update(offer, {"deliverables": "Een model en een poster."}, by=cast.carla)
    service.publish(offer, by=cast.carla)
    assert (offer.state, offer.ask_first) == (OfferState.PUBLISHED, False)


def test_publish_webinar_needs_a_date_to_come(cast: Cast) -> None:
    offer = draft(cast, OfferKind.WEBINAR)
    assert refused_field(offer, cast) == "dates"
    add_date(offer, clock.now() - timedelta(days=1))
    assert refused_field(offer, cast) == "dates"
    add_date(offer, in_days(25)).withdrawn_at = clock.now()
    assert refused_field(offer, cast) == "dates"
    add_date(offer, in_days(30), seats=3, taken=3)  # full: classes can wait for a seat
    service.publish(offer, by=cast.carla)
    assert (offer.state, offer.place) == (OfferState.PUBLISHED, PlaceKind.ONLINE)


@pytest.mark.parametrize(
    "address", ["http://youtu.be/dQw4w9WgXcQ", "https://films.evil.example/watch?v=dQw4w9WgXcQ"]
)
def test_update_refuses_a_film_of_another_host_even_in_a_draft(cast: Cast, address: str) -> None:
    offer = draft(cast, OfferKind.TOUR, **FILM)
    with pytest.raises(Invalid) as refusal:
        service.update(offer, {"title": "Anders", "film_url": address}, by=cast.carla)
    assert refusal.value.field == "film_url"
    assert (offer.title, offer.film_url) == (WORDS["title"], FILM["film_url"])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"postcode": "0000ZZ"}, "postcode"),
        ({"lesson_sheet": ""}, "lesson_sheet"),
        ({"title": ""}, "title"),
        ({"film_url": ""}, "film_url"),
    ],
)
def test_update_of_a_published_offer_leaves_it_complete(
    cast: Cast, values: dict[str, Any], field: str
) -> None:
    offer = draft(cast, OfferKind.TOUR, **FILM)
    service.publish(offer, by=cast.carla)
    db.session.commit()
    with pytest.raises(Invalid) as refusal:
        service.update(offer, {"description": "Anders."} | values, by=cast.carla)
    assert refusal.value.field == field
    db.session.flush()
    assert offer.description == WORDS["description"]
    assert missing_for_publication(offer) == ()


def test_update_writes_only_what_the_kind_asks(cast: Cast) -> None:
    offer = draft(cast)
    foreign = {
        "brief": "x",
        "state": OfferState.PUBLISHED,
        "company_id": cast.printlab.id,
        "film_url": "http://x",
        "id": 99,
        "title": "Nieuw",
    }
    service.update(offer, foreign, by=cast.carla)
    assert (offer.title, offer.brief, offer.film_url, offer.state, offer.company_id) == (
        "Nieuw",
        "",
        "",
        OfferState.DRAFT,
        cast.windwerk.id,
    )


def test_update_refuses_professionals_of_another_company(cast: Cast) -> None:
    offer = draft(cast)
    with pytest.raises(Invalid) as refusal:
        service.update(offer, {"professionals": [cast.els_professional]}, by=cast.carla)
    assert refusal.value.field == "professionals"
    assert offer.professionals == []


def test_lecture_always_asks_and_a_postcode_moves_the_offer(cast: Cast) -> None:
    offer = draft(cast)
    service.update(offer, {"ask_first": False, "postcode": "9711 AB"}, by=cast.carla)
    assert (offer.ask_first, offer.postcode, offer.town) == (True, "9711AB", "Groningen")
    assert offer.latitude == pytest.approx(53.2, abs=0.1)


def test_pause_and_publish_again_keep_the_first_publication(cast: Cast) -> None:
    first = cast.lecture.published_at
    service.pause(cast.lecture, by=cast.carla)
    assert cast.lecture.state == OfferState.PAUSED
    service.publish(cast.lecture, by=cast.carla)
    assert (cast.lecture.state, cast.lecture.published_at) == (OfferState.PUBLISHED, first)


def test_withdrawn_is_the_end_but_may_be_copied(cast: Cast) -> None:
    service.withdraw(cast.lecture, by=cast.carla)
    for verb in (service.publish, service.pause, service.withdraw, service.confirm_still_true):
        with pytest.raises(WrongState):
            verb(cast.lecture, by=cast.carla)
    with pytest.raises(WrongState):
        service.update(cast.lecture, {"title": "x"}, by=cast.carla)
    twin = service.copy(cast.lecture, by=cast.carla)
    assert twin.id != cast.lecture.id
    assert (twin.state, twin.title, twin.professionals, twin.subjects) == (
        OfferState.DRAFT,
        cast.lecture.title,
        [cast.dirk_professional],
        cast.lecture.subjects,
    )
    assert missing_for_publication(twin) == ()


def test_asks_still_true_once_per_term(cast: Cast) -> None:
    offer = cast.lecture
    assert service.asks_still_true(offer) is False
    offer.confirmed_at = clock.now() - timedelta(days=200)
    assert service.asks_still_true(offer) is True
    service.confirm_still_true(offer, by=cast.carla)
    assert service.asks_still_true(offer) is False
    offer.confirmed_at = None
    assert service.asks_still_true(offer) is True
    service.pause(offer, by=cast.carla)
    assert service.asks_still_true(offer) is False


def test_nobody_else_may_do_anything_to_an_offer(cast: Cast) -> None:
    offer = make_offer(cast.windwerk, professionals=[cast.dirk_professional])
    for stranger in (cast.anna, cast.dirk, cast.els, cast.farid, cast.hugo):
        for verb in (service.publish, service.pause, service.withdraw, service.confirm_still_true):
            with pytest.raises(NotAllowed):
                verb(offer, by=stranger)
        with pytest.raises(NotAllowed):
            service.update(offer, {"title": "x"}, by=stranger)
        with pytest.raises(NotAllowed):
            service.create_draft(cast.windwerk, OfferKind.LECTURE, {}, by=stranger)
    service.pause(offer, by=cast.gea)
    assert offer.state == OfferState.PAUSED


def test_captions_are_kept_beside_the_film(cast: Cast) -> None:
    offer = draft(cast, OfferKind.TOUR, **(FILM | {"captions": "Nederlands en Engels"}))
    assert offer.extra == {"captions": "Nederlands en Engels"}
    service.update(offer, {"captions": "Geen"}, by=cast.carla)
    db.session.commit()
    db.session.expire_all()
    assert offer.extra == {"captions": "Geen"}


def test_refusals_are_sentences(cast: Cast) -> None:
    offer = draft(cast)
    colleague = make_professional(cast.printlab, "Iris Bakker")
    with pytest.raises(DomainError) as refusal:
        service.update(offer, {"professionals": [colleague]}, by=cast.carla)
    assert str(refusal.value).endswith(".")
