"""The map of provinces with a number in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from matcher.figures.panels import count
from matcher.reference.provinces import Outlines, Shape
from matcher.reference.system import SchoolSystem

TONES = (1, 3, 6, 11)  # from which number on a province is a shade darker
PUPIL_TONES = (1, 50, 200, 500)


@dataclass(frozen=True)
class Spot:
    """A province on the map: its region's code, its number as told, the same in words."""

    shape: Shape
    code: str
    told: str
    words: str
    tone: int


Words = Callable[[str, str, int], tuple[str, str]]  # (province, code, number) -> told, in words


def spots(
    drawing: Outlines,
    system: SchoolSystem,
    numbers: Mapping[str, int],
    words: Words,
    tones: tuple[int, ...] = TONES,
) -> list[Spot]:
    """Every province with the number of its region, by the region's code."""
    code_of = {name: entry.code for entry in system.regions for name in entry.provinces}
    found = []
    for shape in drawing.shapes:
        code = code_of.get(shape.name, "")
        number = numbers.get(code, 0)
        tone = sum(number >= start for start in tones)
        found.append(Spot(shape, code, *words(shape.name, code, number), tone))
    return found


def spots_of_pupils(
    drawing: Outlines, system: SchoolSystem, by_province: Mapping[str, int]
) -> list[Spot]:
    """Pupils reached, by the province of their school."""
    numbers = {
        entry.code: sum(by_province.get(name, 0) for name in entry.provinces)
        for entry in system.regions
    }

    def words(name: str, _code: str, number: int) -> tuple[str, str]:
        told = count(number) if number else ""
        return told, _("%(where)s: %(number)s pupils", where=name, number=count(number))

    return spots(drawing, system, numbers, words, PUPIL_TONES)
