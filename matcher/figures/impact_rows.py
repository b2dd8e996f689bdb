"""The impact monitor as rows of plain numbers, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

from matcher.figures import answers, reach
from matcher.figures.dimensions import Dimension
from matcher.figures.scope import Scope
from matcher.figures.yearly import Year
from matcher.models.moves import Side
from matcher.web.tables import Cell

HEADER = ("figure", "part", "school_year", "value")
RATES = ("fill_rate", "small_share", "no_show_share")
Row = tuple[str, str, str, Cell]


def rows(scope: Scope, years: Mapping[str, Year]) -> list[Row]:
    """Every number of the page; shares from 0 to 1, an empty cell where there is none."""
    return [*_by_year(years), *_of_year(scope), *_reach(scope)]


def _by_year(years: Mapping[str, Year]) -> Iterator[Row]:
    names = [one.name for one in fields(Year)]
    for year, found in years.items():
        for name in [*names, *RATES]:
            yield name, "", year, getattr(found, name)


def _of_year(scope: Scope) -> Iterator[Row]:
    for side, one in answers.answered(scope).items():
        yield "answered", side.value, scope.year, one.answered
        yield "not_answered", side.value, scope.year, one.silent
    for reason, by in answers.declined(scope).items():
        for side in (Side.SCHOOL, Side.COMPANY):
            yield f"declined_by_{side}", reason, scope.year, by[side]
    for (lead, side), many in sorted(answers.cancelled(scope).items()):
        yield f"cancelled_by_{side}", lead.value, scope.year, many
    hands = reach.hands(scope)
    for name in ("pupils", "before", "after"):
        yield "hands", name, scope.year, getattr(hands, name)


def _reach(scope: Scope) -> Iterator[Row]:
    names: dict[object, str] = {region.id: region.name for region in scope.regions}
    for dimension in Dimension:
        for one in reach.reached(scope, dimension):
            is_region = dimension == Dimension.REGION
            part = names.get(one.code, "") if is_region else str(one.code or "")
            for name in ("visits", "pupils", "schools"):
                yield f"{name}_by_{dimension}", part, scope.year, getattr(one, name)
