"""What classes that wait ask about: the field's concepts named in their requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from matcher.models.need import Need
from matcher.organisations.register import plain
from matcher.reference.concepts import Concept, concepts

SHORTEST = 4  # letters of a label that is looked for
LONGEST = 4  # words of one
MOST = 3


def topics_of(needs: Iterable[Need], subject: str, language: str, *, least: int) -> list[str]:
    """The concepts of a subject that the titles of at least ``least`` classes name, the most
    named first, at most three, in the reader's language. A concept counts with its narrower ones
    where more classes share it so."""
    alone: Counter[str] = Counter()
    shared: Counter[str] = Counter()
    for need in needs:
        named = set(_named(need.title, subject))
        wider = {key for one in named for key in _by_key()[one].broader if _is_topic(key, subject)}
        alone.update(dict.fromkeys(named, need.groups))
        shared.update(dict.fromkeys(named | wider, need.groups))
    worth = {key: many for key, many in shared.items() if alone[key] or many >= 2}
    most = sorted(worth, key=lambda key: (-worth[key], -alone[key], key))
    told = [_label(_by_key()[key], language) for key in most if worth[key] >= least]
    return list(dict.fromkeys(told))[:MOST]


def _named(text: str, subject: str) -> Iterator[str]:
    words, index = plain(text).split(), _by_label()
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST, len(words)) + 1):
            for concept in index.get(" ".join(words[start:end]), ()):
                if _is_topic(concept.key, subject):
                    yield concept.key


def _is_topic(key: str, subject: str) -> bool:
    """Part of the subject, and not the subject itself."""
    concept = _by_key()[key]
    return bool(concept.broader) and subject in concept.subjects


def _label(concept: Concept, language: str) -> str:
    labels = concept.labels.get(language) or concept.labels["en"]
    return labels[0]


@cache
def _by_key() -> Mapping[str, Concept]:
    return {concept.key: concept for concept in concepts()}


@cache
def _by_label() -> Mapping[str, tuple[Concept, ...]]:
    """Every label in both languages, plain, with the concepts it names."""
    found: dict[str, tuple[Concept, ...]] = {}
    for concept in concepts():
        for label in {plain(label) for labels in concept.labels.values() for label in labels}:
            if len(label) >= SHORTEST:
                found[label] = (*found.get(label, ()), concept)
    return found
