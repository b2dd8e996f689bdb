"""What every request leaves behind: one line in the log and counts for /metrics."""

from __future__ import annotations

import hmac
import logging
from time import perf_counter
from typing import Any

from flask import Flask, Response, current_app, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from matcher import clock
from matcher.extensions import db
from matcher.models.outbox import Heartbeat, OutboxMail
from matcher.models.proposal import Proposal

log = logging.getLogger("lesbrug.request")
LOCAL = frozenset({"127.0.0.1", "::1"})
REQUESTS = Counter("lesbrug_requests_total", "Requests answered", ("endpoint", "method", "status"))
SECONDS = Histogram(
    "lesbrug_request_seconds",
    "Seconds to an answer",
    ("endpoint",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def register(app: Flask) -> None:
    """Hang the hooks on the application."""
    app.before_request(_start)
    app.after_request(_write_down)


def _start() -> None:
    g.started = perf_counter()


def _write_down(response: Response) -> Response:
    """Which view answered, how, in how long, to whom (a number, never a name or an address)."""
    seconds = perf_counter() - g.get("started", perf_counter())
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, request.method, response.status_code).inc()
    SECONDS.labels(endpoint).observe(seconds)
    if endpoint != "static":
        log.info(
            "%s %s %s",
            request.method,
            endpoint,
            response.status_code,
            extra={
                "method": request.method,
                "endpoint": endpoint,
                "status": response.status_code,
                "milliseconds": round(seconds * 1000, 1),
                "person": _who(),
            },
        )
    return response


def _who() -> int | None:
    """Whoever this request has already been asked about; asks the database nothing, which may have
    gone away meanwhile."""
    return getattr(g.get("_login_user"), "person_id", None)


def may_read_metrics() -> bool:
    """With the token where one is set; else only from this machine."""
    token = current_app.config["METRICS_TOKEN"]
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    return request.remote_addr in LOCAL


def metrics() -> Response:
    """Counts of this process (of all workers with PROMETHEUS_MULTIPROC_DIR) and of what waits."""
    registry = CollectorRegistry()
    if current_app.config["METRICS_FOLDER"]:
        multiprocess.MultiProcessCollector(registry, path=current_app.config["METRICS_FOLDER"])  # type: ignore[no-untyped-call]
        told = generate_latest(registry)
    else:
        told = generate_latest(REGISTRY)
    waiting = CollectorRegistry()
    waiting.register(_Standing())  # type: ignore[arg-type]
    return Response(told + generate_latest(waiting), content_type=CONTENT_TYPE_LATEST)


class _Standing:
    """What stands in the database at this moment."""

    def collect(self) -> list[GaugeMetricFamily]:
        up = "lesbrug_database_up", "Whether the database answers"
        try:
            return [GaugeMetricFamily(*up, 1), *self._counted()]
        except SQLAlchemyError:
            db.session.rollback()
            return [GaugeMetricFamily(*up, 0)]

    def _counted(self) -> list[GaugeMetricFamily]:
        found = [
            _by_state("lesbrug_proposals", "Proposals by state", Proposal.state),
            _by_state("lesbrug_mails", "Mails by state", OutboxMail.state),
        ]
        beat = db.session.get(Heartbeat, "jobs")
        if beat is not None:
            age = (clock.now() - beat.at).total_seconds()
            words = "Since the jobs said hello"
            found.append(GaugeMetricFamily("lesbrug_jobs_heartbeat_seconds", words, age))
        return found


def _by_state(name: str, words: str, column: Any) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=["state"])
    for state, many in db.session.execute(
        select(column, func.count()).group_by(column).order_by(column)
    ):
        family.add_metric([state.value], many)
    return family
