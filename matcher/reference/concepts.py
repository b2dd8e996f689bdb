"""The field's concepts in Dutch and English, and the parallel occupation texts."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter

from matcher.reference.system import DATA, BrokenReference

LANGUAGES = ("nl", "en")
CONCEPTS = DATA / "concepts.tsv"
OCCUPATIONS = DATA / "occupations_nl_en.csv.gz"


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept with its labels; the first label of each language is the one shown."""

    key: str
    labels: dict[str, tuple[str, ...]]
    broader: tuple[str, ...]
    related: tuple[str, ...]
    subjects: tuple[str, ...]
    occupations: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occupation:
    """One ESCO occupation told in both languages: label, synonyms, description."""

    key: str
    texts: dict[str, str]


@cache
def concepts() -> tuple[Concept, ...]:
    """All concepts, ordered by key; BrokenReference when one points to nothing."""
    with CONCEPTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    made = tuple(sorted((_concept(row) for row in rows), key=lambda concept: concept.key))
    keys = {concept.key for concept in made}
    if len(keys) < len(made):
        raise BrokenReference("concepts.tsv: a concept stands twice")
    for concept in made:
        if strangers := {*concept.broader, *concept.related} - keys:
            raise BrokenReference(f"concepts.tsv: {concept.key} points to {sorted(strangers)}")
        if not all(concept.labels[language] for language in LANGUAGES):
            raise BrokenReference(f"concepts.tsv: {concept.key} lacks labels")
    try:
        TopologicalSorter({concept.key: concept.broader for concept in made}).prepare()
    except CycleError as error:
        raise BrokenReference(f"concepts.tsv: {error.args[1][0]} is broader than itself") from error
    return made


def _concept(row: dict[str, str]) -> Concept:
    return Concept(
        key=row["id"],
        labels={language: _split(row[language]) for language in LANGUAGES},
        broader=_split(row["broader"]),
        related=_split(row["related"]),
        subjects=_split(row["subjects"]),
        occupations=_split(row.get("occupations") or ""),
        chapters=_split(row.get("chapters") or ""),
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split("|") if part.strip()))


@cache
def occupations() -> tuple[Occupation, ...]:
    """The parallel corpus, in the file's order."""
    with gzip.open(OCCUPATIONS, "rt", encoding="utf-8", newline="") as file:
        return tuple(
            Occupation(
                key=row["uri"],
                texts={
                    language: " . ".join(
                        (
                            row[f"label_{language}"],
                            row[f"alt_{language}"].replace("|", ", "),
                            row[f"description_{language}"],
                        )
                    )
                    for language in LANGUAGES
                },
            )
            for row in csv.DictReader(file)
        )
