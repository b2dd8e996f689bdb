"""What the directory's page lets a reader choose: options with counts, what is chosen, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.models.need import Need, PlaceKind
from matcher.models.offer import OfferKind, folded
from matcher.offers.filters import FACETS, Filters, read_filters
from matcher.offers.kinds import KINDS
from matcher.web.names import LANGUAGES, Names, system

UNFIT = {
    "kind": _l("It is another kind of visit than you asked for."),
    "language": _l("It is given in another language."),
    "place": _l("It is only online, or only on site."),
    "level": _l("It is made for other levels."),
    "subject": _l("It is made for other subjects."),
    "group": _l("It takes smaller groups than your class."),
    "duration": _l("It takes longer than your lesson."),
    "distance": _l("Nobody who gives it comes as far as your school."),
    "away": _l("The company takes a break for now."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a facet, as the page shows it."""

    code: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that is chosen, and the filters of the address without it."""

    label: str
    without: dict[str, Any]


def chosen_filters(
    values: Callable[[str], list[str]], needs: Sequence[Need]
) -> tuple[Filters, Need | None]:
    """The filters of an address, and the reader's own request it asks to suit, if any."""
    programme = system()
    known = {
        "kind": frozenset(kind.value for kind in OfferKind),
        "level": frozenset(level.code for level in programme.levels),
        "subject": frozenset(subject.code for subject in programme.subjects),
        "place": frozenset({PlaceKind.ONSITE.value, PlaceKind.ONLINE.value}),
        "language": frozenset(LANGUAGES),
    }
    names = {
        subject.code: folded(" ".join(subject.names.values())) for subject in programme.subjects
    }
    filters = read_filters(values, known, names)
    need = next((need for need in needs if need.id == filters.fits), None)
    return (filters if need else replace(filters, fits=None)), need


def choices_of(name: str, counts: Mapping[str, int], filters: Filters) -> list[Choice]:
    """What is there to choose, in the order of the school system or of the number of offers."""
    label: Callable[[str], str] = getattr(Names(), name)
    chosen = getattr(filters, name)
    codes = [code for code in _ordered(name, counts) if counts.get(code) or code in chosen]
    return [Choice(code, label(code), counts.get(code, 0), code in chosen) for code in codes]


def _ordered(name: str, counts: Mapping[str, int]) -> list[str]:
    if name == "level":
        return [level.code for level in system().levels]
    if name == "kind":
        return [kind.value for kind in KINDS]
    if name == "place":
        return [PlaceKind.ONSITE.value, PlaceKind.ONLINE.value]
    label = getattr(Names(), name)
    return sorted(counts, key=lambda code: (-counts[code], label(code)))


def chips_of(filters: Filters, need: Need | None) -> list[Chip]:
    """Everything that is chosen, each with the way to undo it."""
    named = [(f"“{filters.text}”", "text", "")] if filters.text else []
    if need is not None:
        named.append((_("fits “%(title)s”", title=need.title or _("new request")), "fits", ""))
    if filters.within_km:
        named.append((_("at most %(km)s km", km=filters.within_km), "within_km", ""))
    for name in FACETS:
        label = getattr(Names(), name)
        named += [(label(code), name, code) for code in getattr(filters, name)]
    return [Chip(label, filters.without(name, code).as_args()) for label, name, code in named]


def unfit_words(rules: Sequence[str]) -> list[str]:
    """Why an offer does not suit a request, in sentences."""
    return [str(UNFIT[rule]) for rule in rules]
