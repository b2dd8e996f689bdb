"""The thesaurus of the field is sound: whole rows, true references, labels that say something."""

from __future__ import annotations

from collections import Counter
from graphlib import TopologicalSorter

import pytest

from matcher.matching.words import STOP, words
from matcher.reference import BrokenReference, programme
from matcher.reference import concepts as module
from matcher.reference.concepts import LANGUAGES, concepts

MOST_SENSES = 6
SHARED_AT_MOST = 0.16  # share of labels that belong to more than one concept
LONGEST = 80  # letters
VAGUE = {
    "nl": {"bedrijf", "werk", "werken", "product", "systeem", "project", "innovatie", "data"},
    "en": {"company", "work", "job", "product", "system", "project", "innovation", "data"},
}
HEAD = "id\tnl\ten\tbroader\trelated\tsubjects\toccupations\tchapters\n"


def test_there_are_many_concepts_in_order_each_with_a_key_of_its_own() -> None:
    keys = [line.split("\t")[0] for line in module.CONCEPTS.read_text("utf-8").splitlines()[1:]]
    assert len(keys) >= 1_200
    assert keys == sorted(set(keys))


def test_every_concept_is_told_in_full() -> None:
    known = {subject.code for subject in programme("nl").subjects}
    for concept in concepts():
        for language in LANGUAGES:
            assert len(concept.labels[language]) >= 5, concept.key
        assert concept.subjects, concept.key
        assert set(concept.subjects) <= known, concept.key
        assert concept.occupations, concept.key
        assert concept.chapters, concept.key
        assert len(concept.broader) <= 3, concept.key


def test_broader_never_goes_round_and_nothing_points_to_itself() -> None:
    TopologicalSorter({c.key: c.broader for c in concepts()}).prepare()  # raises for a circle
    for concept in concepts():
        assert concept.key not in {*concept.broader, *concept.related}
        assert not set(concept.broader) & set(concept.related), concept.key


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_are_clean(language: str) -> None:
    for concept in concepts():
        labels = concept.labels[language]
        folded = [label.casefold() for label in labels]
        assert len(set(folded)) == len(folded), concept.key
        for label in labels:
            assert label == " ".join(label.split()), label
            assert 1 < len(label) <= LONGEST, label
            assert words(label), label
            assert label.casefold() not in STOP | VAGUE[language], (concept.key, label)


@pytest.mark.parametrize("language", LANGUAGES)
def test_few_labels_are_shared_and_none_by_many(language: str) -> None:
    owners = Counter(label.casefold() for c in concepts() for label in c.labels[language])
    assert max(owners.values()) <= MOST_SENSES
    shared = sum(count > 1 for count in owners.values())
    assert shared / len(owners) <= SHARED_AT_MOST


def test_no_two_concepts_are_the_same() -> None:
    """Two that share half of their labels or more are one, or one is broader than the other."""
    owners: dict[tuple[str, str], list[int]] = {}
    for number, concept in enumerate(concepts()):
        for language in LANGUAGES:
            for label in concept.labels[language]:
                owners.setdefault((language, label.casefold()), []).append(number)
    together: Counter[tuple[int, int]] = Counter()
    for group in owners.values():
        together.update((a, b) for a in group for b in group if a < b)
    for (a, b), count in together.items():
        one, two = concepts()[a], concepts()[b]
        smaller = min(sum(len(c.labels[lg]) for lg in LANGUAGES) for c in (one, two))
        if two.key not in one.broader and one.key not in two.broader:
            assert count < 0.5 * smaller, (one.key, two.key, count)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a\tx\ty\t\t\t\t\t\na\tz\tw\t\t\t\t\t\n", "stands twice"),
        ("a\tx\ty\tb\t\t\t\t\n", "points to"),
        ("a\tx\t\t\t\t\t\t\n", "lacks labels"),
        ("a\tx\ty\tb\t\t\t\t\nb\tz\tw\ta\t\t\t\t\n", "broader than itself"),
    ],
)
def test_file_that_does_not_fit_is_told(
    tmp_path, monkeypatch: pytest.MonkeyPatch, rows: str, told: str
) -> None:
    path = tmp_path / "concepts.tsv"
    path.write_text(HEAD + rows, encoding="utf-8")
    monkeypatch.setattr(module, "CONCEPTS", path)
    concepts.cache_clear()
    try:
        with pytest.raises(BrokenReference, match=told):
            concepts()
    finally:
        concepts.cache_clear()
