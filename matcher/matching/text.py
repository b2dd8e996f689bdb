"""Texts into vectors whose products are similarities, in Dutch and English alike, offline.

Views of a text, each of unit length and scaled by the root of its weight, stand side by side in one
vector, so that a product of two vectors is the weighted sum of their cosines:

- *concepts*: what the text is about, as a place in the space of the thesaurus' concepts (meaning);
- *words*: TF-IDF over lemmas and their pairs;
- *letters*: TF-IDF over 3 to 5 letters within words (Dutch compounds);
- *sentences*, only where a model is set: a sentence embedding (sentences).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching import fitting, kept, meaning
from matcher.matching.counting import (
    Floats,
    Runs,
    letter_counts,
    many_row_products,
    read,
    strongest,
    weigh,
    word_counts,
)
from matcher.matching.encoded import Encoded, stacked
from matcher.matching.fitting import STRONGEST_LETTERS, STRONGEST_WORDS, fitted
from matcher.matching.sentences import Sentences
from matcher.matching.shelf import Shelf
from matcher.matching.thesaurus import Thesaurus
from matcher.matching.types import Text

VIEWS: Mapping[str, float] = {"concepts": 1.0, "words": 0.67, "letters": 0.67, "sentences": 1.0}
STRONGEST_CONCEPTS = 64  # of those that a text is looked up and told by
TEXTS_AT_ONCE = 2_000
PAIRS_AT_ONCE = 8_000
CODE = tuple(Path(__file__).parent / f"{name}.py" for name in ("text", "sentences", "shelf"))
SPACES_KEPT = 8  # with added labels, of so many regions


class TextSpace:
    """Fitted on the product's own reference data only; ``views`` weighs the views.

    With a ``folder`` what was fitted is kept there, and the vectors of texts with it; with
    ``sentences`` there is a fourth view.
    """

    def __init__(
        self,
        views: Mapping[str, float] = VIEWS,
        folder: Path | None = None,
        sentences: Sentences | None = None,
    ) -> None:
        self.views = dict(views)
        self.sentences = sentences
        if sentences is None:
            self.views.pop("sentences", None)
        self.thesaurus = Thesaurus()
        self._fitted = fitted(self.thesaurus, folder)
        self._spreading = meaning.weighed(self.thesaurus.spreading, self._fitted.concepts_idf)
        self._words = {name: n for n, name in enumerate(self._fitted.words)}
        self._runs = Runs({name: n for n, name in enumerate(self._fitted.letters)})
        self._folder = folder
        self._shelf = self._make_shelf()
        self._with_labels = lru_cache(maxsize=SPACES_KEPT)(self._make_with_labels)

    def with_labels(self, extra: Iterable[tuple[str, str, str]]) -> TextSpace:
        """The same space, in which texts also speak of concepts by (concept, language, label)."""
        added = tuple(sorted(extra))
        return self._with_labels(added) if added else self

    def _make_with_labels(self, added: tuple[tuple[str, str, str], ...]) -> TextSpace:
        made = copy(self)
        made.thesaurus = Thesaurus(self.thesaurus.entries, extra=added)
        made._shelf = made._make_shelf()
        return made

    def _make_shelf(self) -> Shelf | None:
        """Where the vectors of this version's texts are kept."""
        if self._folder is None:
            return None
        said = (sorted(self.views.items()), self.thesaurus.added)
        files = (*CODE, *(self.sentences.files if self.sentences else ()))
        version = kept.fingerprint(*files, said=f"{fitting.fingerprint()} {said}")
        return Shelf(self._folder, version)

    def encode(self, texts: Sequence[Text]) -> Encoded:
        """Vectors of these texts, in their order; an empty text gets a zero vector.

        A text that is on the shelf is not read again, and one that stands twice is read once.
        """
        if self._shelf is not None:
            return self._shelf.encode(texts, self._read)
        return self._read(texts).counted(len(texts))

    def _read(self, texts: Sequence[Text]) -> Encoded:
        starts = range(0, max(1, len(texts)), TEXTS_AT_ONCE)
        return stacked([self._encode(texts[at : at + TEXTS_AT_ONCE]) for at in starts])

    def _encode(self, texts: Sequence[Text]) -> Encoded:
        known, readings = self._fitted, read(texts)
        root = {view: np.float32(math.sqrt(weight)) for view, weight in self.views.items()}
        words = weigh(word_counts(readings, self._words), known.words_idf, STRONGEST_WORDS)
        runs = weigh(letter_counts(readings, self._runs), known.letters_idf, STRONGEST_LETTERS)
        mentioned = self.thesaurus.table(readings)
        about = self._about(mentioned, words)
        dense = meaning.placed(about, known.turn) * root["concepts"]
        if self.sentences is not None:
            dense = np.hstack([dense, self.sentences.encode(texts) * root["sentences"]])
        return Encoded(
            meaning.spread(about, self._spreading, STRONGEST_CONCEPTS) * root["concepts"],
            words * root["words"],
            runs * root["letters"],
            dense,
            mentioned,
        )

    def _about(self, mentioned: Any, words: Any) -> Any:
        """CSR (n, concepts): what the texts name and what they come near."""
        near = meaning.nearness(words, self._fitted.told, self._fitted.usual)
        return meaning.about(mentioned, near)

    def pairwise(
        self, a: Encoded, b: Encoded, rows_a: NDArray[Any], rows_b: NDArray[Any]
    ) -> Floats:
        """Similarity in [0, 1] of each (rows_a[i], rows_b[i]); shape (len(rows_a),)."""
        found = np.empty(len(rows_a), dtype=np.float32)
        for start in range(0, len(rows_a), PAIRS_AT_ONCE):
            some = slice(start, start + PAIRS_AT_ONCE)
            left, right = rows_a[some], rows_b[some]
            found[some] = many_row_products(a.words, b.words, left, right)
            found[some] += many_row_products(a.letters, b.letters, left, right)
            found[some] += np.einsum("ij,ij->i", a.dense[left], b.dense[right])
        return self._scaled(found)

    def all_pairs(self, a: Encoded, b: Encoded) -> Floats:
        """Similarity in [0, 1] of every pair; shape (len(a), len(b)). For small sets."""
        words, letters = b.columns
        products = (a.words @ words).toarray() + (a.letters @ letters).toarray()
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
        left, right = a.concepts[rows_a], b.concepts[rows_b]
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


def default_space(folder: Path | None = None, model: Path | None = None) -> TextSpace:
    """The space of this process, made at first use.

    ``folder``: where to keep it; ``model``: the folder of a sentence model, if one is to be used.
    """
    if not _OF_THIS_PROCESS:
        sentences = Sentences(model) if model is not None else None
        _OF_THIS_PROCESS.append(TextSpace(folder=folder, sentences=sentences))
    return _OF_THIS_PROCESS[0]
