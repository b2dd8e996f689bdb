"""Fitting the text space on the product's own reference data; slow, so its outcome is kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from matcher.matching import kept, words
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

CODE = ("words", "counting", "thesaurus", "fitting")  # modules that decide what is learnt
DIMENSIONS = 100
MOST_LETTERS = 60_000  # columns
MOST_WORDS = 80_000
MOST_SPACES = 3  # kept of older code or data, for processes that still run it
STRONGEST_WORDS = 64  # entries kept of each text
STRONGEST_LETTERS = 128


@dataclass(frozen=True)
class Fitted:
    """What was learnt: the columns of words and letters, their weights, and the latent space."""

    words: tuple[str, ...]
    letters: tuple[str, ...]
    words_idf: Floats
    letters_idf: Floats
    concepts_idf: Floats
    directions: Floats  # (words + letters, DIMENSIONS)
    centre: Floats  # (DIMENSIONS,)


def fitted(thesaurus: Thesaurus, folder: Path | None) -> Fitted:
    """What ``fit`` gives, kept in ``folder`` from one process to the next."""
    if folder is None:
        return fit(thesaurus)
    path = folder / f"space-{fingerprint(thesaurus.added)}"
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
        "directions": made.directions,
        "centre": made.centre,
    }


def _from_arrays(found: dict[str, kept.Array]) -> Fitted:
    names = ("words", "letters")
    words_, letters_ = (kept.as_names(found[name]) for name in names)
    rest = {name: array for name, array in found.items() if name not in names}
    return Fitted(words_, letters_, **rest)


def fingerprint(added: Iterable[tuple[str, str, str]] = ()) -> str:
    """Changes with all that a vector depends on: code, reference data, libraries, added labels."""
    code = [Path(__file__).parent / f"{name}.py" for name in CODE]
    return kept.fingerprint(*code, CONCEPTS, OCCUPATIONS, said=repr(tuple(added)))


def fit(thesaurus: Thesaurus) -> Fitted:
    """Learn from 1,671 occupations told in two languages and from the labels of the concepts.

    The same on every run: the only chance in it (a randomised SVD: Halko, Martinsson & Tropp, 2011)
    is seeded.
    """
    corpus = read(_occupations())
    everything = corpus + read(_labels(thesaurus))
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
    directions, centre = _latent_space(
        weigh(word_counts(corpus, _numbered(word_columns)), words_idf, STRONGEST_WORDS),
        weigh(_letter_counts(corpus, _numbered(letter_columns)), letters_idf, STRONGEST_LETTERS),
    )
    return Fitted(
        words=word_columns,
        letters=letter_columns,
        words_idf=words_idf,
        letters_idf=letters_idf,
        concepts_idf=_concepts_idf(thesaurus, corpus),
        directions=directions,
        centre=centre,
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


def _labels(thesaurus: Thesaurus) -> list[Text]:
    return [
        Text("", " . ".join(concept.labels[language]), language)
        for concept in thesaurus.concepts.values()
        for language in LANGUAGES
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


def _latent_space(words: Any, runs: Any) -> tuple[Floats, Floats]:
    """Directions and centre; one document per occupation, its two languages put together."""
    from scipy import sparse
    from sklearn.decomposition import TruncatedSVD
    from threadpoolctl import threadpool_limits

    rows = sparse.hstack([words, runs]).tocsr()
    pairs = rows[0::2] + rows[1::2]
    with threadpool_limits(1):  # sums in one order, whatever the number of cores
        svd = TruncatedSVD(DIMENSIONS, random_state=0, n_iter=3).fit(pairs)
    centre = svd.transform(pairs).mean(axis=0)
    return np.ascontiguousarray(svd.components_.T, dtype=np.float32), centre.astype(np.float32)
