"""The country beside it: published indicators with their year and source, and no conclusion."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _

from matcher.figures import charts
from matcher.figures.charts import Lines
from matcher.figures.panels import count
from matcher.reference.indicators import Indicator, Source, indicators

DRAWN = (
    "havo_vwo_n_profile_share",
    "vmbo_bbkbgl_tech_profile_share",
    "mbo_tech_intake_share",
    "he_tech_intake_share",
)


@dataclass(frozen=True)
class Country:
    """A chart of the choices, a table of everything, and where it was read."""

    chart: Lines
    years: list[str]
    rows: list[tuple[str, list[str], str]]  # name, a figure for each year, numbers of the sources
    sources: list[str]


def country(programme: str, language: str) -> Country | None:
    """None where nothing is published for the programme."""
    found = indicators(programme)
    if not found:
        return None
    years = sorted({value.year for one in found for value in one.values})
    sources: dict[str, Source] = {}
    for one in found:
        sources.update({value.source.code: value.source for value in one.values})
    numbered = {code: str(place) for place, code in enumerate(sources, start=1)}
    rows = [(one.name(language), _cells(one, years), _numbers(one, numbered)) for one in found]
    return Country(
        _chart(found, language),
        years,
        rows,
        [f"{one.name(language)}, {one.address}" for one in sources.values()],
    )


def _chart(found: tuple[Indicator, ...], language: str) -> Lines:
    drawn = [one for code in DRAWN for one in found if one.code == code]
    marks = sorted({value.year for one in drawn for value in one.values})
    series = []
    for one in drawn:
        known = {value.year: (value.value, f"{value.value:g}%") for value in one.values}
        series.append((one.name(language), [known.get(mark) for mark in marks]))
    return charts.lines(_("Who chooses technology, in percent"), marks, series)


def _cells(one: Indicator, years: list[str]) -> list[str]:
    known = {value.year: _told(one.unit, value.value) for value in one.values}
    return [known.get(year, "") for year in years]


def _told(unit: str, value: float) -> str:
    return f"{format_decimal(value)}%" if unit == "percent" else count(int(value))


def _numbers(one: Indicator, numbered: dict[str, str]) -> str:
    return ", ".join(dict.fromkeys(numbered[value.source.code] for value in one.values))
