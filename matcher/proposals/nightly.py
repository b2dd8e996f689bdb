"""The run of all regions: what they share is divided, then each is solved apart, wherever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from matcher.extensions import cache, db, workers
from matcher.models.organisation import Region
from matcher.models.run import RunScope
from matcher.proposals import compute, results, run, schedule
from matcher.proposals.compute import Solved


@dataclass(frozen=True, slots=True)
class Night:
    """Figures of all regions as one, of each by its code, and what failed by code."""

    together: dict[str, Any]
    regions: dict[str, dict[str, Any]]
    failed: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        failed = {"failed": self.failed} if self.failed else {}
        return self.together | failed | {"regions": self.regions}


def run_all_regions(due: Sequence[Region] | None = None) -> Night:
    """Match every region with open needs, or those that are due, and keep what was found."""
    regions, shared, solved = _solved(due)
    for region, is_shared, outcome in zip(regions, shared, solved, strict=True):
        run.keep(region, outcome, RunScope.REGION)
        if outcome.result is not None and is_shared:  # what others left over may do for these
            left = [int(unmatched.demand) for unmatched in outcome.result.unmatched]
            results.mark_new(left, read_at=outcome.problem.read_at)
    return _night(regions, solved)


def dry_run_all() -> Night:
    """The figures such a run would have now; nothing is stored."""
    regions, _, solved = _solved()
    return _night(regions, solved)


def run_due_regions() -> int:
    """Match the regions whose hour has come; how many could be."""
    due = schedule.due_regions()
    return len(run_all_regions(due).regions) if due else 0


def _solved(due: Sequence[Region] | None = None) -> tuple[list[Region], list[bool], list[Solved]]:
    """Regions with open needs, whether others had a share of their problem, and what came of it."""
    from matcher.matching.shards import divide
    from matcher.matching.spread import Engine, spread
    from matcher.matching.text import default_space

    if due is None:
        due = db.session.scalars(select(Region).order_by(Region.id)).all()
    regions = [region for region in due if run.has_work(region)]
    whole = [run.read(region) for region in regions]
    db.session.rollback()
    parts = divide(whole, default_space(cache.reading.folder, cache.reading.model))
    solved = spread(
        partial(compute.solve, reading=cache.reading),
        parts,
        Engine(workers.engine),
        workers=workers.count,
        scheduler=workers.scheduler,
        lost=compute.lost,
    )
    return regions, [part is not one for part, one in zip(parts, whole, strict=True)], solved


def _night(regions: Sequence[Region], solved: Sequence[Solved]) -> Night:
    from matcher.matching.totals import Part, together

    parts = [
        Part(outcome.problem.supplies, outcome.result.proposals, outcome.result.statistics)
        for outcome in solved
        if outcome.result is not None
    ]
    pairs = list(zip(regions, solved, strict=True))
    return Night(
        together(parts),
        {r.code: compute.statistics(one.result) for r, one in pairs if one.result is not None},
        {r.code: one.error for r, one in pairs if one.result is None},
    )
