"""A flow network as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Small = NDArray[np.signedinteger[Any]]  # 32 bits where there are many


@dataclass(frozen=True)
class Graph:
    """Arcs as arrays of one length: tail, head, capacity >= 0, integer cost.

    ``amount`` units go from node ``source`` to node ``sink``; the graph must be able to carry them.
    """

    tail: Small
    head: Small
    capacity: Small
    cost: Ints
    source: int
    sink: int
    amount: int

    @property
    def nodes(self) -> int:
        return int(max(self.tail.max(), self.head.max())) + 1 if len(self.tail) else 2
