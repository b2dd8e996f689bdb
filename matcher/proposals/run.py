"""Match runs: read a region, propose, keep what is needed to do exactly the same again.

Where a job may take long, it reads first, lets go of the database, computes, and writes at the end:
on SQLite an open transaction would keep everybody else from writing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select

from matcher import clock
from matcher.errors import Invalid
from matcher.extensions import cache, db
from matcher.models.account import Person
from matcher.models.need import Need, NeedState
from matcher.models.organisation import Region
from matcher.models.run import MatchRun, Question, QuestionKind, RunScope, RunState
from matcher.proposals import compute, learning, progress, questions, results, what_if
from matcher.proposals.compute import (
    Solved,
    again,
    digest,
    statistics,
    swap_price,
)
from matcher.proposals.questions import Work

if TYPE_CHECKING:
    from matcher.matching import Result
    from matcher.proposals.inputs import Problem

__all__ = [
    "answer_questions",
    "dry_run",
    "has_work",
    "keep",
    "match_new_needs",
    "read",
    "replay",
    "run_region",
    "solve",
    "warm_up",
]
NEW_AT_ONCE = 50


# ---- the matcher ---------------------------------------------------------------------------------
def warm_up() -> None:
    """Make the matcher ready, so that the first new need does not wait for it."""
    compute.warm_up(cache.reading)


def solve(problem: Problem, tell: Callable[[str], None] | None = None) -> Solved:
    """What the matcher proposes, here and now; ``tell`` hears each stage's end."""
    return compute.solve(problem, cache.reading, tell)


# ---- runs ---------------------------------------------------------------------------------------
def run_region(region: Region, started_by: Person | None = None) -> MatchRun:
    """Match a region's open needs now, in the caller's transaction."""
    return keep(region, solve(read(region)), RunScope.REGION, started_by=started_by)


def match_new_needs() -> int:
    """Match the needs nobody has looked at yet against what stands. How many were looked at."""
    fresh: dict[int, set[int]] = defaultdict(set)
    for need_id, region_id in db.session.execute(_unseen()):
        fresh[region_id].add(need_id)
    if not fresh:
        return 0
    regions = {key: db.session.get_one(Region, key) for key in sorted(fresh)}
    problems = [read(regions[key], fresh[key]) for key in regions]
    db.session.rollback()
    for outcome in [solve(problem) for problem in problems]:
        key = outcome.problem.region_id
        keep(regions[key], outcome, RunScope.NEW_NEEDS, need_ids=fresh[key])
    return sum(len(needs) for needs in fresh.values())


def has_work(region: Region) -> bool:
    """Whether the region has open needs."""
    found = exists().where(Need.region_id == region.id, Need.state == NeedState.OPEN)
    return bool(db.session.scalar(select(found)))


def dry_run(region: Region) -> dict[str, Any]:
    """The statistics a run would have now; nothing is stored."""
    outcome = solve(read(region))
    if outcome.result is None:
        raise Invalid(outcome.error)
    return statistics(outcome.result)


def replay(run: MatchRun) -> bool:
    """Whether the stored inputs and settings give the stored result again, to the byte."""
    if run.inputs is None or not run.result_digest:
        return False
    return again(run.inputs, run.settings, cache.reading) == run.result_digest


def _unseen() -> Any:
    found = select(Need.id, Need.region_id).where(
        Need.state == NeedState.OPEN, Need.matched_at.is_(None)
    )
    return found.order_by(Need.published_at, Need.id).limit(NEW_AT_ONCE)


def read(region: Region, need_ids: Collection[int] | None = None) -> Problem:
    """A region's problem as it stands now, or that of some of its needs."""
    from matcher.proposals.inputs import read_problem

    return read_problem(region, need_ids=need_ids)


# ---- keeping ------------------------------------------------------------------------------------
def keep(
    region: Region,
    solved: Solved,
    scope: RunScope,
    *,
    started_by: Person | None = None,
    need_ids: Collection[int] | None = None,
    begun: int | None = None,
) -> MatchRun:
    """Write down a run and what it found; a need that was looked at is not new any more.

    ``begun`` is its row where it has one already.
    """
    run = db.session.get(MatchRun, begun) if begun else None
    run = run or MatchRun(region=region, scope=scope, started_by=started_by)
    run.state = RunState.FAILED if solved.result is None else RunState.DONE
    run.finished_at = clock.now()
    run.settings, run.error = solved.settings, solved.error
    run.fingerprint, run.inputs = solved.fingerprint, solved.inputs or None
    run.result_digest = "" if solved.result is None else digest(solved.result)
    run.statistics = {} if solved.result is None else statistics(solved.result)
    db.session.add(run)
    db.session.flush()
    read = {int(demand.key) for demand in solved.problem.demands} | set(need_ids or ())
    if solved.result is not None:
        results.store(run, solved.result, read)
    results.mark_matched(read, read_at=solved.problem.read_at)
    return run


# ---- questions ----------------------------------------------------------------------------------
def answer_questions() -> int:
    """Answer what web workers asked. How many questions were answered, well or not."""
    return questions.answer_waiting(
        {
            QuestionKind.RUN: _run_asked,
            QuestionKind.ADVICE: _advice_asked,
            QuestionKind.SWAP_PRICE: _swap_price_asked,
            QuestionKind.LEARN: _learning_asked,
            QuestionKind.WHAT_IF: what_if.prepare,
        }
    )


def _run_asked(question: Question) -> Work:
    problem, by_id = read(_region(question)), question.asked_by_id

    def compute_told() -> tuple[int, Solved]:
        begun = progress.begin(problem.region_id, by_id)
        return begun, solve(problem, progress.teller(begun))

    def finish(told: tuple[int, Solved]) -> dict[str, Any]:
        begun, solved = told
        by = db.session.get(Person, question.asked_by_id)
        region = _region(question)
        run = keep(region, solved, RunScope.REGION, started_by=by, begun=begun)
        if run.error:
            question.error = run.error[:300]
        return {"run": run.id, "state": run.state.value, "statistics": run.statistics}

    return Work(compute_told, finish)


def _advice_asked(question: Question) -> Work:
    """What keeps one need from offers now, whatever else is suggested."""
    problem = read(_region(question), [question.need_id or 0])

    def finish(solved: Solved) -> dict[str, Any]:
        result = _result(solved)
        found = [results.advice(unmatched) for unmatched in result.unmatched]
        return {"fits": len(result.proposals) + len(result.alternates), "unmatched": found}

    return Work(lambda: solve(problem), finish)


def _swap_price_asked(question: Question) -> Work:
    """What it would cost the region to give a need another offer (``details``: the offer's id)."""
    problem = read(_region(question))
    need, offer = str(question.need_id), str(question.details.get("offer"))
    if need not in {demand.key for demand in problem.demands}:
        raise Invalid(_l("This request is served or closed by now."))
    return Work(lambda: swap_price(problem, need, offer, cache.reading), lambda price: price)


def _learning_asked(question: Question) -> Work:
    """What the region's answers would make of its weights."""
    return Work(learning.prepare(_region(question)), lambda found: found)


def _result(solved: Solved) -> Result:
    if solved.result is None:
        raise Invalid(solved.error)
    return solved.result


def _region(question: Question) -> Region:
    return db.session.get_one(Region, question.region_id)
