"""Pixels into a small PNG with a palette of at most 256 colours."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

MOST = 256
AT_ONCE = 4_096


def as_png(rgba: bytes, width: int, height: int) -> bytes:
    """The picture as PNG; where it has more colours, the rarest become the nearest kept ones."""
    pixels = np.frombuffer(rgba, dtype=np.uint8).reshape(height * width, 4)[:, :3].astype(np.uint32)
    colours, places, counts = np.unique(
        pixels @ np.array([65536, 256, 1], dtype=np.uint32), return_inverse=True, return_counts=True
    )
    if len(colours) > MOST:
        kept = _chosen(colours, counts)
        places = _nearest(_split(colours), _split(colours[kept]))[places]
        colours = colours[kept]
    rows = places.reshape(height, width).astype(np.uint8)
    lines = np.hstack([np.zeros((height, 1), dtype=np.uint8), rows])  # each with filter 0
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", _split(colours).astype(np.uint8).tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _chosen(colours: NDArray[np.uint32], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of the colours to keep: half the commonest, half the commonest of each shade."""
    order = np.argsort(-counts, kind="stable")
    usual = order[: MOST // 2]
    bits = _split(colours) >> 5
    _, shade = np.unique(bits @ np.array([64, 8, 1]), return_inverse=True)
    whole = np.bincount(shade, weights=counts)[shade]
    _, first = np.unique(shade[order], return_index=True)
    best = order[first]  # of each shade
    best = best[np.argsort(-whole[best], kind="stable")]
    return np.unique(np.concatenate([usual, best[: MOST // 2]]))


def _split(colours: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Shape (colours, 3)."""
    return np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.int64)


def _nearest(wanted: NDArray[np.int64], kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of the nearest kept colour of each."""
    found = [
        ((wanted[at : at + AT_ONCE, None, :] - kept[None]) ** 2).sum(axis=2).argmin(axis=1)
        for at in range(0, len(wanted), AT_ONCE)
    ]
    return np.concatenate(found)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
