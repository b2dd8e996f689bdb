"""What a request leaves behind: a line for people or machines, and counts behind their own door."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from matcher import logs
from matcher.extensions import db
from matcher.models.outbox import Heartbeat
from tests.cast import Cast, clock
from tests.proposals import scenes

OURS = logging.getLogger("lesbrug")


@pytest.fixture
def written(app: Flask) -> Iterator[io.StringIO]:
    """Our log as JSON lines, caught; put back as it was afterwards."""
    kept = (OURS.handlers, OURS.level, OURS.propagate)
    app.config |= {"LOG_FORMAT": "json", "LOG_LEVEL": "info"}
    handler = logs.configure(app)
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(caught := io.StringIO())
    yield caught
    OURS.handlers, OURS.level, OURS.propagate = kept


def _lines(caught: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in caught.getvalue().splitlines()]


def test_line_names_view_status_request_and_person_but_no_address_and_no_words(
    written: io.StringIO, client: FlaskClient, cast: Cast, sign_in
) -> None:
    sign_in(client, cast.anna)
    client.get("/needs?search=geheim", headers={"X-Request-ID": "abcdef123456"})
    line = _lines(written)[-1]
    assert (line.pop("at") is not None, line.pop("milliseconds") >= 0) == (True, True)  # type: ignore[operator]
    assert line == {
        "level": "INFO",
        "logger": "lesbrug.request",
        "request_id": "abcdef123456",
        "message": "GET needs.list_needs 200",
        "method": "GET",
        "endpoint": "needs.list_needs",
        "status": 200,
        "person": cast.anna.id,
    }
    assert "geheim" not in written.getvalue()


def test_trace_of_a_failure_stands_in_the_same_line(written: io.StringIO) -> None:
    try:
        raise KeyError("x")
    except KeyError:
        logging.getLogger("lesbrug.jobs").exception("job %s", "tidy")
    (line,) = _lines(written)
    assert (line["message"], line["request_id"]) == ("job tidy", "-")
    assert str(line["trace"]).splitlines()[-1] == "KeyError: 'x'"


@pytest.mark.parametrize(("name", "value"), [("LOG_FORMAT", "xml"), ("LOG_LEVEL", "loud")])
def test_unknown_log_settings_are_refused(app: Flask, name: str, value: str) -> None:
    app.config |= {"LOG_FORMAT": "plain", "LOG_LEVEL": "info"} | {name: value}
    with pytest.raises(ValueError, match=value if name == "LOG_FORMAT" else value.upper()):
        logs.configure(app)


def _figures(client: FlaskClient, **headers: str) -> dict[tuple[str, tuple[str, ...]], float]:
    text = client.get("/metrics", headers=headers).get_data(as_text=True)
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_count_requests_and_what_stands(client: FlaskClient, cast: Cast) -> None:
    scenes.ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.add(Heartbeat(name="jobs", process="here:1", at=clock.now()))
    db.session.commit()
    asked = ("lesbrug_requests_total", ("web.healthz", "GET", "200"))
    before = _figures(client).get(asked, 0)
    client.get("/healthz")
    client.get("/healthz")
    after = _figures(client)
    assert after[asked] - before == 2
    assert after["lesbrug_proposals", ("asked",)] == 1
    assert after["lesbrug_mails", ("waiting",)] == 2
    assert 0 <= after["lesbrug_jobs_heartbeat_seconds", ()] < 60


def test_metrics_say_when_the_database_is_away_and_still_count(
    app: Flask, client: FlaskClient
) -> None:
    assert _figures(client)["lesbrug_database_up", ()] == 1
    db.session.rollback()
    db.drop_all()
    figures = _figures(client)
    assert figures["lesbrug_database_up", ()] == 0
    assert figures["lesbrug_requests_total", ("web.show_metrics", "GET", "200")] >= 1
    assert [name for name, _ in figures if name == "lesbrug_proposals"] == []


def test_metrics_open_to_this_machine_or_to_the_token(app: Flask, client: FlaskClient) -> None:
    def status(address: str, token: str = "") -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        place = {"REMOTE_ADDR": address}
        return client.get("/metrics", headers=headers, environ_base=place).status_code

    assert [status("127.0.0.1"), status("192.0.2.7")] == [200, 404]
    app.config["METRICS_TOKEN"] = "sesame"
    assert [status("127.0.0.1"), status("192.0.2.7", "wrong"), status("192.0.2.7", "sesame")] == [
        404,
        404,
        200,
    ]
