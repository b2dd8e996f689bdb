"""Why nothing matched, and the smallest single change that would help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.constraints import RULES, Field, meetings
from matcher.matching.engine import make_field
from matcher.matching.inputs import Inputs
from matcher.matching.settings import Settings
from matcher.matching.types import Blocker, Change, Demand, Unmatched, Window
from matcher.reference import programme

Array = NDArray[Any]
INSTEAD = 3
EXAMPLES = 3


@dataclass(frozen=True)
class Table:
    """For one need: which rule refuses which offer, and which offers are on its topic."""

    refused: dict[str, Array]
    topical: Array
    similar: Array


def advise(
    inputs: Inputs, field: Field, need: int, similar: Array, settings: Settings
) -> Unmatched:
    """What stands in the way of one need; ``similar`` is each offer's text similarity."""
    table = _table(field, need, similar, settings)
    demand = inputs.demands[need]
    return Unmatched(
        demand=demand.key,
        blockers=_blockers(inputs, table),
        changes=_changes(inputs, demand, table, settings),
        instead=_instead(inputs, table),
    )


def _table(field: Field, need: int, similar: Array, settings: Settings) -> Table:
    offers = np.arange(len(similar))
    row = np.full(len(similar), need)
    refused = {name: rule(field, row, offers) for name, rule in RULES.items()}
    passing = np.nonzero(~np.logical_or.reduce(list(refused.values())))[0]
    found = meetings(field, row[passing], passing)
    free = np.zeros(len(similar), dtype=bool)
    free[passing[found.pair]] = True
    refused["time"] = np.zeros(len(similar), dtype=bool)
    refused["time"][passing] = ~free[passing]
    refused["taken"] = np.zeros(len(similar), dtype=bool)
    topical = similar >= settings.text_floor
    refused["topic"] = ~topical
    fits = ~np.logical_or.reduce(list(refused.values()))
    refused["taken"] = fits  # it fits, and other classes got it
    return Table(refused, topical, similar)


def _blockers(inputs: Inputs, table: Table) -> tuple[Blocker, ...]:
    """Rules by how many offers on the topic they refuse; ``only``: those nothing else refuses."""
    names = list(table.refused)
    stacked = np.array([table.refused[name] for name in names])
    times = stacked.sum(axis=0)
    found = []
    for name, mask in zip(names, stacked, strict=True):
        counted = mask if name == "topic" else mask & table.topical
        only = counted & (times == 1)
        if counted.any():
            best = np.nonzero(only)[0]
            best = best[np.argsort(-table.similar[best], kind="stable")][:EXAMPLES]
            keys = tuple(inputs.supplies[i].key for i in best)
            found.append(Blocker(name, int(counted.sum()), int(only.sum()), keys))
    return tuple(sorted(found, key=lambda b: (b.rule == "topic", -b.only, -b.count, b.rule)))


def _instead(inputs: Inputs, table: Table) -> tuple[str, ...]:
    """The ladder: the best tour, challenge and webinar on the topic that need no date of ours."""
    best: dict[str, int] = {}
    for index in np.argsort(-table.similar, kind="stable").tolist():
        supply = inputs.supplies[index]
        blocked = table.refused["language"][index] or table.refused["level"][index]
        easy = supply.on_demand or supply.kind == "webinar"
        if easy and not blocked and table.topical[index]:
            best.setdefault(supply.kind, index)
    ladder = [best[kind] for kind in ("tour", "challenge", "webinar") if kind in best]
    return tuple(inputs.supplies[index].key for index in ladder[:INSTEAD])


def _changes(
    inputs: Inputs, demand: Demand, table: Table, settings: Settings
) -> tuple[Change, ...]:
    """Each single change that unlocks something, those that unlock most first."""
    pool = np.nonzero(table.topical)[0]
    pool = pool[np.argsort(-table.similar[pool], kind="stable")][:400]
    supplies = tuple(inputs.supplies[i] for i in sorted(pool.tolist()))
    found = []
    for rule, to, changed, looser in _trials(demand, settings):
        some = Inputs((changed,), supplies, inputs.people)
        unlocked = _count(some, looser)
        if unlocked:
            found.append(Change(rule, to, unlocked))
    return tuple(sorted(found, key=lambda change: (-change.unlocks, change.rule, change.to)))


def _count(inputs: Inputs, settings: Settings) -> int:
    """Offers that would have a possible meeting with the only need of ``inputs``."""
    if not inputs.supplies:
        return 0
    field = make_field(inputs, settings)
    offers = np.arange(len(inputs.supplies))
    row = np.zeros(len(offers), dtype=np.int64)
    refused = np.logical_or.reduce([rule(field, row, offers) for rule in RULES.values()])
    passing = offers[~refused]
    return len(np.unique(meetings(field, row[: len(passing)], passing).pair))


Trial = tuple[str, str, Demand, Settings]


def _trials(demand: Demand, settings: Settings) -> Sequence[Trial]:
    """Single changes from small to large, as the need would be after each."""
    makers: list[Callable[[Demand, Settings], list[Trial]]] = [_of_time, _of_place, _of_class]
    return [trial for make in makers for trial in make(demand, settings)]


def _of_time(demand: Demand, settings: Settings) -> list[Trial]:
    """Any day within the weeks the need is about; a longer lesson."""
    trials = []
    if demand.windows:
        first = min(w.start for w in demand.windows)
        last = max(w.end for w in demand.windows)
        anyday = replace(demand, windows=(Window(first, last),))
        trials.append(("day", "any_day", anyday, settings))
    for minutes in (60, 90, 120):
        if minutes > demand.minutes:
            longer = replace(demand, minutes=minutes)
            trials.append(("duration", str(minutes), longer, settings))
            break
    return trials


def _of_place(demand: Demand, settings: Settings) -> list[Trial]:
    """Online or on site too; all languages of the programme."""
    trials = []
    if demand.place != "both":
        other = "online" if demand.place == "onsite" else "onsite"
        trials.append(("place", other, replace(demand, place="both"), settings))
    missing = {"nl", "en"} - demand.languages
    for language in sorted(missing):
        more = replace(demand, languages=demand.languages | {language})
        trials.append(("language", language, more, settings))
    return trials


def _of_class(demand: Demand, settings: Settings) -> list[Trial]:
    """Another kind as well; a level next to this one; half the class at a time."""
    trials: list[Trial] = []
    for kind in ("lecture", "tour", "challenge", "webinar"):
        if kind not in demand.kinds:
            more = replace(demand, kinds=demand.kinds | {kind})
            trials.append(("kind", kind, more, settings))
    for level in _next_levels(demand.levels):
        wider = replace(demand, levels=(*demand.levels, level))
        trials.append(("level", level, wider, settings))
    if demand.group_size > 20:
        half = replace(demand, group_size=-(-demand.group_size // 2))
        trials.append(("group", str(half.group_size), half, settings))
    return trials


def _next_levels(levels: Sequence[str]) -> list[str]:
    """Levels one step away in the school system."""
    known = {level.code: level for level in programme("nl").levels}
    ranks = {known[code].rank for code in levels if code in known}
    sectors = {known[code].sector for code in levels if code in known}
    return [
        code
        for code, level in known.items()
        if code not in levels
        and level.sector in sectors
        and any(abs(level.rank - rank) == 1 for rank in ranks)
    ]
