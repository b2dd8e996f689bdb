"""A professional's own calendar: read for real, kept as times only, and what it then decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select

from matcher import clock, jobs
from matcher.errors import Invalid, NotAllowed, Taken
from matcher.extensions import db
from matcher.models.busy import BusyBlock, BusyCalendar
from matcher.models.moves import Side
from matcher.models.visit import Visit
from matcher.offers import busy_times
from matcher.proposals import busy, fits, service, times
from matcher.proposals.inputs import read_problem
from tests.cast import Cast, add, in_days, make_professional, make_slot
from tests.proposals.scenes import ask, at, confirm
from tests.web.servers import page, serving

SECRET = "Gesprek met de huisarts"


def as_file(*stretches: tuple[datetime, datetime], uid: str = "x@elders") -> bytes:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{SECRET}\r\nLOCATION:{SECRET}\r\n"
        f"DTSTART:{a:%Y%m%dT%H%M%SZ}\r\nDTEND:{b:%Y%m%dT%H%M%SZ}\r\nEND:VEVENT\r\n"
        for a, b in stretches
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n".encode()


@pytest.fixture
def pages() -> dict:
    return {}


@pytest.fixture
def place(pages: dict) -> Iterator[str]:
    with serving(pages) as where:
        yield where


def connect(app: Flask, cast: Cast, place: str, path: str = "/dirk.ics") -> None:
    app.config["FETCH_ALLOW"] = frozenset({place})
    busy_times.connect(
        cast.dirk_professional,
        f"http://{place}{path}",
        by=cast.dirk,
        allowed=app.config["FETCH_ALLOW"],
    )
    db.session.commit()


def block(cast: Cast, start: datetime, end: datetime) -> None:
    add(BusyBlock(professional_id=cast.dirk_professional.id, starts_at=start, ends_at=end))


def blocks() -> list[tuple[datetime, datetime]]:
    found = db.session.scalars(select(BusyBlock).order_by(BusyBlock.starts_at))
    return [(row.starts_at, row.ends_at) for row in found]


# ---- reading ------------------------------------------------------------------------------------
def test_the_job_reads_it_keeps_times_only_and_forgetting_leaves_nothing(
    any_app: Flask, any_cast: Cast, pages: dict, place: str
) -> None:
    cast, first = any_cast, (in_days(30, 9), in_days(30, 10))
    pages["/dirk.ics"] = page(as_file(first, (in_days(400, 9), in_days(400, 10))))
    connect(any_app, cast, place)
    assert (jobs.read_calendars(), jobs.read_calendars()) == (1, 0)
    db.session.commit()
    assert blocks() == [first]  # what lies beyond the horizon is not kept
    calendar = db.session.scalars(select(BusyCalendar)).one()
    assert (calendar.problem, calendar.read_at is not None, calendar.host) == (
        "",
        True,
        "127.0.0.1",
    )
    stored = ""
    for table in inspect(db.session.connection()).get_table_names():
        stored += str(db.session.connection().exec_driver_sql(f'SELECT * FROM "{table}"').all())
    assert [word for word in (SECRET, "/dirk.ics") if word in stored] == []
    busy_times.forget(cast.dirk_professional, by=cast.dirk)
    db.session.commit()
    assert (blocks(), db.session.scalars(select(BusyCalendar)).all()) == ([], [])


def test_it_is_read_again_after_two_hours_and_what_went_is_gone(
    any_app: Flask, any_cast: Cast, pages: dict, place: str
) -> None:
    first, second = ((in_days(30, h), in_days(30, h + 1)) for h in (9, 12))
    pages["/dirk.ics"] = page(as_file(first))
    connect(any_app, any_cast, place)
    jobs.read_calendars()
    pages["/dirk.ics"] = page(as_file(second))
    with at(clock.now() + busy_times.READ_EVERY + timedelta(minutes=1)):
        assert jobs.read_calendars() == 1
    assert blocks() == [second]


@pytest.mark.parametrize(
    ("body", "problem"),
    [(b"<html>Log in</html>", "no_calendar"), (as_file()[:40], "no_calendar"), (None, "status")],
)
def test_a_failure_is_told_and_frees_nobody(
    app: Flask, cast: Cast, client: FlaskClient, sign_in, pages: dict, place: str, body, problem
) -> None:
    first = (in_days(30, 9), in_days(30, 10))
    pages["/dirk.ics"] = page(as_file(first))
    connect(app, cast, place)
    jobs.read_calendars()
    if body is None:
        del pages["/dirk.ics"]
    else:
        pages["/dirk.ics"] = page(body)
    busy_times.read_again(cast.dirk_professional, by=cast.dirk)
    jobs.read_calendars()
    db.session.commit()
    assert blocks() == [first]
    assert db.session.scalars(select(BusyCalendar)).one().problem == problem
    sign_in(client, cast.dirk)
    shown = client.get(f"/company/professionals/{cast.dirk_professional.id}/calendar").text
    sentence = {
        "no_calendar": "Wat er kwam is geen agenda, of maar een halve.",
        "status": "Het adres klopt niet of is gesloten: de server weigert het.",
    }[problem]
    assert (sentence in shown, "dirk.ics" in shown) == (True, False)


def test_what_is_read_for_an_address_that_was_replaced_meanwhile_is_not_kept(
    app: Flask, cast: Cast, pages: dict, place: str
) -> None:
    pages["/dirk.ics"] = page(as_file((in_days(30, 9), in_days(30, 10))))
    connect(app, cast, place)
    (turn,) = busy_times.due()
    found = busy_times.look_into(turn, allowed=app.config["FETCH_ALLOW"])
    connect(app, cast, place, "/other.ics")
    busy_times.keep(turn, found)
    assert (len(found.stretches), blocks()) == (1, [])


def test_ones_own_visit_in_it_does_not_count(
    app: Flask, cast: Cast, pages: dict, place: str
) -> None:
    confirm(cast, cast.need, cast.lecture, cast.slot)
    uid = db.session.scalars(select(Visit.calendar_uid)).one()
    pages["/dirk.ics"] = page(as_file((in_days(30, 9), in_days(30, 10)), uid=uid))
    connect(app, cast, place)
    jobs.read_calendars()
    assert blocks() == []


@pytest.mark.parametrize(
    "address", ["http://example.org/a.ics", "ftp://x", "webcal://u:p@x.nl", "x"]
)
def test_an_address_we_do_not_read_is_refused_beside_its_field(cast: Cast, address: str) -> None:
    with pytest.raises(Invalid) as refusal:
        busy_times.connect(cast.dirk_professional, address, by=cast.dirk, allowed=frozenset())
    assert refusal.value.field == "address"


def test_webcal_is_https_and_others_may_not_connect(cast: Cast) -> None:
    mine = cast.dirk_professional
    busy_times.connect(mine, "webcal://p1.example.org/a", by=cast.dirk, allowed=frozenset())
    (turn,) = busy_times.due()
    assert turn.address == "https://p1.example.org/a"
    for stranger in (cast.els, cast.anna, cast.hugo):
        with pytest.raises(NotAllowed):
            busy_times.forget(mine, by=stranger)


# ---- what it decides ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("blocks", "left"),
    [
        ([], (9, 12)),
        ([(8, 10)], (10, 12)),
        ([(10, 13)], (9, 10)),
        ([(9, 12)], None),
        ([(8, 13)], None),
        ([(10, 11)], (9, 10)),  # the earlier of equals
        ([(9, 10), (11, 12)], (10, 11)),
        ([(12, 14), (7, 9)], (9, 12)),  # touching is not in the way
    ],
)
def test_what_is_left_of_a_moment(blocks: list, left: tuple | None) -> None:
    def hour(number: int) -> datetime:
        return in_days(30, number)

    found = busy.longest_free(hour(9), hour(12), [(hour(a), hour(b)) for a, b in blocks])
    assert found == (None if left is None else (hour(left[0]), hour(left[1])))


def test_the_matcher_gets_only_what_the_calendar_leaves(any_cast: Cast) -> None:
    cast = any_cast
    make_slot(cast.dirk_professional, in_days(50, 9), 120)
    make_slot(cast.dirk_professional, in_days(64, 9), 60)
    block(cast, in_days(50, 9), in_days(50, 10))
    block(cast, in_days(64, 8), in_days(64, 12))
    (supply,) = read_problem(cast.region).supplies
    assert [(s.start, s.end) for s in supply.slots] == [
        (in_days(30, 9), in_days(30, 10)),
        (in_days(50, 10), in_days(50, 11)),
    ]


def test_another_time_an_invitation_and_the_count_leave_taken_moments_out(any_cast: Cast) -> None:
    cast = any_cast
    late = make_slot(cast.dirk_professional, in_days(30, 12), 120)
    free = [m.id for m in times.meetings_for(cast.need, cast.lecture)]
    assert free == [cast.slot.id, late.id]
    block(cast, in_days(30, 9), in_days(30, 10))
    block(cast, in_days(30, 12), in_days(30, 12, 30))
    (meeting,) = times.meetings_for(cast.need, cast.lecture)
    assert (meeting.id, meeting.starts_at) == (late.id, in_days(30, 12, 30))
    with pytest.raises(Taken):
        service.invite(cast.need, cast.lecture, cast.slot, by=cast.anna)
    late.withdrawn_at = clock.now()
    db.session.flush()
    assert fits.fits_of(cast.need) == fits.Fits(1, 0)


def test_a_colleague_who_is_busy_is_not_offered_the_question(any_cast: Cast) -> None:
    cast = any_cast
    from matcher.proposals.room import with_room

    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    other = make_professional(cast.windwerk, "Wim de Wit")
    assert with_room(proposal, [other]) == [other]
    add(BusyBlock(professional_id=other.id, starts_at=proposal.starts_at, ends_at=proposal.ends_at))
    assert with_room(proposal, [other]) == []


def test_at_a_yes_the_professional_is_warned_and_may_still_say_it(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    warning = "In je eigen agenda staat op dit moment al iets."
    path = f"/proposals/{proposal.id}"
    sign_in(client, cast.dirk)
    assert warning not in client.get(path).text
    block(cast, in_days(30, 9, 30), in_days(30, 11))
    db.session.commit()
    assert warning in client.get(path).text
    sign_in(client, cast.anna)
    assert warning not in client.get(path).text
    service.accept(proposal, side=Side.COMPANY, by=cast.dirk)
    service.accept(proposal, side=Side.SCHOOL, by=cast.anna)
    assert proposal.state == "confirmed"
