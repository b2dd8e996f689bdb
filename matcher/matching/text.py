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
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from matcher.matching.thesaurus import Thesaurus
from matcher.matching.types import Text
from matcher.matching.words import features, fold
from matcher.reference.concepts import occupations

VIEWS: Mapping[str, float] = {"concepts": 1.5, "words": 1.0, "letters": 1.0, "space": 0.25}
DIMENSIONS = 200
MOST_LETTERS = 60_000
MOST_WORDS = 80_000
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Encoded:
    """Vectors of n texts: ``sparse`` CSR (n, v) and ``dense`` (n, d), both float32."""

    sparse: Any
    dense: Floats

    def take(self, rows: Sequence[int] | NDArray[Any]) -> Encoded:
        """The vectors of some rows, in that order."""
        return Encoded(self.sparse[rows], self.dense[rows])

    def __len__(self) -> int:
        return int(self.sparse.shape[0])


class TextSpace:
    """Fitted on the product's own reference data only; ``views`` weighs the four views."""

    def __init__(
        self,
        views: Mapping[str, float] = VIEWS,
        extra: Iterable[tuple[str, str, str]] = (),
    ) -> None:
        self.views = dict(views)
        self.thesaurus = Thesaurus(extra=extra)
        self._column = {key: n for n, key in enumerate(self.thesaurus.keys)}
        corpus = [
            Text("", occupation.texts[language], language)
            for occupation in occupations()
            for language in ("nl", "en")
        ]
        labels = [
            Text("", " . ".join(concept.labels[language]), language)
            for concept in self.thesaurus.concepts.values()
            for language in ("nl", "en")
        ]
        self._words = TfidfVectorizer(
            analyzer=lambda text: features(
                f"{text.title} . {text.title} . {text.body}", text.language
            ),
            sublinear_tf=True,
            max_features=MOST_WORDS,
            dtype=np.float32,
        ).fit(corpus + labels)
        self._letters = TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(3, 5),
            preprocessor=lambda text: fold(f"{text.title} . {text.title} . {text.body}"),
            sublinear_tf=True,
            max_features=MOST_LETTERS,
            dtype=np.float32,
        ).fit(corpus + labels)
        self._idf = self._concept_idf(corpus)
        self._fit_space(corpus)

    def _concept_idf(self, corpus: Sequence[Text]) -> Floats:
        """Rare concepts say more; counted over the occupations, softened."""
        seen: Counter[str] = Counter()
        for text in corpus:
            seen.update(self.thesaurus.mentions(text).keys())
        total = len(corpus)
        values = [math.log((total + 20) / (seen[key] + 20)) + 1 for key in self.thesaurus.keys]
        return np.array(values, dtype=np.float32)

    def _fit_space(self, corpus: Sequence[Text]) -> None:
        """One document per occupation, its two languages put together."""
        stacked = self._both(corpus)
        pairs = stacked[0::2] + stacked[1::2]
        self._svd = TruncatedSVD(DIMENSIONS, random_state=0, n_iter=3).fit(pairs)
        self._centre = self._svd.transform(pairs).mean(axis=0)

    def _both(self, texts: Sequence[Text]) -> Any:
        words, letters = self._words.transform(texts), self._letters.transform(texts)
        return sparse.hstack([words, letters]).tocsr()

    def encode(self, texts: Sequence[Text]) -> Encoded:
        """Vectors of these texts, in their order; an empty text gets a zero vector."""
        if not texts:
            width = (
                len(self._column) + len(self._words.vocabulary_) + len(self._letters.vocabulary_)
            )
            empty = sparse.csr_matrix((0, width), dtype=np.float32)
            return Encoded(empty, np.zeros((0, DIMENSIONS), dtype=np.float32))
        words, letters = self._words.transform(texts), self._letters.transform(texts)
        blocks = (
            self._concept_rows(texts) * math.sqrt(self.views["concepts"]),
            words * math.sqrt(self.views["words"]),
            letters * math.sqrt(self.views["letters"]),
        )
        dense = self._svd.transform(sparse.hstack([words, letters]).tocsr()) - self._centre
        dense = normalize(dense) * math.sqrt(self.views["space"])
        joined = sparse.hstack(blocks).tocsr().astype(np.float32)
        return Encoded(joined, dense.astype(np.float32))

    def _concept_rows(self, texts: Sequence[Text]) -> Any:
        pointers, columns, values = [0], [], []
        for text in texts:
            weights = self.thesaurus.spread(
                {
                    key: 1 + math.log1p(w) if w >= 1 else w
                    for key, w in self.thesaurus.mentions(text).items()
                }
            )
            for key in sorted(weights):
                columns.append(self._column[key])
                values.append(weights[key] * self._idf[self._column[key]])
            pointers.append(len(columns))
        shape = (len(texts), len(self._column))
        rows = sparse.csr_matrix((values, columns, pointers), shape=shape, dtype=np.float32)
        return normalize(rows)

    def pairwise(
        self, a: Encoded, b: Encoded, rows_a: NDArray[Any], rows_b: NDArray[Any]
    ) -> Floats:
        """Similarity in [0, 1] of each (rows_a[i], rows_b[i]); shape (len(rows_a),)."""
        found = np.empty(len(rows_a), dtype=np.float32)
        for start in range(0, len(rows_a), 50_000):
            some = slice(start, start + 50_000)
            left, right = a.take(rows_a[some]), b.take(rows_b[some])
            products = np.asarray(left.sparse.multiply(right.sparse).sum(axis=1)).ravel()
            found[some] = products + np.einsum("ij,ij->i", left.dense, right.dense)
        return self._scaled(found)

    def all_pairs(self, a: Encoded, b: Encoded) -> Floats:
        """Similarity in [0, 1] of every pair; shape (len(a), len(b)). For small sets."""
        products = (a.sparse @ b.sparse.T).toarray() + a.dense @ b.dense.T
        return self._scaled(products)

    def _scaled(self, products: Floats) -> Floats:
        """Into [0, 1]: the raw sum of cosines over the sum of weights, stretched by a root."""
        shares = np.clip(products / sum(self.views.values()), 0, 1)
        return np.sqrt(shares).astype(np.float32)

    def shared(self, a: Text, b: Text, limit: int = 3) -> tuple[str, ...]:
        """Concepts both speak of, those that say most first; keys of the thesaurus."""
        left, right = self.thesaurus.mentions(a), self.thesaurus.mentions(b)
        near_left, near_right = self.thesaurus.spread(left), self.thesaurus.spread(right)
        both = {
            key: near_left[key] * near_right[key] * float(self._idf[self._column[key]])
            for key in near_left.keys() & near_right.keys()
            if key in left or key in right
        }
        return tuple(sorted(both, key=lambda key: (-both[key], key))[:limit])


@cache
def default_space() -> TextSpace:
    """The space of this process, fitted at first use."""
    return TextSpace()
