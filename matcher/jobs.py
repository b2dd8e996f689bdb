"""Because the clock struck: the table of jobs, and the runner that fires them in one process."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask, current_app
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from matcher import clock, leader, mail
from matcher.accounts import service as accounts
from matcher.exchange import imports, merges
from matcher.extensions import db
from matcher.guide import suggesting
from matcher.models.outbox import Heartbeat, JobRun, JobRunState
from matcher.needs import standing
from matcher.offers import busy_times, pledges
from matcher.offers import service as offers
from matcher.organisations import partnerships
from matcher.privacy import retention
from matcher.proposals import nightly, progress, seats
from matcher.proposals import run as runs
from matcher.proposals import service as proposals
from matcher.visits import due as visits

log = logging.getLogger("lesbrug.jobs")
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Job:
    """What is done, and when. A ``polling`` job looks for work every few seconds; it leaves a row
    only when it found some. Every job may safely run twice."""

    name: str
    does: Callable[[], int]
    trigger: BaseTrigger
    polling: bool = False


def _every(seconds: int) -> IntervalTrigger:
    return IntervalTrigger(seconds=seconds, timezone=UTC)


def _daily(hour: int, minute: int = 0) -> CronTrigger:
    # In UTC, so that the two nights of clock change fire once like any other.
    return CronTrigger(hour=hour, minute=minute, timezone=UTC)


def _hourly() -> CronTrigger:
    return CronTrigger(minute=0, timezone=UTC)


def beat() -> int:
    """Say that the leading process lives."""
    process = f"{socket.gethostname()}:{os.getpid()}"
    row = db.session.get(Heartbeat, "jobs") or Heartbeat(name="jobs")
    row.process, row.at = process[:80], clock.now()
    db.session.add(row)
    return 0


def tidy() -> int:
    """Forget old job rows and what has expired at the door."""
    old = delete(JobRun).where(JobRun.started_at < clock.now() - KEPT_FOR)
    rows = int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]
    rows += accounts.forget_expired() + proposals.forget_old_links()
    return rows + standing.forget_blank_drafts() + imports.forget_old() + merges.forget_old()


def read_calendars() -> int:
    """Look into the calendars whose turn it is; how many were tried.

    The network is no transaction: each is asked between two of them.
    """
    turns = busy_times.due()
    for turn in turns:
        db.session.commit()
        found = busy_times.look_into(turn, allowed=current_app.config["FETCH_ALLOW"])
        busy_times.keep(turn, found)
    return len(turns)


JOBS: tuple[Job, ...] = (
    Job("heartbeat", beat, _every(5), polling=True),
    Job("answer_questions", runs.answer_questions, _every(1), polling=True),
    Job("match_new_needs", runs.match_new_needs, _every(2), polling=True),
    Job("deliver_mail", mail.deliver_waiting, _every(3), polling=True),
    Job("read_calendars", read_calendars, _every(5), polling=True),
    Job("expire_proposals", proposals.expire_due, _every(300)),
    Job("tend_waiting_lists", seats.tend, _every(60)),
    Job("remind_to_answer", proposals.remind_due, _every(900)),
    Job("remind_of_visits", visits.remind_of_visits, _daily(8)),
    Job("ask_if_held", visits.ask_if_held, _daily(7)),
    Job("settle_visits", visits.settle_reported, _daily(6)),
    Job("suggest_partnerships", partnerships.suggest_due, _daily(7, 15)),
    Job("renew_partnerships", partnerships.ask_to_renew, _daily(7, 30)),
    Job("end_partnerships", partnerships.end_past, _daily(3, 30)),
    Job("tend_toolbox", suggesting.tend_toolbox, _every(60), polling=True),
    Job("ask_pledges", pledges.ask_pledges, _daily(9)),
    Job("ask_still_true", pledges.ask_still_true, _daily(9, 10)),
    Job("close_past_needs", proposals.close_past_needs, _daily(4)),
    Job("pause_past_challenges", offers.pause_past, _daily(3, 45)),
    Job("offer_ladders", standing.open_ladders, _every(900)),
    Job("tell_of_new_offers", standing.tell_of_new_offers, _daily(6, 45)),
    Job("run_due_regions", nightly.run_due_regions, _hourly()),
    Job("tidy", tidy, _daily(5, 30)),
    Job("forget", retention.forget, _daily(5, 45)),
)


def run_job(app: Flask, job: Job, scheduled_for: datetime) -> bool:
    """One firing: an app context, a claimed row, a transaction. False when somebody has it."""
    with app.app_context():
        if job.polling:
            return _poll(job, scheduled_for)
        claim = _claim(job.name, scheduled_for)
        db.session.commit()
        if claim is None:
            return False
        try:
            done = {"state": JobRunState.DONE, "did": str(job.does())}
            db.session.commit()
        except Exception as error:
            db.session.rollback()
            log.exception("job %s failed", job.name)
            done = {"state": JobRunState.FAILED, "error": str(error)[:2000]}
        finished = update(JobRun).where(JobRun.id == claim)
        db.session.execute(finished.values(finished_at=clock.now(), **done))
        db.session.commit()
        return True


def _poll(job: Job, scheduled_for: datetime) -> bool:
    try:
        did = job.does()
        if did:
            db.session.execute(
                insert(JobRun).values(
                    job=job.name,
                    scheduled_for=scheduled_for,
                    state=JobRunState.DONE,
                    started_at=clock.now(),
                    finished_at=clock.now(),
                    did=str(did),
                )
            )
        db.session.commit()
    except Exception:
        db.session.rollback()
        log.exception("job %s failed", job.name)
        return False
    return bool(did)


def _claim(name: str, scheduled_for: datetime) -> int | None:
    """The id of our row for this firing; None when another scheduler has claimed it."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(JobRun)  # type: ignore[attr-defined]
        .values(
            job=name,
            scheduled_for=scheduled_for,
            state=JobRunState.RUNNING,
            started_at=clock.now(),
            did="",
            error="",
        )
        .on_conflict_do_nothing(index_elements=["job", "scheduled_for"])
        .returning(JobRun.id)
    )
    claimed: int | None = db.session.scalar(statement)
    return claimed


def _fire(app: Flask, job: Job) -> None:
    """Called by the scheduler; the firing's key is the moment, cut to the trigger's grain."""
    moment = clock.now().replace(microsecond=0)
    if not job.polling:
        moment = moment.replace(second=0)
    run_job(app, job, moment)


def last_runs() -> dict[str, JobRun]:
    """Each job's latest row."""
    rows = db.session.scalars(select(JobRun).order_by(JobRun.scheduled_for, JobRun.id).limit(5000))
    return {row.job: row for row in rows}


def serve_jobs(app: Flask, stop: threading.Event | None = None) -> None:
    """Wait to lead, then fire the table until told to stop."""
    stop = stop or threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with leader.lead(app, stop) as leading:
        if not leading:
            return
        scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1}
        )
        for job in JOBS:
            scheduler.add_job(
                _fire, job.trigger, args=(app, job), id=job.name, misfire_grace_time=3600
            )
        with app.app_context():
            progress.end_broken()
            db.session.commit()
            runs.warm_up()  # the first new need should not wait for the texts to be learnt
        scheduler.start()
        log.info("leading; %d jobs", len(JOBS))
        while not stop.wait(1):
            if not leading():
                log.error("lost the lead; stopping")
                break
        scheduler.shutdown(wait=True)
