"""Arrays kept in files between runs: safe to delete, to share among processes, and to find damaged.

A file is a header of JSON with the place of each array, then the arrays themselves, read by memory
map. It is written beside and renamed, so that nobody ever reads half a file; one whose checksum
does not fit is not read at all. What a file holds is told by its name alone: other code, other data
or another version of a library makes another name.
"""

from __future__ import annotations

import hashlib
import json
import logging
import mmap
import os
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MAGIC = b"lesbrug kept 1\n"
LIBRARIES = ("numpy", "scipy", "scikit-learn", "simplemma")
ALIGNED = 64
log = logging.getLogger("lesbrug.matching")


def write(path: Path, arrays: Mapping[str, Array]) -> None:
    """Keep these arrays under this name; an earlier file of the name is replaced.

    A folder that cannot be written to is no reason to stop: what is not kept is made again.
    """
    try:
        _write(path, arrays)
    except OSError as error:
        log.warning("%s could not be kept: %s", path.name, error)


def _write(path: Path, arrays: Mapping[str, Array]) -> None:
    made = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    entries, at, check = {}, 0, 0
    for name, array in made.items():
        entries[name] = {"dtype": array.dtype.str, "shape": array.shape, "at": at}
        check = zlib.crc32(_padded(array), check)
        at += len(_padded(array))
    header = json.dumps({"entries": entries, "size": at, "check": check}).encode()
    header += b" " * (-(len(MAGIC) + 8 + len(header)) % ALIGNED)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(MAGIC + len(header).to_bytes(8, "little") + header)
            for array in made.values():
                file.write(_padded(array))
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)


def read(path: Path) -> dict[str, Array] | None:
    """The arrays of a file, mapped and read-only; None where there is none or it is damaged."""
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        start, header = _header(mapped)
        if zlib.crc32(memoryview(mapped)[start:]) != header["check"]:
            raise ValueError("its checksum does not fit")
        return {
            name: np.frombuffer(
                mapped,
                dtype=entry["dtype"],
                count=int(np.prod(entry["shape"])),
                offset=start + entry["at"],
            ).reshape(entry["shape"])
            for name, entry in header["entries"].items()
        }
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s is not used: %s", path.name, error)
        return None


def tidy(folder: Path, prefix: str, most: int) -> None:
    """Only the ``most`` files used last of those whose names begin so."""
    found = sorted(folder.glob(f"{prefix}*"), key=lambda p: (-p.stat().st_mtime, p.name))
    for path in found[most:]:
        path.unlink(missing_ok=True)


def _header(mapped: mmap.mmap) -> tuple[int, dict[str, Any]]:
    """Where the arrays begin, and what the header says."""
    if mapped[: len(MAGIC)] != MAGIC:
        raise ValueError("it is no file of ours")
    start = len(MAGIC) + 8
    length = int.from_bytes(mapped[len(MAGIC) : start], "little")
    return start + length, json.loads(mapped[start : start + length])


def _padded(array: Array) -> bytes:
    raw = array.tobytes()
    return raw + b"\0" * (-len(raw) % ALIGNED)


def as_array(names: Iterable[str]) -> Array:
    """Names without line ends as one array of bytes."""
    return np.frombuffer("\n".join(names).encode(), dtype=np.uint8)


def as_names(array: Array) -> tuple[str, ...]:
    """What ``as_array`` was given."""
    text = array.tobytes().decode()
    return tuple(text.split("\n")) if text else ()


@cache
def fingerprint(*files: Path, said: str = "") -> str:
    """Changes with the content of these files, with ``said``, and with any library that counts."""
    seen = hashlib.sha256(said.encode())
    for name in LIBRARIES:
        seen.update(f"{name} {version(name)}\n".encode())
    for file in files:
        seen.update(file.name.encode() + b"\n" + file.read_bytes())
    return seen.hexdigest()[:20]
