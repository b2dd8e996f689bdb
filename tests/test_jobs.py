"""Jobs: each firing once among many schedulers, failures written down, one leader."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from sqlalchemy import select

from matcher import jobs, leader
from matcher.extensions import db
from matcher.models.outbox import Heartbeat, JobRun, JobRunState

MOMENT = datetime(2027, 3, 1, 4, 30, tzinfo=UTC)
TRIGGER = IntervalTrigger(hours=1)


def _rows() -> list[tuple[str, JobRunState, str]]:
    rows = db.session.scalars(select(JobRun).order_by(JobRun.id))
    return [(row.job, row.state, row.did or row.error) for row in rows]


def test_a_firing_is_done_once_however_many_schedulers_fire_it(any_app: Flask) -> None:
    done: list[int] = []
    job = jobs.Job("count", lambda: done.append(1) or 1, TRIGGER)
    threads = [threading.Thread(target=jobs.run_job, args=(any_app, job, MOMENT)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert _rows() == [("count", JobRunState.DONE, "1")]


def test_control_without_the_claim_each_scheduler_does_it(any_app: Flask) -> None:
    done: list[int] = []
    job = jobs.Job("count", lambda: done.append(1) or 1, TRIGGER, polling=True)
    jobs.run_job(any_app, job, MOMENT)
    jobs.run_job(any_app, job, MOMENT.replace(second=1))
    assert len(done) == 2


def test_a_failure_is_written_down_and_leaves_nothing_else(app: Flask) -> None:
    def fail() -> int:
        db.session.add(Heartbeat(name="half", process="x", at=MOMENT))
        db.session.flush()
        raise RuntimeError("no")

    assert jobs.run_job(app, jobs.Job("fail", fail, TRIGGER), MOMENT)
    assert _rows() == [("fail", JobRunState.FAILED, "no")]
    assert db.session.get(Heartbeat, "half") is None


def test_a_poll_without_work_leaves_no_row(app: Flask) -> None:
    assert not jobs.run_job(app, jobs.Job("poll", lambda: 0, TRIGGER, polling=True), MOMENT)
    assert _rows() == []


def test_only_one_leads_and_the_next_one_follows(any_app: Flask) -> None:
    stop = threading.Event()
    with leader.lead(any_app, stop) as first:
        assert first is not None
        assert first()
        given_up = threading.Event()
        given_up.set()
        with leader.lead(any_app, given_up) as second:
            assert second is None
    with leader.lead(any_app, stop) as third:
        assert third is not None


def test_beat_keeps_one_row(app: Flask) -> None:
    jobs.beat()
    jobs.beat()
    assert len(db.session.scalars(select(Heartbeat)).all()) == 1


def test_names_of_jobs_are_once_each() -> None:
    names = [job.name for job in jobs.JOBS]
    assert len(names) == len(set(names))
