"""Fitting the text space on the product's own reference data; slow, so its outcome is kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from matcher.matching import kept, meaning, words
from matcher.matching.counting import (
    Floats,
    Reading,
    Runs,
    features_of,
    letter_counts,
    read,
    weigh,
    word_counts,
)
from matcher.matching.thesaurus import Thesaurus
from matcher.matching.types import Text
from matcher.reference.concepts import CONCEPTS, LANGUAGES, OCCUPATIONS, occupations

CODE = (
    "words",
    "counting",
    "thesaurus",
    "meaning",
    "fitting",
)  # modules that decide what is learnt
DIRECTIONS = 384
MOST_LETTERS = 60_000  # columns
MOST_WORDS = 80_000
MOST_SPACES = 3  # kept of older code or data, for processes that still run it
STRONGEST_WORDS = 64  # entries kept of each text
STRONGEST_LETTERS = 128


@dataclass(frozen=True)
class Fitted:
    """What was learnt: the columns of words and letters, their weights, and the concepts' space."""

    words: tuple[str, ...]
    letters: tuple[str, ...]
    words_idf: Floats
    letters_idf: Floats
    concepts_idf: Floats
    told: Any  # CSR (words, concepts): the words by which each concept is told
    usual: Floats  # (concepts,): how near any text comes to each
    turn: Floats  # (concepts, DIRECTIONS)


def fitted(thesaurus: Thesaurus, folder: Path | None) -> Fitted:
    """What ``fit`` gives, kept in ``folder`` from one process to the next."""
    if folder is None:
        return fit(thesaurus)
    path = folder / f"space-{fingerprint()}"
    found = kept.read(path)
    if found is not None:
        return _from_arrays(found)
    made = fit(thesaurus)
    kept.write(path, _as_arrays(made))
    kept.tidy(folder, "space-", MOST_SPACES)
    return made


def _as_arrays(made: Fitted) -> dict[str, kept.Array]:
    return {
        "words": kept.as_array(made.words),
        "letters": kept.as_array(made.letters),
        "words_idf": made.words_idf,
        "letters_idf": made.letters_idf,
        "concepts_idf": made.concepts_idf,
        "told_data": made.told.data,
        "told_at": made.told.indices,
        "told_ends": made.told.indptr,
        "usual": made.usual,
        "turn": made.turn,
    }


def _from_arrays(found: dict[str, kept.Array]) -> Fitted:
    told = (found.pop("told_data"), found.pop("told_at"), found.pop("told_ends"))
    words_, letters_ = (kept.as_names(found.pop(name)) for name in ("words", "letters"))
    shape = len(words_), len(found["usual"])
    return Fitted(words_, letters_, told=sparse.csr_matrix(told, shape=shape), **found)


def fingerprint() -> str:
    """Changes with all that is learnt from: code, reference data, libraries."""
    code = [Path(__file__).parent / f"{name}.py" for name in CODE]
    return kept.fingerprint(*code, CONCEPTS, OCCUPATIONS)


def fit(thesaurus: Thesaurus) -> Fitted:
    """Learn from 1,671 occupations told in two languages and from the texts of the concepts.

    The same on every run: there is no chance in it.
    """
    corpus, told_texts = read(_occupations()), read(texts_of_concepts(thesaurus))
    everything = corpus + told_texts
    forms = {f for reading in everything for f, _ in features_of(reading)}
    runs = {
        run
        for r in everything
        for part, _ in r.parts
        for word in part
        for run in words.letters(word)
    }
    word_columns, words_idf = _vocabulary(forms, word_counts, everything, MOST_WORDS)
    letter_columns, letters_idf = _vocabulary(runs, _letter_counts, everything, MOST_LETTERS)
    columns = _numbered(word_columns)
    concepts_idf = _concepts_idf(thesaurus, corpus)
    of_corpus, of_concepts = (
        weigh(word_counts(readings, columns), words_idf, STRONGEST_WORDS)
        for readings in (corpus, told_texts)
    )
    told = meaning.told_by(of_concepts)
    usual = np.asarray((of_corpus @ told).mean(axis=0), dtype=np.float32).ravel()
    spreading = meaning.weighed(thesaurus.spreading, concepts_idf)
    near = meaning.nearness(of_concepts, told, usual)
    return Fitted(
        words=word_columns,
        letters=letter_columns,
        words_idf=words_idf,
        letters_idf=letters_idf,
        concepts_idf=concepts_idf,
        told=told,
        usual=usual,
        turn=meaning.turned(spreading, near, DIRECTIONS),
    )


def _letter_counts(readings: Sequence[Reading], columns: dict[str, int]) -> Any:
    return letter_counts(readings, Runs(columns))


def _occupations() -> list[Text]:
    """Dutch and English by turns."""
    return [
        Text("", occupation.texts[language], language)
        for occupation in occupations()
        for language in LANGUAGES
    ]


def texts_of_concepts(thesaurus: Thesaurus) -> list[Text]:
    """Each concept in Dutch (with chapters of the curriculum), then in English (with occupations).

    A chapter reads "vwo scheikunde: redoxreacties"; what it is of says nothing about the concept.
    """
    return [
        Text("", " . ".join((*concept.labels[language], *more)), language)
        for concept in thesaurus.entries
        for language, more in (
            ("nl", [chapter.rpartition(":")[2] for chapter in concept.chapters]),
            ("en", concept.occupations),
        )
    ]


def _numbered(names: Sequence[str]) -> dict[str, int]:
    return {name: n for n, name in enumerate(names)}


def _vocabulary(
    names: set[str], count: Any, readings: list[Reading], most: int
) -> tuple[tuple[str, ...], Floats]:
    """The ``most`` frequent columns by name, and their idf: ln((1 + n) / (1 + df)) + 1."""
    ordered = sorted(names)
    counts = count(readings, _numbered(ordered)).tocsc()
    total, texts = np.asarray(counts.sum(axis=0)).ravel(), np.diff(counts.indptr)
    kept = np.sort(np.argsort(-total, kind="stable")[:most])
    idf = np.log((1 + len(readings)) / (1 + texts[kept])) + 1
    return tuple(ordered[n] for n in kept), idf.astype(np.float32)


def _concepts_idf(thesaurus: Thesaurus, corpus: list[Reading]) -> Floats:
    """Rare concepts say more; counted over the occupations, softened."""
    seen = np.diff(thesaurus.table(corpus).tocsc().indptr)
    values = [math.log((len(corpus) + 20) / (int(count) + 20)) + 1 for count in seen]
    return np.array(values, dtype=np.float32)
