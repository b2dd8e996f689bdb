"""The teacher's directory of offers: filters, facet counts, distance; always as many queries."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.need import Need, NeedState, PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState, folded
from matcher.models.organisation import Company, Programme, Region
from matcher.models.sql import elements, holds, squared_km

FACETS = ("kind", "level", "subject", "place", "language")
LIST_COLUMNS = {"level": Offer.levels, "subject": Offer.subjects, "language": Offer.languages}
MOST_CHOSEN, MOST_WORDS, LONGEST_QUERY = 40, 8, 120
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
class Word:
    """A word somebody searches by, and the subjects that carry it in their names."""

    written: str
    folded: str
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """What a teacher has chosen; empty means everything."""

    text: str = ""
    words: tuple[Word, ...] = ()
    kind: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    within_km: int | None = None

    @property
    def is_empty(self) -> bool:
        return self == Filters()

    def as_args(self) -> dict[str, Any]:
        """The same choice as a query string, so that "back" and a bookmark find it again."""
        args: dict[str, Any] = {name: list(getattr(self, name)) for name in FACETS}
        args |= {"q": self.text, "within": self.within_km}
        return {name: value for name, value in args.items() if value}


@dataclass(frozen=True, slots=True)
class Found:
    """One page of offers and how many there are for every further choice."""

    offers: Sequence[Offer]
    distances: Mapping[int, float]  # offer id -> km, where the class would have to be near
    total: int
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def read_filters(
    values: Callable[[str], Sequence[str]],
    known: Mapping[str, frozenset[str]],
    subject_names: Mapping[str, str],
) -> Filters:
    """Filters from a query string; whatever is not known is left out, never an error."""
    chosen = {
        name: tuple(dict.fromkeys(v for v in values(name)[:MOST_CHOSEN] if v in known[name]))
        for name in FACETS
    }
    text = " ".join(("".join(values("q")[:1]))[:LONGEST_QUERY].split())
    within = ("".join(values("within")[:1])).strip()
    km = int(within) if within.isascii() and within.isdigit() and len(within) <= 3 else None
    return Filters(text=text, words=_words(text, subject_names), within_km=km or None, **chosen)


def _words(text: str, subject_names: Mapping[str, str]) -> tuple[Word, ...]:
    """The words of a search; ``subject_names`` holds each subject's names, folded, in a line."""
    return tuple(
        Word(
            word,
            folded(word),
            tuple(c for c, line in subject_names.items() if folded(word) in line.split()),
        )
        for word in text.split()[:MOST_WORDS]
    )


def find_offers(
    programme: str,
    filters: Filters,
    *,
    origin: Origin | None = None,
    start: int = 0,
    size: int = 20,
) -> Found:
    """One page of published offers, nearest first where there is a school to count from."""
    standing = _standing(programme)
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
        facets={name: count_facet(name, programme, filters, origin) for name in FACETS},
    )


def count_facet(
    name: str, programme: str, filters: Filters, origin: Origin | None
) -> dict[str, int]:
    """How many offers each further choice of this facet has, given all the other choices."""
    others = [rule for key, rule in _conditions(filters, origin).items() if key != name]
    where = and_(_standing(programme), *others)
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


def _standing(programme: str) -> ColumnElement[bool]:
    return and_(Offer.state == OfferState.PUBLISHED, Programme.code == programme)


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
    """Title hits first, then the nearest, then the newest."""
    keys: list[Any] = []
    if filters.text:
        titled = [Offer.title.icontains(w.written, autoescape=True) for w in filters.words]
        keys.append(case((and_(*titled), 0), else_=1))
    if origin is not None:
        keys.append(
            case(
                (_travels(), squared_km(Offer.latitude, Offer.longitude, origin.point)),
                else_=ONLINE_STANDS_AT_KM**2,
            )
        )
    return [*keys, Offer.published_at.desc(), Offer.id]


def open_needs_of(person: Person) -> list[Need]:
    """The needs for which this teacher could ask an offer herself, newest first; at most 50."""
    found = (
        select(Need)
        .where(Need.teacher_id == person.id, Need.state == NeedState.OPEN)
        .options(joinedload(Need.school), selectinload(Need.windows))
        .order_by(Need.changed_at.desc(), Need.id.desc())
    )
    return list(db.session.scalars(found.limit(50)))
