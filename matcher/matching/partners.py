"""Which schools and companies know each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.types import Demand

Array = NDArray[Any]


@dataclass(frozen=True)
class Partners:
    """Companies by number; ``pairs`` are need x companies + company, in order."""

    company: Array  # by offer
    companies: int
    pairs: Array

    def known(self, d: Array, s: Array) -> Array:
        """Whether the need's school knows the offer's company; shape (len(d),)."""
        if not len(self.pairs):
            return np.zeros(len(d), dtype=bool)
        wanted = np.asarray(d, dtype=np.int64) * self.companies + self.company[s]
        at = np.minimum(np.searchsorted(self.pairs, wanted), len(self.pairs) - 1)
        return np.asarray(self.pairs[at] == wanted)


def make_partners(demands: Sequence[Demand], companies: Sequence[str], company: Array) -> Partners:
    """``companies`` are the offers' in order, ``company`` each offer's place among them."""
    if not any(demand.partners for demand in demands):
        return Partners(company, len(companies), np.zeros(0, dtype=np.int64))
    number = {key: n for n, key in enumerate(companies)}
    pairs = [
        need * len(companies) + number[partner]
        for need, demand in enumerate(demands)
        for partner in demand.partners
        if partner in number
    ]
    return Partners(company, len(companies), np.array(sorted(pairs), dtype=np.int64))
