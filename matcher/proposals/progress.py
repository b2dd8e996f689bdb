"""How far a run is, written into its row while it computes: in transactions of their own.

The run itself writes at its end; nothing of the session is open meanwhile, so these short ones
wait for nobody and nobody waits for them.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import insert, select, update

from matcher import clock
from matcher.extensions import db
from matcher.models.run import MatchRun, RunScope, RunState

BROKEN = "The process that computed it stopped."


def begin(region_id: int, started_by_id: int | None) -> int:
    """A row that says the region is being matched; its id."""
    row = insert(MatchRun).values(
        region_id=region_id,
        scope=RunScope.REGION,
        state=RunState.RUNNING,
        started_by_id=started_by_id,
        started_at=clock.now(),
        settings={},
        statistics={},
        changes={},
        fingerprint="",
        result_digest="",
        stage="",
        error="",
    )
    with db.engine.begin() as link:
        return int(link.execute(row.returning(MatchRun.id)).scalar_one())


def teller(run_id: int) -> Callable[[str], None]:
    """Write the name of each stage into the row as it is done."""

    def tell(stage: str) -> None:
        with db.engine.begin() as link:
            link.execute(update(MatchRun).where(MatchRun.id == run_id).values(stage=stage))

    return tell


def end_broken() -> int:
    """Runs of a process that is no more have failed; asked by whoever begins to lead."""
    running = select(MatchRun).where(MatchRun.state == RunState.RUNNING).order_by(MatchRun.id)
    broken = list(db.session.scalars(running))
    for run in broken:
        run.state, run.finished_at, run.error = RunState.FAILED, clock.now(), BROKEN
    return len(broken)
