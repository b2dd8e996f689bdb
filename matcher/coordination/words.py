"""The concepts as a coordinator reads them: found by any label, with what is named where now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload

from matcher.extensions import db
from matcher.models.journal import JournalEntry
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferState, folded
from matcher.models.organisation import Region
from matcher.models.synonym import Synonym
from matcher.reference.concepts import LANGUAGES, Concept, concepts

MOST_FOUND = 15
MOST_TEXTS = 2_000
MOST_CHANGES = 10
WHOLE_WORD = 4  # labels up to this many letters are looked for as whole words only


@dataclass(frozen=True)
class Hit:
    """A concept that was looked for; ``label`` is the one that was found, if not its name."""

    concept: Concept
    label: str


@dataclass(frozen=True)
class Named:
    """How many open requests and published offers of a region name something."""

    needs: int
    offers: int


@dataclass(frozen=True)
class Around:
    """A concept's neighbours."""

    broader: list[Concept]
    narrower: list[Concept]
    related: list[Concept]


@cache
def by_key() -> dict[str, Concept]:
    return {concept.key: concept for concept in concepts()}


@cache
def _index() -> tuple[tuple[Concept, tuple[tuple[str, str], ...]], ...]:
    """Each concept with its labels, folded and as written, those shown first."""
    return tuple(
        (one, tuple((folded(label), label) for lg in LANGUAGES for label in one.labels[lg]))
        for one in concepts()
    )


def find(text: str, own: Iterable[Synonym] = ()) -> tuple[list[Hit], int]:
    """Concepts with a label that holds this, and how many there are.

    First those with it as a whole label, then in their name, then in most of their labels.
    """
    wanted = folded(" ".join(text.split()))
    if not wanted:
        return [], 0
    added: dict[str, list[tuple[str, str]]] = {}
    for synonym in own:
        added.setdefault(synonym.concept, []).append((folded(synonym.label), synonym.label))
    found = []
    for concept, labels in _index():
        fits = [pair for pair in (*labels, *added.get(concept.key, ())) if wanted in pair[0]]
        if fits:
            names = [folded(concept.labels[language][0]) for language in LANGUAGES]
            exact = any(told == wanted for told, _written in fits)
            order = (not exact, not any(wanted in name for name in names), -len(fits))
            best = min(fits, key=lambda pair: (len(pair[0]), pair))
            found.append((order, concept.key, Hit(concept, best[1])))
    return [hit for *_order, hit in sorted(found, key=lambda f: f[:2])[:MOST_FOUND]], len(found)


def around(concept: Concept) -> Around:
    known = by_key()
    return Around(
        broader=[known[key] for key in concept.broader],
        narrower=[one for one in concepts() if concept.key in one.broader],
        related=[known[key] for key in concept.related],
    )


def owners(label: str, language: str) -> set[str]:
    """Concepts of the thesaurus that have this label."""
    wanted = folded(label)
    return {c.key for c in concepts() if any(folded(x) == wanted for x in c.labels[language])}


def synonyms_of(region: Region) -> Select[Synonym]:
    """What the region added, the newest first."""
    return (
        select(Synonym)
        .where(Synonym.region_id == region.id)
        .options(joinedload(Synonym.by))
        .order_by(Synonym.at.desc(), Synonym.id.desc())
    )


def changes_of(region: Region) -> list[JournalEntry]:
    """The last words added and removed."""
    found = (
        select(JournalEntry)
        .where(
            JournalEntry.record_type == "Region",
            JournalEntry.record_id == region.id,
            JournalEntry.deed.in_(("add_synonym", "remove_synonym")),
        )
        .options(joinedload(JournalEntry.by))
        .order_by(JournalEntry.id.desc())
        .limit(MOST_CHANGES)
    )
    return list(db.session.scalars(found))


# ---- where it is named --------------------------------------------------------------------------
class Texts:
    """What the region's open requests and published offers say, of those that hold a label.

    A plain search, to show what a word would touch; how the matcher reads texts is another matter.
    """

    def __init__(self, region: Region, labels: Iterable[str]) -> None:
        wanted = _shortest({folded(label) for label in labels if label})
        self._needs, self._offers = ([], []) if not wanted else _texts(region, wanted)

    def named(self, labels: Iterable[str]) -> Named:
        """How many of them name one of these."""
        shapes = [_shape(folded(label)) for label in labels if label]
        if not shapes:
            return Named(0, 0)
        pattern = re.compile("|".join(shapes))
        needs = sum(1 for text in self._needs if pattern.search(text))
        return Named(needs, sum(1 for text in self._offers if pattern.search(text)))


def _shape(label: str) -> str:
    r"""From the beginning of a word on; a short one must be the whole word."""
    return rf"(?<!\w){re.escape(label)}" + (r"(?!\w)" if len(label) <= WHOLE_WORD else "")


def _shortest(labels: set[str]) -> list[str]:
    """Those that hold no other: whatever text holds one of the rest holds one of these."""
    kept: list[str] = []
    for label in sorted(labels, key=lambda text: (len(text), text)):
        if not any(short in label for short in kept):
            kept.append(label)
    return kept


def _texts(region: Region, labels: Sequence[str]) -> tuple[list[str], list[str]]:
    own = select(Need.title, Need.goal, Need.hook).where(
        Need.region_id == region.id,
        Need.state == NeedState.OPEN,
        or_(*(_holds(label) for label in labels)),
    )
    needs = db.session.execute(own.order_by(Need.id.desc()).limit(MOST_TEXTS))
    given = select(Offer.search).where(
        Offer.region_id == region.id,
        Offer.state == OfferState.PUBLISHED,
        or_(*(Offer.search.contains(label, autoescape=True) for label in labels)),
    )
    offers = db.session.scalars(given.order_by(Offer.id.desc()).limit(MOST_TEXTS))
    return [folded(" ".join(row)) for row in needs], list(offers)


def _holds(label: str) -> ColumnElement[bool]:
    columns = (Need.title, Need.goal, Need.hook)
    return or_(*(column.icontains(label, autoescape=True) for column in columns))
