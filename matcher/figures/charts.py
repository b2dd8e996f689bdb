"""Charts as geometry: bars and lines in a fixed frame, drawn by the template as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH = 340  # of the drawing; it is scaled to its column
BAR_ROW = 42
BAR_TOP = 22
PLOT = (34, 14, 326, 166)  # left, top, right, bottom of the lines
LINES_HEIGHT = 190


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its words above it."""

    label: str
    told: str
    y: float  # of the words' foot
    top: float  # of the bar
    width: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars below each other; ``title`` names them, ``desc`` says them in words."""

    title: str
    desc: str
    bars: tuple[Bar, ...]
    height: int
    width: int = WIDTH


@dataclass(frozen=True, slots=True)
class Dot:
    """One value of a line: where it stands and what is written at it."""

    x: float
    y: float
    told: str


@dataclass(frozen=True, slots=True)
class Line:
    """One series; a gap where a value is not known breaks it into strokes."""

    name: str
    number: int  # 1, 2 …: its colour and shape
    strokes: tuple[str, ...]  # "x,y x,y": what polyline takes
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Values over time, with marks below and at the left."""

    title: str
    desc: str
    lines: tuple[Line, ...]
    marks: tuple[tuple[float, str], ...]  # x and its words
    levels: tuple[tuple[float, str], ...]  # y and its words
    left: int = PLOT[0]
    right: int = PLOT[2]
    bottom: int = PLOT[3]
    height: int = LINES_HEIGHT
    width: int = WIDTH


def bars(title: str, rows: Sequence[tuple[str, float, str]], *, most: float = 0) -> Bars:
    """Rows of (label, value, value in words); ``most`` is the longest bar's value."""
    most = most or max((value for _label, value, _told in rows), default=0) or 1
    drawn = tuple(
        Bar(
            label,
            told,
            y=number * BAR_ROW + 15,
            top=number * BAR_ROW + BAR_TOP,
            width=round(max(0.0, min(value / most, 1.0)) * WIDTH, 1),
        )
        for number, (label, value, told) in enumerate(rows)
    )
    desc = "; ".join(f"{bar.label}: {bar.told}" for bar in drawn)
    return Bars(title, desc, drawn, height=len(rows) * BAR_ROW)


def lines(
    title: str,
    marks: Sequence[str],
    series: Sequence[tuple[str, Sequence[tuple[float, str] | None]]],
) -> Lines:
    """Series of (name, values), a value at each mark as (number, words) or None."""
    known = [value for _name, values in series for value in values if value is not None]
    top = round_up(max((value for value, _told in known), default=0))
    xs = _places(len(marks))
    drawn = tuple(
        _line(name, number, xs, values, top)
        for number, (name, values) in enumerate(series, start=1)
    )
    desc = "; ".join(
        f"{line.name}: " + ", ".join(f"{marks[xs.index(dot.x)]} {dot.told}" for dot in line.dots)
        for line in drawn
    )
    levels = tuple((_height(part * top, top), _plain(part * top)) for part in (0, 0.5, 1))
    return Lines(title, desc, drawn, tuple(zip(xs, marks, strict=True)), levels)


def round_up(value: float) -> float:
    """The next of 1, 2, 4, 6, 8 or 10 times a power of ten: a scale people can halve."""
    if value <= 0:
        return 1
    power = 10.0 ** floor(log10(value))
    step: float = next(s for s in (1, 2, 4, 6, 8, 10) if s * power >= value * (1 - 1e-9))
    return step * power


def _line(
    name: str,
    number: int,
    xs: Sequence[float],
    values: Sequence[tuple[float, str] | None],
    top: float,
) -> Line:
    dots = [
        Dot(x, _height(value[0], top), value[1]) if value is not None else None
        for x, value in zip(xs, values, strict=True)
    ]
    strokes: list[list[str]] = [[]]
    for dot in dots:
        if dot is None:
            strokes.append([])
        else:
            strokes[-1].append(f"{dot.x},{dot.y}")
    kept = tuple(" ".join(stroke) for stroke in strokes if len(stroke) > 1)
    return Line(name, number, kept, tuple(dot for dot in dots if dot is not None))


def _places(many: int) -> list[float]:
    left, _top, right, _bottom = PLOT
    if many < 2:
        return [(left + right) / 2] * many
    inset = 22
    step = (right - left - 2 * inset) / (many - 1)
    return [round(left + inset + number * step, 1) for number in range(many)]


def _height(value: float, top: float) -> float:
    _left, above, _right, below = PLOT
    return round(below - (below - above) * min(value / top, 1.0), 1)


def _plain(value: float) -> str:
    return str(ceil(value)) if value >= 10 or value == int(value) else f"{value:.1f}"
