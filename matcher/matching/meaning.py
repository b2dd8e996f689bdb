"""From words and labels to what a text is about: a row of concepts, and its place in their space.

A text is about the concepts it names, and those it comes near: the cosine of its words with all the
words by which a concept is told (labels in both languages, chapters, occupations), less what any
text has in common with it (explicit semantic analysis: Gabrilovich & Markovitch, 2007). Both pass
on to neighbours in the thesaurus. The space of concepts is turned so that few directions tell
nearly all (principal components of the concepts' own texts).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.matching.counting import Floats, strongest, unit

NEAR = 64  # concepts that a text comes near at most
SHARPER = 1.5  # power of nearness: the nearest count more
NEAR_WEIGHT = 0.6  # beside what a text names


def nearness(words: Any, told: Any, usual: Floats) -> Any:
    """CSR (n, concepts) of unit length: how near each text comes to each concept.

    ``words`` CSR (n, words) of unit length, ``told`` CSR (words, concepts) with columns of unit
    length, ``usual`` (concepts,) the mean nearness of texts of all kinds.
    """
    rows = (words @ told).tocsr()
    rows.data = np.clip(rows.data - usual[rows.indices], 0, None) ** SHARPER
    rows.eliminate_zeros()
    return unit(strongest(rows, NEAR))


def about(mentioned: Any, near: Any) -> Any:
    """CSR (n, concepts): what each text names, dampened, and what it comes near."""
    named = mentioned.copy()
    often = named.data >= 1
    named.data[often] = 1 + np.log1p(named.data[often])
    return (unit(named) + NEAR_WEIGHT * near).tocsr()


def told_by(words: Any) -> Any:
    """CSR (words, concepts) with columns of unit length, of the concepts' texts.

    ``words`` CSR (2 x concepts, words): each concept in Dutch, then in English.
    """
    return unit((words[0::2] + words[1::2]).tocsr()).T.tocsr()


def turned(spreading: Any, near: Any, directions: int) -> Floats:
    """(concepts, directions): takes a row of concepts, as ``about`` gives it, into the space.

    ``spreading`` CSR (concepts, concepts), ``near`` CSR (texts, concepts) the concepts' own texts.
    Products in the space are those of the spread rows, but for what the directions leave out.
    """
    from threadpoolctl import threadpool_limits

    rows = unit((near @ spreading).tocsr()).toarray()
    with threadpool_limits(1):  # sums in one order, whatever the number of cores
        _, axes = np.linalg.eigh((rows.T @ rows).astype(float))
        made = spreading @ np.ascontiguousarray(axes[:, ::-1][:, :directions])
    return np.ascontiguousarray(made, dtype=np.float32)


def placed(rows: Any, turn: Floats) -> Floats:
    """(n, directions) of unit length; zero for a text about nothing known."""
    dense = rows @ turn
    length = np.sqrt(np.einsum("ij,ij->i", dense, dense))
    made: Floats = (dense / np.where(length > 0, length, 1)[:, None]).astype(np.float32)
    return made


def spread(rows: Any, spreading: Any, most: int) -> Any:
    """CSR (n, concepts) of unit length: the ``most`` strongest once passed on to neighbours."""
    passed = strongest((rows @ spreading).tocsr(), most)
    passed.sort_indices()
    return unit(passed)


def weighed(spreading: Any, worth: NDArray[Any]) -> Any:
    """CSR (concepts, concepts): spreading, then ``worth`` of each concept."""
    return (spreading @ sparse.diags(worth)).tocsr().astype(np.float32)
