"""Match runs: read a region, propose, keep what is needed to do exactly the same again.

The matcher is loaded when first used, so that a web worker never loads it. Where a job may take
long, it reads first, lets go of the database, computes, and writes at the end: on SQLite an open
transaction would keep everybody else from writing.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select

from matcher import clock
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.need import Need, NeedState
from matcher.models.organisation import Region
from matcher.models.run import MatchRun, Question, QuestionKind, RunScope, RunState
from matcher.proposals import questions, results

if TYPE_CHECKING:
    from matcher.matching import Result
    from matcher.proposals.inputs import Problem

log = logging.getLogger("lesbrug.runs")
NEW_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Solved:
    """What came of a problem: a result, or in plain words what went wrong."""

    problem: Problem
    settings: dict[str, Any]
    inputs: bytes = b""
    fingerprint: str = ""
    result: Result | None = None
    error: str = ""


# ---- runs ---------------------------------------------------------------------------------------
def run_region(region: Region, started_by: Person | None = None) -> MatchRun:
    """Match a region's open needs now, in the caller's transaction."""
    return _keep(region, solve(_read(region)), RunScope.REGION, started_by=started_by)


def run_all_regions() -> int:
    """The nightly run of every region with open needs. How many ran."""
    from matcher.matching.spread import spread

    regions = [r for r in db.session.scalars(select(Region).order_by(Region.id)) if has_work(r)]
    problems = [_read(region) for region in regions]
    db.session.rollback()
    solved = spread(solve, problems)
    for region, outcome in zip(regions, solved, strict=True):
        _keep(region, outcome, RunScope.REGION)
    return len(solved)


def match_new_needs() -> int:
    """Match the needs nobody has looked at yet against what stands. How many were looked at."""
    fresh: dict[int, set[int]] = defaultdict(set)
    for need_id, region_id in db.session.execute(_unseen()):
        fresh[region_id].add(need_id)
    if not fresh:
        return 0
    regions = {key: db.session.get_one(Region, key) for key in sorted(fresh)}
    problems = [_read(regions[key], fresh[key]) for key in regions]
    db.session.rollback()
    for outcome in [solve(problem) for problem in problems]:
        key = outcome.problem.region_id
        _keep(regions[key], outcome, RunScope.NEW_NEEDS, need_ids=fresh[key])
    return sum(len(needs) for needs in fresh.values())


def has_work(region: Region) -> bool:
    """Whether the region has open needs."""
    found = exists().where(Need.region_id == region.id, Need.state == NeedState.OPEN)
    return bool(db.session.scalar(select(found)))


def dry_run(region: Region) -> dict[str, Any]:
    """The statistics a run would have now; nothing is stored."""
    outcome = solve(_read(region))
    if outcome.result is None:
        raise Invalid(outcome.error)
    return dict(outcome.result.statistics)


def replay(run: MatchRun) -> bool:
    """Whether the stored inputs and settings give the stored result again, to the byte."""
    from matcher import matching

    if run.inputs is None or not run.result_digest:
        return False
    problem = matching.inputs_from_json(gzip.decompress(run.inputs).decode())
    settings = matching.Settings.from_json(run.settings)
    return digest(_propose(problem, settings)) == run.result_digest


def _unseen() -> Any:
    found = select(Need.id, Need.region_id).where(
        Need.state == NeedState.OPEN, Need.matched_at.is_(None)
    )
    return found.order_by(Need.published_at, Need.id).limit(NEW_AT_ONCE)


def _read(region: Region, need_ids: Collection[int] | None = None) -> Problem:
    from matcher.proposals.inputs import read_problem

    return read_problem(region, need_ids=need_ids)
