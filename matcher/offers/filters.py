"""What a teacher has chosen in the directory: read from an address, and written into one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from matcher.models.offer import folded

FACETS = ("kind", "level", "subject", "place", "language")
MOST_CHOSEN, MOST_WORDS, LONGEST_QUERY = 40, 8, 120


class Order(StrEnum):
    """How the list can stand."""

    NEAR = "near"
    NEW = "new"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Word:
    """A word somebody searches by, and the subjects that carry it in their names."""

    written: str
    folded: str
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """What a teacher has chosen; empty means everything."""

    text: str = ""
    words: tuple[Word, ...] = ()
    kind: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    within_km: int | None = None
    fits: int | None = None  # the id of a need it must suit
    school: int | None = None  # from which school distances are counted, where there are several
    order: Order | None = None  # None: title hits, then near, then new

    @property
    def is_empty(self) -> bool:
        """Whether every offer is shown, in whichever order."""
        return replace(self, order=None, school=None) == Filters()

    def as_args(self) -> dict[str, Any]:
        """The same choice as a query string, so that "back" and a bookmark find it again."""
        args: dict[str, Any] = {name: list(getattr(self, name)) for name in FACETS}
        args |= {"q": self.text, "within": self.within_km, "fits": self.fits}
        args |= {"school": self.school, "order": self.order.value if self.order else None}
        return {name: value for name, value in args.items() if value}

    def without(self, name: str, code: str) -> Filters:
        """The same less one choice: what a click on it takes away."""
        less: dict[str, Any] = {name: None}
        if name in FACETS:
            less = {name: tuple(one for one in getattr(self, name) if one != code)}
        elif name == "text":
            less = {"text": "", "words": ()}
        return replace(self, **less)


def read_filters(
    values: Callable[[str], Sequence[str]],
    known: Mapping[str, frozenset[str]],
    subject_names: Mapping[str, str],
) -> Filters:
    """Filters from a query string; whatever is not known is left out, never an error."""
    chosen = {
        name: tuple(dict.fromkeys(v for v in values(name)[:MOST_CHOSEN] if v in known[name]))
        for name in FACETS
    }
    text = " ".join(("".join(values("q")[:1]))[:LONGEST_QUERY].split())
    order = "".join(values("order")[:1])
    return Filters(
        text=text,
        words=_words(text, subject_names),
        within_km=_number(values("within"), 3),
        fits=_number(values("fits"), 9),
        school=_number(values("school"), 9),
        order=Order(order) if order in set(Order) else None,
        **chosen,
    )


def _number(values: Sequence[str], digits: int) -> int | None:
    text = "".join(values[:1]).strip()
    sound = text.isascii() and text.isdigit() and len(text) <= digits
    return (int(text) or None) if sound else None


def _words(text: str, subject_names: Mapping[str, str]) -> tuple[Word, ...]:
    """The words of a search; ``subject_names`` holds each subject's names, folded, in a line."""
    return tuple(
        Word(
            word,
            folded(word),
            tuple(c for c, line in subject_names.items() if folded(word) in line.split()),
        )
        for word in text.split()[:MOST_WORDS]
    )
