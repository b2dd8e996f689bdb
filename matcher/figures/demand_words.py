"""The demand map in words: counts as a reader may see them, shapes, tables, ready texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from matcher.figures import demand, maps
from matcher.figures.demand import FEW, Asked, Cell
from matcher.figures.maps import Spot
from matcher.figures.panels import count
from matcher.models.organisation import Region
from matcher.reference.provinces import outlines
from matcher.web.filters import month_name
from matcher.web.names import Names, system

MONTHS_SHOWN = 8


@dataclass(frozen=True)
class Eye:
    """Who looks: all counts of ``regions`` are hers to see, of others only large ones."""

    regions: frozenset[int] = frozenset()

    def counts(self, region: int) -> bool:
        return region in self.regions


@dataclass(frozen=True)
class Row:
    """One line of the table: its name, what its link asks for, a count for each month."""

    name: str
    region: str
    subject: str
    cells: tuple[str, ...]
    total: str


def exactly(number: int, *, may: bool) -> str:
    """A cell's count: to the public small ones are not counted out."""
    if not number:
        return ""
    return count(number) if may or number >= FEW else _("fewer than 3")


def roughly(number: int, *, may: bool) -> str:
    """A sum's count: told to the public so that no small part can be worked out from it."""
    if may or number < FEW:
        return exactly(number, may=may)
    return f"{count(max(FEW, number // 5 * 5))}+"


def waiting(number: int, *, may: bool) -> str:
    """9 classes waiting; fewer than 3 classes waiting."""
    if not may and number < FEW:
        return _("fewer than 3 classes waiting")
    return ngettext("%(num)d class waiting", "%(num)d classes waiting", number)


def spots(cells: Sequence[Cell], regions: dict[int, Region], eye: Eye) -> list[Spot]:
    """Every province with the classes of its region; none where there is no map."""
    drawing = outlines(system().code)
    if drawing is None:
        return []
    numbers = demand.summed(cells, lambda cell: regions[cell.region].code)
    seen = {region.code for region in regions.values() if eye.counts(region.id)}

    def words(name: str, code: str, number: int) -> tuple[str, str]:
        told = roughly(number, may=code in seen)
        if not number:
            return "", _("%(where)s: no class waits", where=name)
        in_words = _("%(where)s: %(number)s classes waiting", where=name, number=told)
        return told.replace(_("fewer than 3"), "<3"), in_words

    return maps.spots(drawing, system(), numbers, words)


def rows_by_region(
    cells: Sequence[Cell], months: Sequence[str], regions: dict[int, Region], eye: Eye
) -> list[Row]:
    """Regions by name, all subjects together."""
    by_cell = demand.summed(cells, lambda cell: (cell.region, cell.month))
    by_region = demand.summed(cells, lambda cell: cell.region)
    return [
        Row(
            region.name,
            region.code,
            "",
            tuple(roughly(by_cell[key, month], may=eye.counts(key)) for month in months),
            roughly(by_region[key], may=eye.counts(key)),
        )
        for key, region in regions.items()
        if by_region[key]
    ]


def rows_by_subject(
    cells: Sequence[Cell], months: Sequence[str], region: Region, eye: Eye
) -> list[Row]:
    """One region's subjects, the most asked for first."""
    may = eye.counts(region.id)
    by_cell = demand.summed(cells, lambda cell: (cell.subject, cell.month))
    subjects = demand.summed(cells, lambda cell: cell.subject)
    return [
        Row(
            Names().subject(subject),
            region.code,
            subject,
            tuple(exactly(by_cell[subject, month], may=may) for month in months),
            roughly(number, may=may),
        )
        for subject, number in sorted(subjects.items(), key=lambda item: (-item[1], item[0]))
    ]


def months_of(cells: Sequence[Cell]) -> list[str]:
    """The months in which anybody waits, at most the first eight."""
    return sorted({cell.month for cell in cells})[:MONTHS_SHOWN]


def title_of(asked: Asked) -> str:
    """Zeeland, physics, March 2027"""
    names = Names()
    parts = [
        asked.region.name if asked.region else "",
        names.level(asked.level) if asked.level else "",
        names.subject(asked.subject) if asked.subject else "",
        month_name(asked.month) if asked.month else "",
    ]
    return ", ".join(part for part in parts if part)


def ready_text(
    asked: Asked, number: int, topics: Sequence[str] = (), *, may: bool, address: str
) -> str:
    """What one can paste into a message to companies."""
    about = f" ({', '.join(topics)})" if topics else ""
    return _(
        "%(what)s: %(waiting)s for somebody from practice. Could you help with a guest lecture, "
        "a tour or a challenge? It begins here: %(address)s",
        what=title_of(asked) + about,
        waiting=waiting(number, may=may),
        address=address,
    )
