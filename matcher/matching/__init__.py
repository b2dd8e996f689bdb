"""Arithmetic: needs and offers in, explained pairings out; knows no web and no database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from matcher.matching.inputs import (
    Inputs,
    Standing,
    Synonym,
    in_order,
    inputs_from_json,
    inputs_json,
)
from matcher.matching.result import Result
from matcher.matching.settings import Settings
from matcher.matching.types import Demand, Person, Pin, Supply

if TYPE_CHECKING:
    from matcher.matching.text import TextSpace

__all__ = ["Inputs", "Result", "Settings", "inputs_from_json", "inputs_json", "propose"]


def propose(
    demands: Iterable[Demand],
    supplies: Iterable[Supply],
    people: Iterable[Person],
    settings: Settings,
    *,
    pins: Iterable[Pin] = (),
    standing: Iterable[Standing] = (),
    synonyms: Iterable[Synonym] = (),
    space: TextSpace | None = None,
    tell: Callable[[str], None] | None = None,
) -> Result:
    """The best proposals under every limit, with reasons, alternates and advice.

    ``standing`` are yesterday's (need, offer, slot) keys, which stay unless something better comes;
    ``synonyms`` are labels (concept, language, label) that texts are read with beside the
    thesaurus' own; ``space`` is the text space to use, by default the one fitted on the reference
    data. The result does not depend on the order of the inputs. ``tell`` hears the name of each
    stage when it is done (``match.STAGES``). ValueError when a key stands twice.
    """
    from matcher.matching.match import run

    inputs = in_order(demands, supplies, people, pins, standing, synonyms=synonyms)
    return run(inputs, settings, space, tell)
