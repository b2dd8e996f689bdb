"""A calendar program's view: what we write, read by a library that did not write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import vobject
from flask import Flask
from flask.testing import FlaskClient

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import Side
from matcher.models.proposal import Proposal
from matcher.proposals import service
from tests.cast import Cast, in_days, make_slot
from tests.proposals.scenes import another_need, at, confirm
from tests.visits.test_feed import address


def entries(body: bytes) -> list[Any]:
    return list(getattr(vobject.readOne(body.decode()), "vevent_list", []))


def told(entry: Any) -> tuple[str, int, str, datetime]:
    start = entry.dtstart.value.astimezone(UTC)
    return entry.uid.value, int(entry.sequence.value), entry.status.value, start


def test_a_moved_visit_updates_and_a_cancelled_one_is_marked(
    any_app: Flask, any_cast: Cast, sign_in
) -> None:
    cast, client = any_cast, any_app.test_client()
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    later = make_slot(cast.dirk_professional, in_days(30, 12))
    db.session.commit()
    sign_in(client, cast.dirk)
    path = address(client)
    ((uid, first, status, start),) = map(told, entries(client.get(path).data))
    assert (status, start) == ("CONFIRMED", proposal.starts_at)
    service.move_visit(proposal, later, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    service.accept(proposal, side=Side.COMPANY, by=cast.dirk)
    db.session.commit()
    (moved,) = map(told, entries(client.get(path).data))
    assert moved == (uid, moved[1], "CONFIRMED", in_days(30, 12))
    assert moved[1] > first
    (alone,) = map(told, entries(client.get(f"/visits/{proposal.id}/calendar.ics").data))
    assert alone == moved
    service.cancel(proposal, side=Side.COMPANY, by=cast.dirk, reasons=["illness"])
    db.session.commit()
    ((again, last, ended, _start),) = map(told, entries(client.get(path).data))
    assert (again, ended) == (uid, "CANCELLED")
    assert last > moved[1]
    file = vobject.readOne(client.get(f"/visits/{proposal.id}/calendar.ics").data.decode())
    assert (file.method.value, file.vevent.status.value) == ("CANCEL", "CANCELLED")


def set_time(proposal: Proposal, start: datetime) -> None:
    proposal.starts_at, proposal.ends_at = start, start + timedelta(minutes=50)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (datetime(2027, 3, 26, 9, 30, tzinfo=UTC), datetime(2027, 3, 29, 8, 30, tzinfo=UTC)),
        (datetime(2027, 10, 29, 8, 30, tzinfo=UTC), datetime(2027, 11, 1, 9, 30, tzinfo=UTC)),
    ],
    ids=["the week of 28 March 2027", "the week of 31 October 2027"],
)
def test_half_past_ten_is_half_past_ten_on_both_sides_of_the_change_of_clocks(
    app: Flask, cast: Cast, client: FlaskClient, sign_in, before: datetime, after: datetime
) -> None:
    slots = [cast.slot, make_slot(cast.dirk_professional, in_days(30, 11))]
    for need, slot, start in zip(
        (cast.need, another_need(cast)), slots, (before, after), strict=True
    ):
        set_time(confirm(cast, need, cast.lecture, slot), start)
    db.session.commit()
    sign_in(client, cast.dirk)
    path = address(client)
    with at(before - timedelta(days=20)):
        body = client.get(path).data
    found = entries(body)
    starts = sorted(entry.dtstart.value for entry in found)
    assert [start.astimezone(UTC) for start in starts] == [before, after]
    assert [clock.local(start).strftime("%H:%M") for start in starts] == ["10:30", "10:30"]
    assert {entry.dtend.value - entry.dtstart.value for entry in found} == {timedelta(minutes=50)}


def test_the_date_of_the_last_change_is_told_once_it_is_settled(
    app: Flask, cast: Cast, client: FlaskClient, sign_in
) -> None:
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    sign_in(client, cast.dirk)
    path, changed = address(client), proposal.moves[-1].at
    assert "Last-Modified" not in client.get(path).headers
    with at(clock.now() + timedelta(minutes=2)):
        answer = client.get(path)
        assert answer.last_modified == changed.replace(microsecond=0)
        since = {"If-Modified-Since": answer.headers["Last-Modified"]}
        assert client.get(path, headers=since).status_code == 304
        service.cancel(proposal, side=Side.COMPANY, by=cast.dirk, reasons=["illness"])
        db.session.commit()
        assert client.get(path, headers=since).status_code == 200
