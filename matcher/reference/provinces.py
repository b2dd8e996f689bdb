"""The shapes of a programme's provinces, to draw a map without tiles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import unescape

from matcher.reference.system import DATA, BrokenReference

_PROVINCE = re.compile(r'<path id="[^"]+" d="([MLz0-9. -]+)"><title>([^<]+)</title></path>')
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """One province: its outline for SVG, and where a number stands well in it."""

    name: str
    outline: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Outlines:
    """All shapes in one drawing."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


@cache
def outlines(code: str) -> Outlines | None:
    """The map of a programme; None where it has none."""
    path = DATA / code / "provinces.svg"
    if not re.fullmatch(r"[a-z]{2,5}", code) or not path.exists():
        return None
    text = path.read_text(encoding="utf-8")
    box = re.search(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', text)
    found = tuple(Shape(unescape(name), d, *_middle(d)) for d, name in _PROVINCE.findall(text))
    if box is None or len(found) != text.count("<path"):
        raise BrokenReference(f"{path.name}: a shape is not a plain outline with a title")
    return Outlines(float(box[1]), float(box[2]), found)


def _middle(outline: str) -> Point:
    """The centroid of the largest of its rings."""
    rings = [_points(ring) for ring in outline.split("z") if ring.strip()]
    area, x, y = max((_centroid(ring) for ring in rings), key=lambda one: abs(one[0]))
    return round(x / (3 * area), 1), round(y / (3 * area), 1)


def _points(ring: str) -> list[Point]:
    numbers = [float(number) for number in re.findall(r"-?[0-9.]+", ring)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _centroid(ring: list[Point]) -> tuple[float, float, float]:
    """Twice the signed area, and three times it times the centroid (the shoelace formula)."""
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        area, x, y = area + cross, x + (x1 + x2) * cross, y + (y1 + y2) * cross
    return area, x, y
