"""Which pairs are worth scoring, without forming them all.

Up to ``ALL_PAIRS`` every pair is weighed by all views of the texts. Above that, needs go in chunks:
a sparse product of what each text speaks of most finds the pairs that share anything of weight, the
rules strike out what cannot be, and each need keeps its best offers and each offer its best needs.
Those few are scored in full by what comes after. A need that finds next to nothing this way is
weighed against every offer.

Equal products fall by the order of the keys, so neither chunks nor threads change the outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.matching.constraints import Field, possible
from matcher.matching.counting import strongest
from matcher.matching.encoded import Encoded
from matcher.matching.text import TextSpace
from matcher.matching.working import mapped

ALL_PAIRS = 25_000_000  # up to here every pair is looked at
STRONGEST = 8  # entries of concepts and words by which a text is looked up
SHARED = 0.1  # product of those entries from which a pair is looked at
FEW = 10  # candidates below which a need is weighed against every offer
NEEDS_AT_ONCE = 512
LEAST = 1e-9  # a similarity of nothing is a pair all the same
CELLS_AT_ONCE = 2_000_000
Array = NDArray[Any]
Chunk = tuple[Array, Array, Array]  # needs, offers, similarity


def candidates(
    field: Field, needs: Encoded, offers: Encoded, space: TextSpace
) -> tuple[Array, Array]:
    """Pairs (need index, offer index) in order, int64; at most the settings' number for each."""
    shape = len(needs), len(offers)
    if not all(shape):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    everything = np.arange(len(needs))
    if len(needs) * len(offers) <= ALL_PAIRS:
        found = _best(field, _all_pairs(field, needs, offers, space, rows=everything), shape)
    else:
        found = _best(field, _sharing_pairs(field, needs, offers), shape)
        poor = np.nonzero(np.diff(found.indptr) < FEW)[0]
        more = _best(field, _all_pairs(field, needs, offers, space, rows=poor), shape)
        found = _joined(found, more)
        offers.forget_columns()
    return np.repeat(everything, np.diff(found.indptr)), found.indices.astype(np.int64)


def _all_pairs(
    field: Field, needs: Encoded, offers: Encoded, space: TextSpace, *, rows: Array
) -> Iterator[Chunk]:
    """Possible pairs of these needs with any offer, by the similarity of their texts."""
    step = max(1, CELLS_AT_ONCE // len(offers))
    if len(rows):
        _ = offers.columns  # turned once, before the threads ask for it

    def look(start: int) -> Chunk:
        some = rows[start : start + step]
        d, s = np.repeat(some, len(offers)), np.tile(np.arange(len(offers)), len(some))
        value = space.all_pairs(needs.take(some), offers).ravel()
        return _possible(field, d, s, value)

    return mapped(look, range(0, len(rows), step))


def _sharing_pairs(field: Field, needs: Encoded, offers: Encoded) -> Iterator[Chunk]:
    """Possible pairs whose texts share something of weight, chunk by chunk."""
    left = strongest(needs.topic, STRONGEST)
    right = strongest(offers.topic, STRONGEST).T.tocsr()

    def look(start: int) -> Chunk:
        products = left[start : start + NEEDS_AT_ONCE] @ right
        d = np.repeat(
            np.arange(start, start + products.shape[0], dtype=np.int32), np.diff(products.indptr)
        )
        much = products.data >= SHARED
        return _possible(field, d[much], products.indices[much], products.data[much])

    return mapped(look, range(0, len(needs), NEEDS_AT_ONCE))


def _possible(field: Field, d: Array, s: Array, value: Array) -> Chunk:
    kept = possible(field, d, s)
    return d[kept], s[kept], value[kept]


def _best(field: Field, chunks: Iterable[Chunk], shape: tuple[int, int]) -> Any:
    """CSR (needs, offers) of each need's best and each offer's best among the pairs of chunks."""
    settings = field.settings
    of_needs = []
    of_offers = sparse.csr_matrix(shape[::-1], dtype=np.float32)
    enough = np.zeros(shape[1], dtype=np.float32)  # what a need must pass to be among an offer's
    for d, s, given in chunks:
        value = np.maximum(given, LEAST)
        of_needs.append(strongest(_table(d, s, value, shape), settings.candidates_per_need))
        better = value > enough[s]
        more = _table(s[better], d[better], value[better], shape[::-1])
        of_offers = strongest(of_offers + more, settings.candidates_per_offer)
        enough = _least_of_full(of_offers, settings.candidates_per_offer)
    return _joined(*of_needs, of_offers.T)


def _least_of_full(rows: Any, most: int) -> Array:
    """The least entry of each CSR row that has ``most`` entries; 0 for the others."""
    size = np.diff(rows.indptr)
    least = np.zeros(len(size), dtype=np.float32)
    some = np.nonzero(size)[0]
    if len(some):
        least[some] = np.minimum.reduceat(rows.data, rows.indptr[some])
    return np.where(size == most, least, 0)


def _table(rows: Array, columns: Array, values: Array, shape: tuple[int, int]) -> Any:
    made = sparse.csr_matrix((values, (rows, columns)), shape=shape, dtype=np.float32)
    made.sort_indices()
    return made


def _joined(*parts: Any) -> Any:
    """CSR of all that stands in any of these."""
    joined = sum(part.tocsr() for part in parts)
    joined.sort_indices()
    return joined
