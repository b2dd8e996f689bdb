"""What a region's proposals would be under other settings; the jobs process keeps what it laid out.

Nothing is stored but the answer to the question.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from matcher import clock
from matcher.extensions import Reading, cache, db
from matcher.models.organisation import Region
from matcher.models.run import MatchRun, Question, RunScope
from matcher.proposals import changes
from matcher.proposals.questions import Work, merged

if TYPE_CHECKING:
    from matcher.matching.what_if import Bench, Chosen
    from matcher.proposals.inputs import Problem

KEPT_REGIONS = 2  # each takes some hundred megabytes
GOOD_FOR = timedelta(minutes=15)


@dataclass
class Kept:
    """A region laid out, of which run, as it stood when, and what it gives as it is set now."""

    bench: Bench
    run_id: int | None
    as_of: datetime
    settings: dict[str, Any]
    now: Chosen


class Benches:
    """The regions that were asked about last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Kept] = OrderedDict()

    def find(self, region: Region, run_id: int | None) -> Kept | None:
        """What still holds: nothing was run or set since, and it is not old."""
        kept = self._kept.get(region.id)
        if kept is None or kept.run_id != run_id or kept.settings != region.settings:
            return None
        return kept if clock.now() - kept.as_of < GOOD_FOR else None

    def keep(self, region_id: int, kept: Kept) -> None:
        self._kept[region_id] = kept
        self._kept.move_to_end(region_id)
        while len(self._kept) > KEPT_REGIONS:
            self._kept.popitem(last=False)

    def forget(self) -> None:
        self._kept.clear()


benches = Benches()


def prepare(question: Question) -> Work:
    """Read the region, unless it is laid out still; then weigh and choose anew."""
    from matcher.proposals.inputs import read_problem

    region = db.session.get_one(Region, question.region_id)
    latest = select(func.max(MatchRun.id)).where(
        MatchRun.region_id == region.id, MatchRun.scope == RunScope.REGION
    )
    run_id = db.session.scalar(latest)
    kept = benches.find(region, run_id)
    problem = read_problem(region) if kept is None else None
    wanted = merged(region.settings, question.details)

    def compute() -> dict[str, Any]:
        started = time.perf_counter()
        found = kept
        if problem is not None:
            found = _laid_out(problem, run_id, cache.reading)
            benches.keep(problem.region_id, found)
        assert found is not None
        then = _chosen(found, wanted, cache.reading)
        return _answer(found, then) | {
            "seconds": round(time.perf_counter() - started, 3),
            "kept": problem is None,
        }

    return Work(compute, lambda answer: answer)


def _laid_out(problem: Problem, run_id: int | None, reading: Reading) -> Kept:
    from matcher import matching
    from matcher.matching.inputs import in_order
    from matcher.matching.text import default_space
    from matcher.matching.what_if import choose, set_out

    settings = matching.Settings.from_json(problem.settings)
    inputs = in_order(
        problem.demands,
        problem.supplies,
        problem.people,
        problem.pins,
        problem.standing,
        synonyms=problem.synonyms,
    )
    bench = set_out(inputs, settings, default_space(reading.folder, reading.model))
    now = choose(bench, settings)
    return Kept(bench, run_id, problem.read_at, dict(problem.settings), now)


def _chosen(kept: Kept, wanted: Mapping[str, Any], reading: Reading) -> Chosen:
    """Of what is laid out; settings that touch more than weights are laid out for themselves."""
    from matcher import matching
    from matcher.matching.text import default_space
    from matcher.matching.what_if import choose, set_out

    settings, bench = matching.Settings.from_json(wanted), kept.bench
    if not bench.serves(settings):
        space = default_space(reading.folder, reading.model)
        bench = set_out(bench.laid.inputs, settings, space)
    return choose(bench, settings)


def _answer(kept: Kept, then: Chosen) -> dict[str, Any]:
    return {
        "as_of": kept.as_of.isoformat(),
        "now": dict(kept.now.figures),
        "then": dict(then.figures),
        "changes": changes.between(_as_choice(kept.now), _as_choice(then)),
    }


def _as_choice(chosen: Chosen) -> dict[int, list[changes.Meeting]]:
    return changes.by_need(
        (int(need), int(held.supply), held.start)
        for need, meetings in chosen.held.items()
        for held in meetings
    )
