"""Counts of words and letters as sparse rows, and their weights.

Every row depends on its own text alone, to the last bit, whatever else is in the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.matching.types import Text
from matcher.matching.words import STOP, features, letters, words

TITLE_WEIGHT = 3
ROWS_AT_ONCE = 256
LAID_OUT = 64  # rows of every column in memory at once
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """A text's words, folded, title and body apart."""

    title: list[str]
    body: list[str]
    language: str

    @property
    def parts(self) -> tuple[tuple[list[str], int], ...]:
        """Words with how often they count."""
        return (self.title, TITLE_WEIGHT), (self.body, 1)


def read(texts: Iterable[Text]) -> list[Reading]:
    """The words of each text."""
    return [Reading(words(text.title), words(text.body), text.language) for text in texts]


def features_of(reading: Reading) -> list[tuple[str, int]]:
    """Lemmas and pairs of a text with how often each counts."""
    return [
        (feature, weight)
        for part, weight in reading.parts
        for feature in features(part, reading.language)
    ]


def word_counts(readings: Sequence[Reading], columns: Mapping[str, int]) -> Any:
    """CSR (texts, columns) of how often each known lemma and pair stands in each text."""
    ends, at, counts = [0], [], []
    for reading in readings:
        for feature, weight in features_of(reading):
            column = columns.get(feature)
            if column is not None:
                at.append(column)
                counts.append(weight)
        ends.append(len(at))
    return _rows(ends, at, counts, len(columns))


class Runs:
    """The columns of runs of letters, looked up once per word."""

    def __init__(self, columns: Mapping[str, int]) -> None:
        self.columns = columns
        self.of_word = lru_cache(maxsize=100_000)(self._of_word)

    def _of_word(self, word: str) -> tuple[int, ...]:
        return tuple(self.columns[run] for run in letters(word) if run in self.columns)


def letter_counts(readings: Sequence[Reading], runs: Runs) -> Any:
    """CSR (texts, columns) of how often each known run of letters stands in each text's words."""
    number: dict[str, int] = {}
    ends, at, counts = [0], [], []
    for reading in readings:
        for part, weight in reading.parts:
            known = [number.setdefault(word, len(number)) for word in part if word not in STOP]
            at.extend(known)
            counts.extend([weight] * len(known))
        ends.append(len(at))
    counted = _rows(ends, at, counts, len(number)) @ _letters_of_words(number, runs)
    counted.sort_indices()
    return counted


def _letters_of_words(found: Iterable[str], runs: Runs) -> Any:
    """CSR (words, columns) of the runs of letters in each word."""
    ends, at = [0], list[int]()
    for word in found:
        at.extend(runs.of_word(word))
        ends.append(len(at))
    return _rows(ends, at, [1] * len(at), len(runs.columns))


def _rows(ends: list[int], at: list[int], counts: list[int], width: int) -> Any:
    """CSR rows that end at ``ends``; a column named twice in a row is summed."""
    made = sparse.csr_matrix(
        (np.array(counts, np.float32), np.array(at, np.int32), np.array(ends, np.int32)),
        shape=(len(ends) - 1, width),
    )
    made.sum_duplicates()
    return made


def weigh(counts: Any, idf: Floats, most: int) -> Any:
    """TF-IDF rows of unit length: (1 + ln count) x idf, the ``most`` strongest of each row."""
    made = counts.copy()
    made.data = (1 + np.log(made.data)) * idf[made.indices]
    return unit(strongest(made, most))


def strongest(rows: Any, most: int) -> Any:
    """The largest (positive) entries of each CSR row; of equal ones those that stand first."""
    size = np.diff(rows.indptr)
    long = np.nonzero(size > most)[0]
    if not len(long):
        return rows
    keep = np.ones(len(rows.data), dtype=bool)
    for start in range(0, len(long), ROWS_AT_ONCE):
        some = long[start : start + ROWS_AT_ONCE]
        inside = np.arange(size[some].max()) < size[some][:, None]
        at = (rows.indptr[some][:, None] + np.arange(inside.shape[1]))[inside]
        keep[at] = _strongest_of_each(rows.data[at], inside, most)
    ends = np.concatenate([[0], np.cumsum(np.minimum(size, most))]).astype(np.int32)
    return sparse.csr_matrix((rows.data[keep], rows.indices[keep], ends), shape=rows.shape)


def _strongest_of_each(values: Floats, inside: NDArray[np.bool_], most: int) -> NDArray[np.bool_]:
    """Which of these positive values are among the ``most`` of their row; rows as in ``inside``."""
    table = np.zeros(inside.shape, dtype=np.float32)
    table[inside] = values
    # NumPy sorts faster than it partitions where many values are equal
    least = np.sort(table, axis=1)[:, -most].reshape(-1, 1)
    above, equal = table > least, table == least
    room = most - above.sum(axis=1, keepdims=True)
    kept: NDArray[np.bool_] = (above | (equal & (np.cumsum(equal, axis=1) <= room)))[inside]
    return kept


def unit(rows: Any) -> Any:
    """The same CSR rows at length 1; an empty row stays empty."""
    squared = sparse.csr_matrix((rows.data**2, rows.indices, rows.indptr), shape=rows.shape)
    squares = squared @ np.ones(rows.shape[1], dtype=np.float32)
    length = np.sqrt(np.where(squares > 0, squares, 1))
    made = rows.copy()
    made.data = (made.data / np.repeat(length, np.diff(made.indptr))).astype(np.float32)
    return made


def row_products(a: Any, b: Any, rows_a: NDArray[Any], rows_b: NDArray[Any]) -> Floats:
    """Products of CSR rows, pair by pair; shape (len(rows_a),)."""
    products = a[rows_a].multiply(b[rows_b]).sum(axis=1)
    return np.asarray(products, dtype=np.float32).ravel()


def many_row_products(a: Any, b: Any, rows_a: NDArray[Any], rows_b: NDArray[Any]) -> Floats:
    """The same, to the last bit where columns stand in order, for many pairs.

    Fast where pairs that stand together share their row of ``a``: each such row is laid out once,
    and the rows of ``b`` are looked up in it.
    """
    found = np.zeros(len(rows_a), dtype=np.float32)
    new = np.nonzero(np.diff(rows_a, prepend=-1))[0]
    ends = np.append(new, len(rows_a))
    for start in range(0, len(new), LAID_OUT):
        first = ends[start : start + LAID_OUT + 1]
        some = slice(int(first[0]), int(first[-1]))
        laid_out, rows = a[rows_a[first[:-1]]].toarray(), b[rows_b[some]]
        own = np.repeat(np.arange(len(first) - 1, dtype=np.int32) * a.shape[1], np.diff(first))
        at = rows.indices + np.repeat(own, np.diff(rows.indptr))
        _sum_rows(laid_out.ravel()[at] * rows.data, rows.indptr, found[some])
    return found


def _sum_rows(products: Floats, ends: NDArray[Any], found: Floats) -> None:
    """Add up what is not nothing of each row into ``found``."""
    shared = np.nonzero(products)[0]
    begins = np.searchsorted(shared, ends)
    some = begins[1:] > begins[:-1]
    if some.any():
        found[some] = np.add.reduceat(products[shared], begins[:-1][some])
