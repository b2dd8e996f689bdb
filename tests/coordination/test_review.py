"""What stands beside a suggestion under review: how much the guest has, when the school had any."""

from __future__ import annotations

from flask.testing import FlaskClient

from matcher.coordination import board
from matcher.extensions import db
from matcher.models.moves import Side
from matcher.proposals import service
from matcher.proposals.room import Room, room_for, rooms_for
from tests.cast import Cast, in_days, make_slot
from tests.proposals.scenes import another_need, at, confirm, suggest


def test_the_rooms_of_many_are_those_of_each(any_cast: Cast) -> None:
    cast = any_cast
    confirm(cast, cast.need, cast.lecture, cast.slot)
    near = suggest(
        another_need(cast), cast.lecture, make_slot(cast.dirk_professional, in_days(30, 13))
    )
    far = suggest(
        another_need(cast), cast.lecture, make_slot(cast.dirk_professional, in_days(100, 9))
    )
    undated = suggest(another_need(cast), cast.lecture, None)
    db.session.flush()
    rooms = rooms_for([near, far, undated])
    assert rooms == {p.id: room_for(p) for p in (near, far)}
    caps = cast.dirk_professional.month_cap, cast.dirk_professional.term_cap
    assert rooms[near.id] == Room(1, caps[0], 1, caps[1])
    assert rooms[far.id].in_month == 0


def test_a_schools_visits_of_the_last_year(any_cast: Cast) -> None:
    cast = any_cast
    held = confirm(cast, cast.need, cast.lecture, cast.slot)
    schools = [cast.lorentz.id, cast.vakschool.id]
    assert board.served_lately(schools) == {}
    with at(in_days(60)):
        service.deliver(held, side=Side.COORDINATOR, by=cast.gea)
        db.session.flush()
        assert board.served_lately(schools) == {cast.lorentz.id: board.Served(1, held.ends_at)}
    with at(in_days(460)):
        assert board.served_lately(schools) == {}


def test_the_review_says_both(cast: Cast, client: FlaskClient, sign_in) -> None:
    cast.gea.language = "en"
    suggest(cast.need, cast.lecture, cast.slot)
    db.session.commit()
    sign_in(client, cast.gea)
    page = client.get(f"/coordination/regions/{cast.region.id}/review").text
    assert "Dirk Jansen: 0 of" in page
    assert "The school had no visit in the last year" in page
