"""The fairness ledger's parts in words: a bar for who was served, the rest in the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from matcher.figures import ledger
from matcher.figures.dimensions import Dimension
from matcher.figures.ledger import Part
from matcher.figures.panels import Panel, bars_of, count, part
from matcher.figures.scope import Scope
from matcher.models.organisation import Region
from matcher.models.run import MatchRun
from matcher.web.names import Names

MOST_ROWS = 10


def panel_of(scope: Scope, dimension: Dimension) -> Panel:
    """One dimension's panel: the ten most asked for, the others together."""
    parts = ledger.parts_by(scope, dimension)
    rows = [(name_of(dimension, one.code, scope.regions), one) for one in parts[:MOST_ROWS]]
    if rest := parts[MOST_ROWS:]:
        rows.append((_("the others"), _together(rest)))
    title, head = {
        Dimension.LEVEL: (_("Served, by level"), _("Level")),
        Dimension.SUBJECT: (_("Served, by subject"), _("Subject")),
        Dimension.REGION: (_("Served, by region"), _("Region")),
    }[dimension]
    visits, small = _("Visits"), _("By small companies")
    heads = [head, _("Served"), _("Requests"), _("Waiting"), visits, small]
    drawn = [(label, one.served_share or 0, _cells(one)) for label, one in rows]
    return bars_of(title, heads, drawn, most=1)


def _cells(one: Part) -> list[str]:
    numbers = (one.asked, one.waiting, one.visits)
    return [part(one.served_share), *map(count, numbers), part(one.small_share)]


def panels_of_run(run: MatchRun) -> list[Panel]:
    """What a run suggests by level and by subject, with small companies' share of it."""
    titles = {
        Dimension.LEVEL: (_("Suggested visits, by level"), _("Level")),
        Dimension.SUBJECT: (_("Suggested visits, by subject"), _("Subject")),
    }
    return [
        bars_of(
            title,
            [head, _("Visits"), _("By small companies")],
            [
                (name_of(dimension, code, ()), many, [count(many), part(small / many)])
                for code, (many, small) in _most(ledger.visits_by(ledger.in_run(run), dimension))
            ],
        )
        for dimension, (title, head) in titles.items()
    ]


def _most(found: dict[Any, tuple[int, int]]) -> list[tuple[Any, tuple[int, int]]]:
    return sorted(found.items(), key=lambda item: (-item[1][0], str(item[0])))[:MOST_ROWS]


def name_of(dimension: Dimension, code: Any, regions: Sequence[Region]) -> str:
    """A part's name; what has none is told apart as unknown."""
    if not code:
        return _("unknown")
    if dimension == Dimension.REGION:
        return {region.id: region.name for region in regions}.get(code, _("unknown"))
    names = Names()
    told = {
        Dimension.LEVEL: names.level,
        Dimension.SUBJECT: names.subject,
        Dimension.KIND: names.kind,
    }
    return told[dimension](code) if dimension in told else str(code)


def _together(parts: Sequence[Part]) -> Part:
    def total(name: str) -> int:
        return sum(getattr(one, name) for one in parts)

    return Part(
        "rest",
        total("asked"),
        total("served"),
        total("waiting"),
        total("visits"),
        total("small_visits"),
    )
