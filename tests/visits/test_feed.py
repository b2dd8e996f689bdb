"""A person's own calendar: who reads it by which address, what stands in it, how it changes."""

from __future__ import annotations

import re
from datetime import timedelta

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import Side
from matcher.proposals import service
from matcher.visits import feed
from tests.cast import Cast
from tests.proposals.scenes import at, confirm


def events(body: bytes) -> list[tuple[str, int, str]]:
    found = icalendar.Calendar.from_ical(body).walk("VEVENT")
    return [(str(e["uid"]), int(e["sequence"]), str(e["status"])) for e in found]


def address(client: FlaskClient) -> str:
    page = client.post("/account/calendar").text
    return re.findall(r"http://localhost(/calendar/[^<]+)</code>", page)[0]


@pytest.mark.parametrize("who", ["anna", "dirk", "carla", "gea"])
def test_a_visit_shows_in_the_calendars_of_its_people_and_goes_when_cancelled(
    any_app: Flask, any_cast: Cast, sign_in, who: str
) -> None:
    cast, client = any_cast, any_app.test_client()
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    sign_in(client, getattr(cast, who))
    path, reader = address(client), any_app.test_client()
    answer = reader.get(path)
    ((uid, sequence, status),) = events(answer.data)
    assert (status, answer.mimetype) == ("CONFIRMED", "text/calendar")
    event = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")[0]
    assert (event["dtstart"].dt, len(event.walk("VALARM"))) == (proposal.starts_at, 1)
    again = {"If-None-Match": answer.headers["ETag"]}
    assert reader.get(path, headers=again).status_code == 304
    service.cancel(proposal, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    db.session.commit()
    changed = reader.get(path, headers=again)
    assert changed.status_code == 200
    assert events(changed.data) == [(uid, sequence + 1, "CANCELLED")]
    with at(clock.now() + feed.CANCELLED_KEPT + timedelta(days=1)):
        assert events(reader.get(path).data) == []


def test_no_contact_stands_in_it_and_nothing_of_others(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    cast.anna.phone = "0610101010"
    confirm(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    sign_in(client, cast.dirk)
    text = client.get(address(client)).text
    assert [t for t in ("0610101010", "anna@example.nl", "Anna") if t in text] == []
    for stranger in (cast.bram, cast.els, cast.hugo):
        sign_in(client, stranger)
        assert events(client.get(address(client)).data) == []


def test_an_old_address_an_ended_one_and_a_blocked_owner_open_nothing(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.anna)
    first, second = address(client), address(client)
    assert [client.get(path).status_code for path in (first, second)] == [404, 200]
    assert second.split("/")[2].removesuffix(".ics") != cast.anna.calendar_token_hash
    cast.anna.blocked_at = clock.now()
    db.session.commit()
    assert client.get(second).status_code == 404
    cast.anna.blocked_at = None
    db.session.commit()
    sign_in(client, cast.anna)
    assert client.post("/account/calendar/end").status_code == 303
    assert client.get(second).status_code == 404
