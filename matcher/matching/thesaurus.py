"""What a text speaks of: concepts found by their labels in either language, senses by context.

Labels are matched as lemmas, longest first; a single word of the other language only where it is no
word of the text's own ("wet" is no law in English). A label that is the head or the tail of a long
(Dutch) compound counts half. A label that belongs to several concepts is shared among them by how
well each fits the concepts and school subjects that the rest of the text speaks of.

Reading is a loop over words; all that follows (senses, spreading) is done for all texts at once,
with sparse matrices whose rows are texts and whose columns are concepts in the order of ``keys``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.matching.counting import Reading, read, row_products
from matcher.matching.types import Text
from matcher.matching.words import STOP, is_word, telling, words
from matcher.reference.concepts import LANGUAGES, Concept, concepts

LONGEST_LABEL = 6  # words
LONGER_LABEL = 0.5  # what each further word of a label adds to its weight
SHORTEST_PART = 5  # letters of a label inside a compound
COMPOUND_REST = 3  # letters that must be left of the compound
COMPOUND_WEIGHT = 0.5
FOREIGN_WEIGHT = 0.9  # a label of the other language in this text
TO_NEIGHBOUR = 0.3  # what a concept passes on to one it is broader, narrower or related to
NEAR_IN_CONTEXT = 0.5  # a concept near one that is spoken of
SUBJECT_IN_CONTEXT = 0.2  # a concept of the same school subject
WITHOUT_CONTEXT = 0.15  # what every sense gets

Label = tuple[str, ...]  # words in their telling form
Tree = dict[str, Any]  # lemma -> tree of what may follow; NUMBER -> of the label that ends here
NUMBER = ""
Array = NDArray[Any]


class Senses(NamedTuple):
    """Possible senses of mentions, one entry each: text, mention, concept, share of its weight."""

    text: Array
    mention: Array
    concept: Array
    share: Array

    def take(self, rows: Array) -> Senses:
        """Some of them; copies."""
        return Senses(*(column[rows] for column in self))


class Thesaurus:
    """Concepts with an index of their labels; ``extra`` adds (concept, language, label) rows."""

    def __init__(
        self,
        entries: Sequence[Concept] | None = None,
        extra: Iterable[tuple[str, str, str]] = (),
    ) -> None:
        self.concepts = {c.key: c for c in (entries if entries is not None else concepts())}
        self.keys = tuple(sorted(self.concepts))
        self.column = {key: n for n, key in enumerate(self.keys)}
        self.senses: list[tuple[int, ...]] = []  # by number: the concepts that share a label
        self.added = tuple(sorted(extra))
        self._labels = {language: self._index(language) for language in LANGUAGES}
        self._trees = {language: _tree(index) for language, index in self._labels.items()}
        self._in_compound = lru_cache(maxsize=200_000)(self._find_in_compound)
        broader, related = self._links("broader"), self._links("related")
        one = sparse.identity(len(self.keys), dtype=np.float32, format="csr")
        links = broader + related
        self.spreading = (one + TO_NEIGHBOUR * (links + links.T)).tocsr()
        subjects = self._subjects()
        self._around = sparse.hstack(
            [one + NEAR_IN_CONTEXT * links, SUBJECT_IN_CONTEXT * subjects]
        ).tocsr()
        self._near = sparse.hstack([one + links, subjects]).tocsr()

    def _index(self, language: str) -> dict[Label, int]:
        """Labels as lemmas, each with the number of its senses."""
        meant: dict[Label, set[int]] = defaultdict(set)
        rows = [(key, label) for key, c in self.concepts.items() for label in c.labels[language]]
        rows += [(k, label) for k, lg, label in self.added if lg == language and k in self.column]
        for key, label in rows:
            found = tuple(telling(word, language) for word in words(label))
            if found and len(found) <= LONGEST_LABEL and not _says_nothing(found):
                meant[found].add(self.column[key])
        number = {senses: n for n, senses in enumerate(self.senses)}
        index = {
            found: number.setdefault(tuple(sorted(meant[found])), len(number))
            for found in sorted(meant)
        }
        self.senses = list(number)
        return index

    def _links(self, kind: str) -> Any:
        """CSR (concepts, concepts): 1 from each concept to those it names as ``kind``."""
        links = [
            (self.column[key], self.column[other])
            for key in self.keys
            for other in getattr(self.concepts[key], kind)
        ]
        return _ones(links, (len(self.keys), len(self.keys)))

    def _subjects(self) -> Any:
        """CSR (concepts, subjects): 1 for each school subject of a concept."""
        codes = sorted({subject for c in self.concepts.values() for subject in c.subjects})
        number = {code: n for n, code in enumerate(codes)}
        links = [(self.column[k], number[s]) for k in self.keys for s in self.concepts[k].subjects]
        return _ones(links, (len(self.keys), len(codes)))

    @property
    def entries(self) -> list[Concept]:
        """The concepts in the order of ``keys``."""
        return [self.concepts[key] for key in self.keys]

    def label(self, key: str, language: str) -> str:
        """How a concept is called; the key itself when it is unknown."""
        concept = self.concepts.get(key)
        return concept.labels.get(language, concept.labels["en"])[0] if concept else key

    def mentions(self, text: Text) -> dict[str, float]:
        """Concept -> how much the text speaks of it; a title counts double."""
        row = self.table(read([text]))
        return {self.keys[c]: float(w) for c, w in zip(row.indices, row.data, strict=True)}

    def table(self, readings: Sequence[Reading]) -> Any:
        """CSR (texts, concepts) of how much each text speaks of each concept; float32."""
        texts, numbers, weights = [], [], []
        for row, reading in enumerate(readings):
            for part, weight in reading.parts:
                for number, found in self._scan(part, reading.language):
                    texts.append(row)
                    numbers.append(number)
                    weights.append(weight * found)
        return self._meant(len(readings), np.array(texts, np.int64), numbers, weights)

    def _meant(self, many: int, text: Array, numbers: list[int], weights: list[float]) -> Any:
        """Mentions as concepts: each ambiguous one shared by what the rest of its text says."""
        count = np.array([len(self.senses[n]) for n in numbers], dtype=np.int64)
        mention = np.repeat(np.arange(len(count)), count)
        meant = Senses(
            text[mention],
            mention,
            np.array([c for n in numbers for c in self.senses[n]], dtype=np.int64),
            np.array(weights)[mention] / count[mention],
        )
        unsure = np.nonzero(count[mention] > 1)[0]
        if len(unsure):
            doubtful = meant.take(unsure)
            worth = (WITHOUT_CONTEXT + self._fit(meant, doubtful, many)) ** 2
            total = np.bincount(doubtful.mention, weights=worth)[doubtful.mention]
            meant.share[unsure] *= count[doubtful.mention] * worth / total
        return _sums((meant.share, (meant.text, meant.concept)), (many, len(self.keys)))

    def _fit(self, meant: Senses, doubtful: Senses, many: int) -> Array:
        """How well doubtful senses fit what else their texts say, were all senses meant alike."""
        width = len(self.keys)
        said = _sums((meant.share, (meant.text, meant.concept)), (many, width))
        around = (said @ self._around).tocsr()
        fit = row_products(around, self._near, doubtful.text, doubtful.concept)
        _, own = np.unique(doubtful.mention, return_inverse=True)
        itself = _sums((doubtful.share, (own, doubtful.concept)), (own.max() + 1, width))
        around = (itself @ self._around).tocsr()
        return np.maximum(0, fit - row_products(around, self._near, own, doubtful.concept))

    def _scan(self, part: list[str], language: str) -> list[tuple[int, float]]:
        """Labels from left to right, the longest at each place, in both languages.

        Gives the number of each label's senses and its weight.
        """
        own = language if language in LANGUAGES else "en"
        other = next(name for name in LANGUAGES if name != own)
        ours, theirs = [telling(w, own) for w in part], [telling(w, other) for w in part]
        mine, foreign = self._trees[own], self._trees[other]
        found: list[tuple[int, float]] = []
        at = 0
        while at < len(ours):
            size, number = _longest(mine, ours, at)
            weight = 1.0
            if theirs[at] in foreign:
                far, instead = _longest(foreign, theirs, at)
                if far > size and (far > 1 or not is_word(part[at], own)):
                    size, number, weight = far, instead, FOREIGN_WEIGHT
            if size:
                found.append((number, weight * (1 + LONGER_LABEL * (size - 1))))
            elif own == "nl":
                found.extend(self._in_compound(ours[at]))
            at += size or 1
        return found

    def _find_in_compound(self, word: str) -> tuple[tuple[int, float], ...]:
        """Labels that begin or end a long Dutch word: "zonnepaneelfabriek", "stroomnet"."""
        labels = self._labels["nl"]
        found: dict[int, float] = {}
        for cut in range(SHORTEST_PART, len(word) - COMPOUND_REST + 1):
            head, tail = word[:cut], word[len(word) - cut :]
            for part in (head, head.removesuffix("s"), tail):
                number = labels.get((part,)) if len(part) >= SHORTEST_PART else None
                if number is not None:
                    found.pop(number, None)
                    found[number] = COMPOUND_WEIGHT
        return tuple(found.items())[-2:]  # the longest


def _says_nothing(label: Label) -> bool:
    """One word that stands in every text, or one letter."""
    return len(label) == 1 and (label[0] in STOP or len(label[0]) < 2)


def _tree(index: Mapping[Label, int]) -> Tree:
    """Labels by their lemmas, one after another."""
    tree: Tree = {}
    for label, number in index.items():
        node = tree
        for word in label:
            node = node.setdefault(word, {})
        node[NUMBER] = number
    return tree


def _longest(tree: Tree, words_: list[str], at: int) -> tuple[int, int]:
    """Words and number of the longest label that begins at ``at``; (0, 0) if none does."""
    size, number, node = 0, 0, tree
    for n in range(at, len(words_)):
        node = node.get(words_[n])  # type: ignore[assignment]
        if node is None:
            break
        if NUMBER in node:
            size, number = n - at + 1, node[NUMBER]
    return size, number


def _ones(links: list[tuple[int, int]], shape: tuple[int, int]) -> Any:
    at = np.array(links, dtype=np.int64).reshape(-1, 2)
    return _sums((np.ones(len(at)), (at[:, 0], at[:, 1])), shape)


def _sums(entries: tuple[Array, tuple[Array, Array]], shape: tuple[int, int]) -> Any:
    """CSR of entries (value, (row, column)); those of one place are added up."""
    made = sparse.coo_matrix(entries, shape=shape, dtype=np.float32).tocsr()
    made.sum_duplicates()
    return made
