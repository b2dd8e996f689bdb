"""The teacher's directory of offers: facet counts, distance, order; always as many queries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.need import Need, NeedState, PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState
from matcher.models.organisation import Company, Programme, Region, School
from matcher.models.sql import elements, holds, squared_km
from matcher.offers.filters import FACETS, Filters, Order, Word
from matcher.proposals import fits

LIST_COLUMNS = {"level": Offer.levels, "subject": Offer.subjects, "language": Offer.languages}
ONLINE_STANDS_AT_KM = 25.0  # in the order of the list: after what is near, before what is far


@dataclass(frozen=True, slots=True)
class Origin:
    """Where distances are counted from: the teacher's school."""

    name: str
    latitude: float
    longitude: float

    @property
    def point(self) -> tuple[float, float]:
        return self.latitude, self.longitude


@dataclass(frozen=True, slots=True)
class Found:
    """One page of offers and how many there are for every further choice."""

    offers: Sequence[Offer]
    distances: Mapping[int, float]  # offer id -> km, where the class would have to be near
    total: int
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    on_days: frozenset[int] = frozenset()  # of those shown, the ids with a moment for the need


def find_offers(
    programme: str,
    filters: Filters,
    *,
    origin: Origin | None = None,
    need: Need | None = None,
    start: int = 0,
    size: int = 20,
) -> Found:
    """One page of published offers, nearest first where there is a school to count from.

    With a ``need`` only those its rules let through; its days are told beside them.
    """
    standing = _standing(programme, need)
    wanted = and_(standing, *_conditions(filters, origin).values())
    total = db.session.scalar(_from_offers(func.count(Offer.id)).where(wanted)) or 0
    rows = db.session.scalars(
        _from_offers(Offer)
        .options(contains_eager(Offer.company))
        .where(wanted)
        .order_by(*_order(filters, origin))
        .offset(start)
        .limit(size)
    ).all()
    return Found(
        offers=rows,
        distances=distances(rows, origin),
        total=total,
        facets={name: count_facet(name, standing, filters, origin) for name in FACETS},
        on_days=_on_days(rows, need),
    )


def _on_days(offers: Sequence[Offer], need: Need | None) -> frozenset[int]:
    """Of these offers those with a free moment on the need's days; always one query."""
    if need is None:
        return frozenset()
    ids = [offer.id for offer in offers]
    found = select(Offer.id).where(Offer.id.in_(ids), fits.passes_on_its_days(need))
    return frozenset(db.session.scalars(found))


def count_facet(
    name: str, standing: ColumnElement[bool], filters: Filters, origin: Origin | None
) -> dict[str, int]:
    """How many offers each further choice of this facet has, given all the other choices."""
    others = [rule for key, rule in _conditions(filters, origin).items() if key != name]
    where = and_(standing, *others)
    if name in LIST_COLUMNS:
        code: Any = elements(LIST_COLUMNS[name])
        query = select(code.c.value, func.count(Offer.id.distinct())).select_from(Offer)
        query = query.join(Company).join(Region, Region.id == Offer.region_id)
        query = query.join(Programme, Programme.id == Region.programme_id)
        query = query.join(code, literal(True)).where(where).group_by(code.c.value)
        return {str(value): count for value, count in db.session.execute(query)}
    column = Offer.kind if name == "kind" else Offer.place
    counts = {
        value.value: count
        for value, count in db.session.execute(
            _from_offers(column, func.count(Offer.id)).where(where).group_by(column)
        )
    }
    return counts if name == "kind" else _places(counts)


def distances(offers: Sequence[Offer], origin: Origin | None) -> dict[int, float]:
    """Kilometres as the crow flies, for offers that bring people to one another."""
    if origin is None:
        return {}
    return {
        offer.id: math.sqrt(squared_km(offer.latitude, offer.longitude, origin.point))
        for offer in offers
        if needs_travel(offer)
    }


def needs_travel(offer: Offer) -> bool:
    return offer.place != PlaceKind.ONLINE and offer.kind != OfferKind.CHALLENGE


def _from_offers(*what: Any) -> Select[Any]:
    query = select(*what).select_from(Offer).join(Company, Company.id == Offer.company_id)
    query = query.join(Region, Region.id == Offer.region_id)
    return query.join(Programme, Programme.id == Region.programme_id)


def _standing(programme: str, need: Need | None = None) -> ColumnElement[bool]:
    public = and_(Offer.state == OfferState.PUBLISHED, Programme.code == programme)
    return public if need is None else and_(public, fits.passes(need))


def _conditions(filters: Filters, origin: Origin | None) -> dict[str, ColumnElement[bool]]:
    """One condition per filter that is set, under the filter's name."""
    conditions: dict[str, ColumnElement[bool]] = {}
    if filters.text:
        conditions["text"] = _matches(filters.words)
    if filters.kind:
        conditions["kind"] = Offer.kind.in_([OfferKind(code) for code in filters.kind])
    for name, column in LIST_COLUMNS.items():
        codes = getattr(filters, name)
        if codes:
            conditions[name] = holds(column, codes)
    if filters.place:
        fitting = {PlaceKind(code) for code in filters.place} | {PlaceKind.BOTH}
        conditions["place"] = Offer.place.in_(sorted(fitting))
    if filters.within_km and origin is not None:
        near = squared_km(Offer.latitude, Offer.longitude, origin.point) <= filters.within_km**2
        conditions["within"] = or_(near, ~_travels())
    return conditions


def _travels() -> ColumnElement[bool]:
    """``needs_travel``, said to the database."""
    return and_(Offer.place != PlaceKind.ONLINE, Offer.kind != OfferKind.CHALLENGE)


def _matches(words: Sequence[Word]) -> ColumnElement[bool]:
    """Every word stands in the offer's words, in the company's name, or names its subject."""
    return and_(*(or_(*_hits(word)) for word in words))


def _hits(word: Word) -> list[ColumnElement[bool]]:
    hits = [
        Offer.search.contains(word.folded, autoescape=True),
        Company.name.icontains(word.written, autoescape=True),
    ]
    return [*hits, holds(Offer.subjects, word.subjects)] if word.subjects else hits


def _places(counts: Mapping[str, int]) -> dict[str, int]:
    """What can be done both ways counts for either."""
    both = counts.get(PlaceKind.BOTH.value, 0)
    return {
        place.value: counts.get(place.value, 0) + both
        for place in (PlaceKind.ONSITE, PlaceKind.ONLINE)
        if counts.get(place.value, 0) + both
    }


def _order(filters: Filters, origin: Origin | None) -> list[Any]:
    """As asked; else title hits first, then the nearest, then the newest."""
    newest = [Offer.published_at.desc(), Offer.id]
    if filters.order == Order.NEW:
        return newest
    if filters.order == Order.SHORT:
        return [Offer.minutes, *newest]
    keys: list[Any] = []
    if filters.text and filters.order is None:
        titled = [Offer.title.icontains(w.written, autoescape=True) for w in filters.words]
        keys.append(case((and_(*titled), 0), else_=1))
    if origin is not None:
        keys.append(
            case(
                (_travels(), squared_km(Offer.latitude, Offer.longitude, origin.point)),
                else_=ONLINE_STANDS_AT_KM**2,
            )
        )
    return [*keys, *newest]


def origins_of(person: Person) -> dict[int, Origin]:
    """The schools where somebody teaches, by id: what distances are counted from."""
    found = select(School).where(School.id.in_(person.school_ids)).order_by(School.id)
    return {
        school.id: Origin(school.name, school.latitude, school.longitude)
        for school in db.session.scalars(found)
    }


def needs_of(person: Person) -> list[Need]:
    """The open needs of a teacher and those still being written, newest first; at most 50."""
    found = (
        select(Need)
        .where(Need.teacher_id == person.id, Need.state.in_([NeedState.OPEN, NeedState.DRAFT]))
        .options(joinedload(Need.school), joinedload(Need.region), selectinload(Need.windows))
        .order_by(Need.changed_at.desc(), Need.id.desc())
    )
    return list(db.session.scalars(found.limit(50)))
