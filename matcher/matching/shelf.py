"""Vectors of texts kept from one run to the next: only what was written anew is read anew.

A text is known by a hash of what is written; the shelf by all that its vectors follow from: code,
reference data, libraries, added labels, the weights of the views, a sentence model. In a folder it
is one file, mapped into memory, replaced as a whole and not read at all when damaged (``kept``). Of
two processes that write at once the later one's file stays; what the other read is read once more.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.matching import kept
from matcher.matching.encoded import Encoded, stacked
from matcher.matching.types import Text

MOST_TEXTS = 150_000  # in a file; those asked for last stay
MOST_SHELVES = 4  # files: of older code, or of regions with labels of their own
UNWRITTEN = 1_000  # new texts, from which on it is worth while to write the file anew
SHARE = 20  # and they are at least this part of what the file holds
KEY = 16  # bytes
SPARSE = ("concepts", "words", "letters", "mentioned")
Array = NDArray[Any]


class Shelf:
    """The vectors of one version of a space; safe to use from several threads."""

    def __init__(self, folder: Path, version: str) -> None:
        self.path = folder / f"texts-{version}"
        self._lock = threading.Lock()
        self._parts: list[Encoded] | None = None  # the file's rows, then what was read since
        self._place: dict[bytes, int] = {}
        self._asked: list[int] = []  # by place: in which round it was asked for last
        self._round = 0
        self._written = 0

    def encode(self, texts: Sequence[Text], read: Callable[[Sequence[Text]], Encoded]) -> Encoded:
        """Vectors of these texts in their order, ``read`` of those that are new, each once."""
        with self._lock:
            parts = self._opened(read)
            keys = [key_of(text) for text in texts]
            new = {k: text for k, text in zip(keys, texts, strict=True) if k not in self._place}
            if new:
                parts.append(read(list(new.values())))
                self._put(new)
            self._round += 1
            places = np.array([self._place[key] for key in keys], dtype=np.int64)
            for place in places.tolist():
                self._asked[place] = self._round
            found = _gathered(parts, places, len(new))
            self._write_if_worth_while()
            return found

    def _opened(self, read: Callable[[Sequence[Text]], Encoded]) -> list[Encoded]:
        """What there is, from the file at first; a row of an empty text tells the shapes."""
        if self._parts is None:
            found = kept.read(self.path)
            self._parts = []
            if found is not None:
                self._take(found, read([]))
        return self._parts

    def _take(self, found: dict[str, Array], none: Encoded) -> None:
        made = _from_arrays(found, none)
        self._parts = [made]
        keys = found["keys"].tobytes()
        self._place = {keys[KEY * n : KEY * (n + 1)]: n for n in range(len(made))}
        self._asked = found["asked"].tolist()
        self._round = max(self._asked, default=0)
        self._written = len(made)

    def _put(self, keys: Iterable[bytes]) -> None:
        for key in keys:
            self._place[key] = len(self._asked)
            self._asked.append(self._round)

    def _write_if_worth_while(self) -> None:
        """The file with all there is, without those that nobody has asked for longest."""
        new = len(self._asked) - self._written
        if new < max(UNWRITTEN, self._written // SHARE):
            return
        everything, asked = stacked(self._parts or []), np.array(self._asked, dtype=np.int64)
        keys = np.frombuffer(b"".join(self._place), dtype=np.uint8).reshape(-1, KEY)
        if len(asked) > MOST_TEXTS:
            stay = np.sort(np.argsort(-asked, kind="stable")[:MOST_TEXTS])
            everything, asked, keys = everything.take(stay), asked[stay], keys[stay]
        arrays = _as_arrays(everything) | {"keys": keys, "asked": asked}
        kept.write(self.path, arrays)
        kept.tidy(self.path.parent, "texts-", MOST_SHELVES)
        found = kept.read(self.path)  # by the map: what is kept costs no memory of its own
        self._take(arrays if found is None else found, everything.take([]))


def key_of(text: Text) -> bytes:
    """A hash of what is written, and in which language."""
    said = "\0".join((text.language, text.title, text.body))
    return hashlib.blake2b(said.encode(), digest_size=KEY).digest()


def _gathered(parts: Sequence[Encoded], places: Array, new: int) -> Encoded:
    """The rows of these places, counted through all parts; ``new`` of them were read just now."""
    ends = np.cumsum([len(part) for part in parts])
    starts = ends - [len(part) for part in parts]
    of = np.searchsorted(ends, places, side="right")
    used = [n for n in range(len(parts)) if (of == n).any()] or [0]
    chosen = [_rows(parts[n], places[of == n] - starts[n]) for n in used]
    if len(used) == 1:
        return chosen[0].counted(new)
    order = np.concatenate([np.nonzero(of == n)[0] for n in used])
    return stacked(chosen).take(np.argsort(order, kind="stable")).counted(new)


def _rows(part: Encoded, rows: Array) -> Encoded:
    every = len(rows) == len(part) and bool((rows == np.arange(len(part))).all())
    return part if every else part.take(rows)


def _as_arrays(made: Encoded) -> dict[str, Array]:
    arrays = {"dense": made.dense}
    for name in SPARSE:
        rows = getattr(made, name)
        arrays[f"{name}_data"], arrays[f"{name}_at"] = rows.data, rows.indices
        arrays[f"{name}_ends"] = rows.indptr
    return arrays


def _from_arrays(found: dict[str, Array], none: Encoded) -> Encoded:
    many = len(found["asked"])
    return Encoded(
        dense=found["dense"],
        **{
            name: sparse.csr_matrix(
                (found[f"{name}_data"], found[f"{name}_at"], found[f"{name}_ends"]),
                shape=(many, getattr(none, name).shape[1]),
            )
            for name in SPARSE
        },
    )
