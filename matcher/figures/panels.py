"""A chart with the table of the same figures: what a page shows side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import format_decimal, format_percent
from flask_babel import gettext as _

from matcher.figures import charts
from matcher.figures.charts import Bars, Lines


@dataclass(frozen=True)
class Panel:
    """Words, a chart, and its table; without rows there is nothing to draw."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    chart: Bars | Lines
    lead: str = ""
    note: str = ""

    @property
    def is_lines(self) -> bool:
        return isinstance(self.chart, Lines)


def bars_of(
    title: str,
    heads: Sequence[str],
    rows: Sequence[tuple[str, float, Sequence[str]]],
    *,
    most: float = 0,
    lead: str = "",
    note: str = "",
) -> Panel:
    """Rows of (label, value, cells after the label); the first cell stands at the bar."""
    drawn = [(label, value, cells[0]) for label, value, cells in rows]
    table = [(label, *cells) for label, _value, cells in rows]
    return Panel(title, heads, table, charts.bars(title, drawn, most=most), lead, note)


def count(value: int) -> str:
    return str(format_decimal(value))


def part(value: float | None) -> str:
    """A share as people write it; a dash where there is nothing to take a share of."""
    return "–" if value is None else str(format_percent(value, "0%"))


def of_all(part_of: int, whole: int) -> str:
    return _("%(part)s of %(whole)s", part=count(part_of), whole=count(whole))
