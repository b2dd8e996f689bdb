"""The vectors of texts, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.matching.counting import Floats


@dataclass(frozen=True)
class Encoded:
    """Vectors of n texts, float32: ``words``, ``letters`` and ``dense`` side by side.

    ``words`` CSR (n, w), ``letters`` CSR (n, v), ``dense`` (n, d) the place among the concepts (and
    the sentences' view). ``concepts`` CSR (n, concepts) are the strongest of what ``dense`` holds,
    by name; ``mentioned`` CSR (n, concepts) how much each text itself speaks of each concept.
    ``anew``: how many texts were read for these, and not found on the shelf.
    """

    concepts: Any
    words: Any
    letters: Any
    dense: Floats
    mentioned: Any
    anew: int = 0

    @property
    def topic(self) -> Any:
        """CSR (n, concepts + words): what texts are looked up by."""
        return sparse.hstack([self.concepts, self.words], format="csr")

    @cached_property
    def columns(self) -> tuple[Any, Any]:
        """CSR (w, n) and (v, n): words and letters by column, turned once for many products."""
        return self.words.T.tocsr(), self.letters.T.tocsr()

    def forget_columns(self) -> None:
        """Give back their memory until somebody asks again."""
        self.__dict__.pop("columns", None)

    def take(self, rows: Sequence[int] | NDArray[Any]) -> Encoded:
        """The vectors of some rows, in that order."""
        return Encoded(
            self.concepts[rows],
            self.words[rows],
            self.letters[rows],
            self.dense[rows],
            self.mentioned[rows],
        )

    def counted(self, anew: int) -> Encoded:
        """The same, with how many were read anew."""
        made = copy(self)  # with its columns, if they are turned
        object.__setattr__(made, "anew", anew)
        return made

    def __len__(self) -> int:
        return int(self.words.shape[0])


def stacked(parts: Sequence[Encoded]) -> Encoded:
    """The vectors of several encodings, one after another; at least one is given."""
    if len(parts) == 1:
        return parts[0]
    return Encoded(
        sparse.vstack([part.concepts for part in parts], format="csr"),
        sparse.vstack([part.words for part in parts], format="csr"),
        sparse.vstack([part.letters for part in parts], format="csr"),
        np.concatenate([part.dense for part in parts]),
        sparse.vstack([part.mentioned for part in parts], format="csr"),
    )
