"""Texts into vectors whose products are similarities, in Dutch and English alike, offline.

Four views, each of unit length and scaled by the root of its weight, stand side by side in one
vector, so that a product of two vectors is the weighted sum of four cosines:

- *concepts* of the thesaurus, spread to broader and related ones;
- *words*: TF-IDF over lemmas and their pairs;
- *letters*: TF-IDF over 3 to 5 letters within words (Dutch compounds);
- *space*: a bilingual latent space learnt from occupation texts told in both languages
  (cross-lingual LSA: Dumais, Letsche, Littman & Landauer, 1997).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.matching.counting import (
    Floats,
    Runs,
    letter_counts,
    read,
    row_products,
    strongest,
    unit,
    weigh,
    word_counts,
)
from matcher.matching.fitting import STRONGEST_LETTERS, STRONGEST_WORDS, fitted
from matcher.matching.thesaurus import Thesaurus
from matcher.matching.types import Text

VIEWS: Mapping[str, float] = {"concepts": 1.5, "words": 1.0, "letters": 1.0, "space": 0.25}
STRONGEST_CONCEPTS = 64
TEXTS_AT_ONCE = 2_000
PAIRS_AT_ONCE = 50_000


@dataclass(frozen=True)
class Encoded:
    """Vectors of n texts, float32; a vector is ``topic``, ``letters`` and ``dense`` side by side.

    ``topic`` CSR (n, concepts + words), ``letters`` CSR (n, v), ``dense`` (n, d); ``mentioned`` CSR
    (n, concepts) says how much each text itself speaks of each concept.
    """

    topic: Any
    letters: Any
    dense: Floats
    mentioned: Any

    def take(self, rows: Sequence[int] | NDArray[Any]) -> Encoded:
        """The vectors of some rows, in that order."""
        return Encoded(self.topic[rows], self.letters[rows], self.dense[rows], self.mentioned[rows])

    def __len__(self) -> int:
        return int(self.topic.shape[0])


def stacked(parts: Sequence[Encoded]) -> Encoded:
    """The vectors of several encodings, one after another; at least one is given."""
    if len(parts) == 1:
        return parts[0]
    return Encoded(
        sparse.vstack([part.topic for part in parts], format="csr"),
        sparse.vstack([part.letters for part in parts], format="csr"),
        np.concatenate([part.dense for part in parts]),
        sparse.vstack([part.mentioned for part in parts], format="csr"),
    )


class TextSpace:
    """Fitted on the product's own reference data only; ``views`` weighs the four views.

    With a ``folder`` what was fitted is kept there.
    """

    def __init__(
        self,
        views: Mapping[str, float] = VIEWS,
        extra: Iterable[tuple[str, str, str]] = (),
        folder: Path | None = None,
    ) -> None:
        self.views = dict(views)
        self.thesaurus = Thesaurus(extra=extra)
        self._fitted = fitted(self.thesaurus, folder)
        self._words = {name: n for n, name in enumerate(self._fitted.words)}
        self._runs = Runs({name: n for n, name in enumerate(self._fitted.letters)})

    def encode(self, texts: Sequence[Text]) -> Encoded:
        """Vectors of these texts, in their order; an empty text gets a zero vector."""
        starts = range(0, max(1, len(texts)), TEXTS_AT_ONCE)
        return stacked([self._encode(texts[at : at + TEXTS_AT_ONCE]) for at in starts])

    def _encode(self, texts: Sequence[Text]) -> Encoded:
        fitted, readings = self._fitted, read(texts)
        mentioned = self.thesaurus.table(readings)
        words = weigh(word_counts(readings, self._words), fitted.words_idf, STRONGEST_WORDS)
        runs = weigh(letter_counts(readings, self._runs), fitted.letters_idf, STRONGEST_LETTERS)
        root = {view: math.sqrt(weight) for view, weight in self.views.items()}
        topic = sparse.hstack(
            [self._concepts(mentioned) * root["concepts"], words * root["words"]], format="csr"
        )
        return Encoded(
            topic.astype(np.float32),
            (runs * root["letters"]).astype(np.float32),
            self._latent(words, runs) * np.float32(root["space"]),
            mentioned,
        )

    def _concepts(self, mentioned: Any) -> Any:
        """CSR (n, concepts) of unit length: mentions dampened, spread, rare ones worth more."""
        rows = mentioned.copy()
        often = rows.data >= 1
        rows.data[often] = 1 + np.log1p(rows.data[often])
        rows = (rows @ self.thesaurus.spreading).tocsr()
        rows.sort_indices()
        rows.data = rows.data * self._fitted.concepts_idf[rows.indices]
        return unit(strongest(rows, STRONGEST_CONCEPTS))

    def _latent(self, words: Any, runs: Any) -> Floats:
        """(n, d) of unit length; zero for a text without known words."""
        rows = sparse.hstack([words, runs], format="csr")
        dense = rows @ self._fitted.directions - self._fitted.centre
        length = np.sqrt(np.einsum("ij,ij->i", dense, dense))
        dense[(np.diff(rows.indptr) == 0) | (length == 0)] = 0
        made: Floats = dense / np.where(length > 0, length, 1)[:, None]
        return made

    def pairwise(
        self, a: Encoded, b: Encoded, rows_a: NDArray[Any], rows_b: NDArray[Any]
    ) -> Floats:
        """Similarity in [0, 1] of each (rows_a[i], rows_b[i]); shape (len(rows_a),)."""
        found = np.empty(len(rows_a), dtype=np.float32)
        for start in range(0, len(rows_a), PAIRS_AT_ONCE):
            some = slice(start, start + PAIRS_AT_ONCE)
            left, right = rows_a[some], rows_b[some]
            found[some] = row_products(a.topic, b.topic, left, right)
            found[some] += row_products(a.letters, b.letters, left, right)
            found[some] += np.einsum("ij,ij->i", a.dense[left], b.dense[right])
        return self._scaled(found)

    def all_pairs(self, a: Encoded, b: Encoded) -> Floats:
        """Similarity in [0, 1] of every pair; shape (len(a), len(b)). For small sets."""
        products = (a.topic @ b.topic.T).toarray() + (a.letters @ b.letters.T).toarray()
        return self._scaled(products + a.dense @ b.dense.T)

    def _scaled(self, products: Floats) -> Floats:
        """Into [0, 1]: the raw sum of cosines over the sum of weights, stretched by a root."""
        shares = np.clip(products / sum(self.views.values()), 0, 1)
        return np.sqrt(shares).astype(np.float32)

    def shared(self, a: Text, b: Text, limit: int = 3) -> tuple[str, ...]:
        """Concepts both speak of, those that say most first; keys of the thesaurus."""
        both = self.encode([a, b])
        (found,) = self.shared_of(both, both, np.array([0]), np.array([1]), limit)
        return found

    def shared_of(
        self,
        a: Encoded,
        b: Encoded,
        rows_a: NDArray[Any],
        rows_b: NDArray[Any],
        limit: int = 3,
    ) -> list[tuple[str, ...]]:
        """For each pair of rows the concepts that bring the two together most, at most ``limit``.

        One of the two must mention the concept itself; the other may come near it.
        """
        many = len(self.thesaurus.keys)
        left, right = a.topic[rows_a][:, :many], b.topic[rows_b][:, :many]
        said = a.mentioned[rows_a] + b.mentioned[rows_b]
        said.data[:] = 1
        both = strongest(left.multiply(right).multiply(said).tocsr(), limit)
        keys, ends = self.thesaurus.keys, both.indptr
        found = []
        for row in range(len(rows_a)):
            part = slice(ends[row], ends[row + 1])
            order = np.argsort(-both.data[part], kind="stable")
            found.append(tuple(keys[c] for c in both.indices[part][order]))
        return found


_OF_THIS_PROCESS: list[TextSpace] = []


def default_space(folder: Path | None = None) -> TextSpace:
    """The space of this process, made at first use; ``folder``: where to keep it."""
    if not _OF_THIS_PROCESS:
        _OF_THIS_PROCESS.append(TextSpace(folder=folder))
    return _OF_THIS_PROCESS[0]
