"""The directory of offers against counting by hand, on both databases."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from matcher.extensions import db
from matcher.models.need import PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState, TourForm
from matcher.offers.catalogue import Origin, find_offers
from matcher.offers.filters import FACETS, Filters, Word, read_filters
from tests.cast import BREDA, EINDHOVEN, GRONINGEN, Cast, make_offer

SUBJECTS = ["natuurkunde", "techniek", "economie", "biologie", "kunst"]
LEVELS = ["havo-bovenbouw", "vwo-bovenbouw", "vmbo-tl", "mbo"]
SCHOOL = Origin("Lorentz College", *EINDHOVEN)
KNOWN = {
    "kind": frozenset(OfferKind),
    "level": frozenset(LEVELS),
    "subject": frozenset(SUBJECTS),
    "place": frozenset({"onsite", "online"}),
    "language": frozenset({"nl", "en"}),
}
NAMES = {"natuurkunde": "natuurkunde physics", "kunst": "kunst art"}


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def fill(cast: Cast, count: int = 60) -> list[Offer]:
    """Offers of every kind, some of which nobody may see."""
    dice = random.Random(7)
    companies = [(cast.windwerk, EINDHOVEN), (cast.printlab, BREDA), (cast.zuivel, GRONINGEN)]
    for number in range(count):
        company, at = dice.choice(companies)
        kind = dice.choice(list(OfferKind))
        make_offer(
            company,
            kind,
            state=dice.choice([OfferState.PUBLISHED] * 3 + [OfferState.PAUSED]),
            title=dice.choice(["Meten aan wind", "Coördinator van een bouwplaats", "50% minder"]),
            description=f"Nummer {number}, met proefje.",
            subjects=dice.sample(SUBJECTS, dice.randint(0, 3)),
            levels=dice.sample(LEVELS, dice.randint(0, 2)),
            languages=dice.sample(["nl", "en"], dice.randint(1, 2)),
            place=dice.choice(list(PlaceKind)),
            latitude=at[0] + dice.random() / 5,
            longitude=at[1] + dice.random() / 5,
            tour_form=TourForm.LIVE if kind == OfferKind.TOUR else None,
            lesson_sheet="Vragen.",
            brief="Opdracht.",
        )
    db.session.commit()
    return list(db.session.query(Offer).order_by(Offer.id))


def has_facet(offer: Offer, name: str, codes: tuple[str, ...]) -> bool:
    held = {
        "kind": {offer.kind.value},
        "level": set(offer.levels),
        "subject": set(offer.subjects),
        "language": set(offer.languages),
        "place": {"onsite", "online"} if offer.place == PlaceKind.BOTH else {offer.place.value},
    }[name]
    return not codes or bool(held & set(codes))


def far(offer: Offer) -> float:
    """Great-circle kilometres, by another formula than the catalogue's."""
    lat1, lon1, lat2, lon2 = map(
        math.radians, (SCHOOL.latitude, SCHOOL.longitude, offer.latitude, offer.longitude)
    )
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * 6371.0 * math.asin(math.sqrt(half))


def is_found(offer: Offer, filters: Filters, *, without: str = "") -> bool:
    if offer.state != OfferState.PUBLISHED:
        return False
    travels = offer.place != PlaceKind.ONLINE and offer.kind != OfferKind.CHALLENGE
    if filters.within_km and travels and far(offer) > filters.within_km:
        return False
    text = f"{offer.title} {offer.description} {offer.brief} {offer.company.name}".lower()
    text = text.replace("ö", "o")
    if not all(
        word.folded in text or set(word.subjects) & set(offer.subjects) for word in filters.words
    ):
        return False
    return all(name == without or has_facet(offer, name, getattr(filters, name)) for name in FACETS)


CASES = [
    Filters(),
    Filters(kind=("lecture", "tour")),
    Filters(subject=("natuurkunde",), level=("mbo", "vmbo-tl")),
    Filters(place=("online",), language=("en",)),
    Filters(place=("onsite",), within_km=40),
    Filters(within_km=100, kind=("challenge",), subject=("kunst", "economie")),
    Filters(text="Coordinator", words=(Word("Coordinator", "coordinator"),)),
    Filters(text="50%", words=(Word("50%", "50%"),)),
    Filters(text="physics", words=(Word("physics", "physics", ("natuurkunde",)),)),
    Filters(text="windwerk nummer", words=(Word("windwerk", "windwerk"), Word("NUMMER", "nummer"))),
]


@pytest.fixture
def offers(any_cast: Cast) -> list[Offer]:
    return fill(any_cast)


def test_find_offers_equals_filtering_by_hand(offers: list[Offer], any_cast: Cast) -> None:
    programme = any_cast.region.programme.code
    for filters in CASES:
        found = find_offers(programme, filters, origin=SCHOOL, size=200)
        expected = {offer.id for offer in offers if is_found(offer, filters)}
        assert {offer.id for offer in found.offers} == expected, filters
        assert found.total == len(expected) == len(found.offers)


def test_find_offers_counts_every_facet_as_by_hand(offers: list[Offer], any_cast: Cast) -> None:
    programme = any_cast.region.programme.code
    for filters in CASES:
        facets = find_offers(programme, filters, origin=SCHOOL).facets
        for name in FACETS:
            left = [offer for offer in offers if is_found(offer, filters, without=name)]
            codes = {
                "kind": lambda offer: [offer.kind.value],
                "level": lambda offer: offer.levels,
                "subject": lambda offer: offer.subjects,
                "language": lambda offer: offer.languages,
                "place": lambda offer: (
                    ["onsite", "online"] if offer.place == PlaceKind.BOTH else [offer.place.value]
                ),
            }[name]
            expected = Counter(itertools.chain.from_iterable(map(codes, left)))
            assert facets[name] == dict(expected), (filters, name)


def test_find_offers_stands_nearest_first_and_pages_without_gaps(
    offers: list[Offer], any_cast: Cast
) -> None:
    programme = any_cast.region.programme.code
    whole = find_offers(programme, Filters(), origin=SCHOOL, size=200)
    ids = [offer.id for offer in whole.offers]
    parts = [
        offer.id
        for start in range(0, whole.total, 7)
        for offer in find_offers(programme, Filters(), origin=SCHOOL, start=start, size=7).offers
    ]
    assert parts == ids
    kms = [whole.distances.get(offer.id, 25.0) for offer in whole.offers]
    assert kms == sorted(kms)
    for offer in whole.offers:
        if offer.id in whole.distances:
            assert whole.distances[offer.id] == pytest.approx(far(offer), rel=0.02, abs=0.05)


def test_find_offers_never_shows_another_programme(offers: list[Offer], any_cast: Cast) -> None:
    assert find_offers("dk", Filters()).total == 0


def test_find_offers_costs_the_same_for_one_and_for_many(any_cast: Cast) -> None:
    programme = any_cast.region.programme.code
    costs = []
    for count in (0, 3):
        fill(any_cast, count)
        db.session.expire_all()
        with counted_queries() as seen:
            found = find_offers(programme, CASES[5], origin=SCHOOL)
            _ = [offer.company.name for offer in found.offers]
        costs.append(len(seen))
    assert costs[0] == costs[1] == 7


def read(query: dict[str, list[str]]) -> Filters:
    return read_filters(lambda name: query.get(name, []), KNOWN, NAMES)


def test_read_filters_and_as_args_are_each_others_inverse() -> None:
    for filters in (
        {"kind": ["tour", "webinar"], "within": ["40"], "q": ["wind op zee"]},
        {"subject": ["kunst"], "level": ["mbo"], "language": ["en"], "place": ["online"]},
        {},
    ):
        assert read(filters).as_args() == {
            name: value if name in FACETS else (int(value[0]) if name == "within" else value[0])
            for name, value in filters.items()
        }


def test_read_filters_leaves_out_what_it_does_not_know() -> None:
    nonsense = {
        "kind": ["rocket", "tour", "tour"],
        "level": ["'; drop table offer"] * 100,
        "within": ["9" * 400],
        "q": ["  a\t b " + "c" * 500],
    }
    filters = read(nonsense)
    assert (filters.kind, filters.level, filters.within_km) == (("tour",), (), None)
    assert filters.text == "a b " + "c" * (120 - 7)
    assert read({"within": ["-5"]}).within_km is None
    assert read({"within": ["²"]}).within_km is None


def test_read_filters_knows_subjects_by_name_in_both_languages() -> None:
    assert read({"q": ["Physics wind"]}).words == (
        Word("Physics", "physics", ("natuurkunde",)),
        Word("wind", "wind", ()),
    )
