"""When a region is matched by itself: its own days and hour, once, and after a pause too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from matcher.extensions import db
from matcher.models.run import MatchRun, RunScope
from matcher.proposals import nightly, run, schedule
from tests.cast import Cast
from tests.proposals.scenes import at

MONDAY = datetime(2027, 1, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "hour", "after", "expected"),
    [
        (range(7), 5, MONDAY, datetime(2027, 1, 5, 4, tzinfo=UTC)),
        (range(7), 23, MONDAY, datetime(2027, 1, 4, 22, tzinfo=UTC)),
        ([0], 13, MONDAY, datetime(2027, 1, 11, 12, tzinfo=UTC)),
        ([4], 5, datetime(2027, 3, 27, 12, tzinfo=UTC), datetime(2027, 4, 2, 3, tzinfo=UTC)),
        ([], 5, MONDAY, None),
    ],
)
def test_the_next_run_on_the_regions_own_clock(
    cast: Cast, days: list[int], hour: int, after: datetime, expected: datetime | None
) -> None:
    cast.region.run_days, cast.region.run_hour = list(days), hour
    assert schedule.next_run(cast.region, after) == expected
    if expected is not None:
        assert schedule.last_due(cast.region, expected) == expected
        assert schedule.last_due(cast.region, expected - timedelta(seconds=1)) != expected


def due(moment: datetime) -> list[str]:
    with at(moment):
        return [region.code for region in schedule.due_regions()]


def test_each_region_is_due_at_its_own_hour_and_only_once(any_cast: Cast) -> None:
    early, late = any_cast.region, any_cast.other_region
    early.run_hour, late.run_days = 6, [2]
    for region in (early, late):
        started(region.id, MONDAY - timedelta(days=2))
    assert due(datetime(2027, 1, 3, 4, 59, tzinfo=UTC)) == []
    assert due(datetime(2027, 1, 3, 5, 0, tzinfo=UTC)) == ["NL-NB"]
    assert due(datetime(2027, 1, 3, 11, 0, tzinfo=UTC)) == ["NL-NB"]  # the jobs were away
    started(early.id, datetime(2027, 1, 3, 11, 0, tzinfo=UTC))
    assert due(datetime(2027, 1, 3, 12, 0, tzinfo=UTC)) == []
    assert due(datetime(2027, 1, 6, 4, 30, tzinfo=UTC)) == ["NL-NB", "NL-GR"]
    late.run_days = []
    assert due(datetime(2027, 1, 20, 12, 0, tzinfo=UTC)) == ["NL-NB"]


def started(region_id: int, moment: datetime) -> None:
    db.session.add(
        MatchRun(
            region_id=region_id,
            scope=RunScope.REGION,
            started_at=moment,
            finished_at=moment,
            state="done",
            settings={},
            statistics={},
        )
    )
    db.session.flush()


def test_the_job_matches_what_is_due_and_nothing_twice(cast: Cast) -> None:
    db.session.commit()
    assert nightly.run_due_regions() == 1
    db.session.commit()
    assert nightly.run_due_regions() == 0
    runs = select(func.count()).select_from(MatchRun).where(MatchRun.region_id == cast.region.id)
    assert db.session.scalar(runs) == 1


def test_a_run_of_new_needs_alone_does_not_count(cast: Cast) -> None:
    cast.need.matched_at = None
    db.session.commit()
    assert run.match_new_needs() == 1
    db.session.commit()
    assert cast.region in schedule.due_regions()
