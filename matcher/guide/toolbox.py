"""What the toolbox holds, searched and narrowed; and what a resource may be put beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload

from matcher.extensions import db
from matcher.models.account import COMPANY_ROLES, Person, Role
from matcher.models.guide import Resource
from matcher.models.moves import ProposalState
from matcher.models.offer import Offer, OfferState, folded
from matcher.models.proposal import Proposal
from matcher.models.sql import holds, holds_or_says_nothing
from matcher.proposals import queries

FACETS = ("kind", "theme", "level", "language")
MOST_COUNTED = 5000
MOST_TARGETS = 100
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody looks for: words, and of each facet any of the chosen codes."""

    words: str
    chosen: Mapping[str, tuple[str, ...]]

    def as_args(self) -> dict[str, Any]:
        args: dict[str, Any] = {name: list(codes) for name, codes in self.chosen.items() if codes}
        return args | ({"q": self.words} if self.words else {})

    def without(self, facet: str, code: str) -> dict[str, Any]:
        """The address with one choice taken away."""
        args = self.as_args()
        args[facet] = [one for one in args.get(facet, []) if one != code]
        return {name: value for name, value in args.items() if value}


def found(filters: Filters) -> Select[Any]:
    """What fits, by title; a resource for any level fits every level."""
    return (
        select(Resource)
        .where(*_words(filters), *(_rule(name, filters.chosen[name]) for name in _asked(filters)))
        .order_by(Resource.title, Resource.id)
    )


def counts(filters: Filters) -> dict[str, Counter[str]]:
    """How many there are of each code, given the words and the other facets; by one query."""
    columns = (Resource.kind, Resource.themes, Resource.levels, Resource.language)
    rows = db.session.execute(select(*columns).where(*_words(filters)).limit(MOST_COUNTED)).all()
    counted: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for row in rows:
        for name in FACETS:
            others = [facet for facet in _asked(filters) if facet != name]
            if all(_passes(row, facet, filters.chosen[facet]) for facet in others):
                counted[name].update(_codes(row, name))
    return counted


def _asked(filters: Filters) -> list[str]:
    return [name for name in FACETS if filters.chosen.get(name)]


def _words(filters: Filters) -> list[ColumnElement[bool]]:
    words = folded(filters.words)[:LONGEST_SEARCH].split()
    return [Resource.hidden_at.is_(None)] + [
        Resource.search.contains(word, autoescape=True) for word in words
    ]


def _rule(facet: str, codes: Sequence[str]) -> ColumnElement[bool]:
    if facet == "kind":
        return Resource.kind.in_(codes)
    if facet == "language":
        return Resource.language.in_(codes)
    if facet == "theme":
        return holds(Resource.themes, codes)
    return holds_or_says_nothing(Resource.levels, codes)


def _codes(row: Any, facet: str) -> Iterable[str]:
    if facet in ("kind", "language"):
        return [str(getattr(row, facet))]
    return row.themes if facet == "theme" else row.levels


def _passes(row: Any, facet: str, codes: Sequence[str]) -> bool:
    if facet == "level" and not row.levels:
        return True
    return bool(set(_codes(row, facet)) & set(codes))


# ---- what it may be put beside ------------------------------------------------------------------
def own_offers(person: Person) -> Sequence[Offer]:
    """Offers somebody may put a resource beside, the latest first."""
    mine = {g.company_id for g in person.grants if g.role == Role.COMPANY_CONTACT}
    regions = {g.region_id for g in person.grants if g.role == Role.COORDINATOR}
    query = select(Offer).where(Offer.state != OfferState.WITHDRAWN)
    if not person.has_role(Role.ADMINISTRATOR):
        query = query.where(or_(Offer.company_id.in_(mine), Offer.region_id.in_(regions)))
    return db.session.scalars(query.order_by(Offer.id.desc()).limit(MOST_TARGETS)).all()


def own_visits(person: Person) -> Sequence[Proposal]:
    """Agreed visits of one's own, the latest first."""
    if not person.has_role(Role.TEACHER) and not any(map(person.has_role, COMPANY_ROLES)):
        return []
    query = (
        queries.of_person(person)
        .where(Proposal.state == ProposalState.CONFIRMED)
        .options(joinedload(Proposal.need), joinedload(Proposal.offer))
        .order_by(None)
        .order_by(Proposal.id.desc())
        .limit(MOST_TARGETS)
    )
    return db.session.scalars(query).unique().all()
