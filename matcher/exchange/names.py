"""The words files may use for codes, and how a row is known again without a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, overload

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from matcher.exchange import cells
from matcher.exchange.columns import LANGUAGES, Column

OWN = re.compile(r"lesbrug:([1-9][0-9]{0,8})")


def by_name(entries: Iterable[Any]) -> dict[str, str]:
    """Entries of the school system by code and by name in each language."""
    known: dict[str, str] = {}
    for entry in entries:
        for text in (*entry.names.values(), entry.code):
            known.setdefault(cells.folded(text), entry.code)
    return known | {cells.folded(entry.code): entry.code for entry in entries}


def by_code(table: Mapping[Any, Any]) -> dict[str, str]:
    """A table of codes and their words, by both, in each language."""
    known: dict[str, str] = {}
    for language in LANGUAGES:
        with force_locale(language):
            for code, words in table.items():
                known.setdefault(cells.folded(str(words)), str(code))
    return known | {cells.folded(str(code)): str(code) for code in table}


@overload
def own_number(of: int) -> str: ...
@overload
def own_number(of: str) -> int | None: ...
def own_number(of: int | str) -> str | int | None:
    """The service's own reference of a row, "lesbrug:12", and back; None for any other text."""
    if isinstance(of, int):
        return f"lesbrug:{of}"
    found = OWN.fullmatch(of)
    return int(found[1]) if found else None


def reference_column(what: str) -> Column:
    """By which a row is known again when the file comes a second time."""
    return Column(
        "reference",
        _l("Reference"),
        cells.line(80),
        asked=True,
        also=("referentie", "kenmerk", "eigen nummer"),
        example=f"{what}-1",
        hint=_l("Your own number or word, the same every time you bring this row."),
    )
