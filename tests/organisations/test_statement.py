"""A year's statement: what counts in it, how it adds up, who may read it, how it leaves."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import Side
from matcher.models.offer import Offer, OfferKind, TourForm
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.organisations import statement
from matcher.organisations.statement import Held
from matcher.proposals import service
from matcher.web.tables import safe_cell
from tests.cast import Cast, add, in_days, make_need, make_offer
from tests.proposals.scenes import another_need, confirm

DAY = datetime(2026, 10, 6, 9, tzinfo=UTC)


def row(number: int, **more: object) -> Held:
    values: dict[str, object] = {
        "proposal_id": number,
        "on": DAY.date(),
        "kind": OfferKind.LECTURE,
        "title": "Wind",
        "company_id": 1,
        "company": "Windwerk",
        "school_id": 1,
        "school": "Lorentz",
        "town": "Eindhoven",
        "teacher": "Anna",
        "class_id": number,
        "levels": ("havo",),
        "sitting": f"visit:{number}",
        "minutes": 50,
        "pupils": 20,
    }
    return Held(**(values | more))  # type: ignore[arg-type]


def test_sums_by_hand() -> None:
    held = [
        row(1),
        row(2, class_id=1, pupils=24),  # the same class again: reached once, met twice
        row(3, school_id=2, levels=("havo", "vwo"), pupils=None),  # nobody counted
        row(4, sitting="slot:7", minutes=60, pupils=10, kind=OfferKind.WEBINAR),
        row(5, sitting="slot:7", minutes=60, pupils=12, kind=OfferKind.WEBINAR),
        row(6, minutes=None, pupils=30, kind=OfferKind.TOUR),  # a film
    ]
    told = statement.sums(held, preparation_minutes=30)
    assert told == statement.Statement(
        visits=6,
        sittings=5,
        hours=(50 * 3 + 60 + 4 * 30) / 60,
        pupils=24 + 0 + 10 + 12 + 30,
        encounters=20 + 24 + 0 + 10 + 12,
        uncounted=1,
        schools=2,
        companies=1,
        kinds=((OfferKind.LECTURE, 3), (OfferKind.WEBINAR, 2), (OfferKind.TOUR, 1)),
        levels=(("havo", 6), ("vwo", 1)),
    )
    assert statement.sums([], preparation_minutes=30).hours == 0


def deliver(cast: Cast, proposal: Proposal, moment: datetime | None, pupils: int | None) -> None:
    """As if it had been held at that moment."""
    if moment is not None:
        proposal.starts_at, proposal.ends_at = moment, moment + timedelta(minutes=50)
    else:
        proposal.confirmed_at = DAY
    visit = db.session.scalars(select(Visit).where(Visit.proposal_id == proposal.id)).one()
    visit.attended = pupils
    proposal.move("deliver", side=Side.SCHOOL, by=proposal.need.teacher)
    db.session.flush()


def a_year(cast: Cast) -> None:
    """Windwerk: a lesson, two classes at one webinar's date, a film; one more is yet to come."""
    deliver(cast, confirm(cast, cast.need, cast.lecture, cast.slot), DAY, 25)
    webinar = make_offer(cast.windwerk, OfferKind.WEBINAR, max_group=None, ask_first=False)
    date = add(
        Slot(offer_id=webinar.id, starts_at=in_days(40, 9), ends_at=in_days(40, 10), seats=5)
    )
    for teacher, school, pupils in (
        (cast.anna, cast.lorentz, 20),
        (cast.bram, cast.vakschool, 15),
    ):
        seat = service.invite(make_need(teacher, school), webinar, date, by=teacher)
        deliver(cast, seat, DAY + timedelta(days=1), pupils)
    film = make_offer(
        cast.windwerk,
        OfferKind.TOUR,
        tour_form=TourForm.FILM,
        film_url="https://example.org/f.mp4",
        lesson_sheet="Kijk.",
        ask_first=False,
        max_group=None,
    )
    deliver(cast, confirm(cast, another_need(cast), film, None), None, 12)
    confirm(
        cast,
        another_need(cast),
        cast.lecture,
        add(
            Slot(
                professional_id=cast.dirk_professional.id,
                starts_at=in_days(30, 11),
                ends_at=in_days(30, 12),
            )
        ),
    )
    db.session.commit()


def test_only_delivered_visits_of_the_year_count(any_cast: Cast) -> None:
    cast = any_cast
    a_year(cast)
    held = statement.held_visits("2026-27", statement.given_by(cast.windwerk))
    told = statement.sums(held, preparation_minutes=60)
    assert (told.visits, told.sittings, told.schools) == (4, 3, 2)
    assert told.hours == (50 + 50 + 2 * 60) / 60
    assert (told.pupils, told.encounters) == (25 + 20 + 15 + 12, 25 + 20 + 15)
    assert statement.held_visits("2025-26", statement.given_by(cast.windwerk)) == []
    assert statement.held_visits("2026-27", statement.given_by(cast.printlab)) == []
    at_lorentz = statement.held_visits("2026-27", statement.met_at(cast.lorentz))
    assert [(r.pupils, r.teacher) for r in at_lorentz] == [
        (25, "Anna de Boer"),
        (20, "Anna de Boer"),
    ]
    assert len(statement.held_visits("2026-27", statement.held_in(cast.region))) == 4
    assert statement.held_visits("2026-27", statement.held_in(cast.other_region)) == []


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        (datetime(2026, 7, 31, 21, 59, tzinfo=UTC), "2025-26"),  # a minute to midnight there
        (datetime(2026, 7, 31, 22, 0, tzinfo=UTC), "2026-27"),
    ],
)
def test_the_year_turns_at_midnight_on_the_first_of_august(
    any_cast: Cast, moment: datetime, year: str
) -> None:
    deliver(any_cast, confirm(any_cast, any_cast.need, any_cast.lecture, any_cast.slot), moment, 9)
    whose = statement.given_by(any_cast.windwerk)
    found = {y: len(statement.held_visits(y, whose)) for y in ("2025-26", "2026-27")}
    assert found == {"2025-26": int(year == "2025-26"), "2026-27": int(year == "2026-27")}


def test_the_years_to_choose_from_go_back_to_the_first_visit(cast: Cast) -> None:
    whose = statement.given_by(cast.windwerk)
    this = int(clock.school_year()[:4])
    assert statement.years_of(whose) == [clock.school_year()]
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    deliver(cast, proposal, datetime(this - 1, 10, 1, 9, tzinfo=UTC), 9)
    assert [year[:4] for year in statement.years_of(whose)] == [str(this), str(this - 1)]


def test_it_reads_one_visit_and_many_in_one_query(cast: Cast) -> None:
    a_year(cast)
    counted, whose = list[str](), statement.given_by(cast.windwerk)

    def count(_c: object, _u: object, words: str, *_more: object) -> None:
        counted.append(words)

    event.listen(db.engine, "before_cursor_execute", count)
    held = statement.held_visits("2026-27", whose)
    event.remove(db.engine, "before_cursor_execute", count)
    assert (len(held), len(counted)) == (4, 1)


@pytest.mark.parametrize(
    "words",
    ["=1+1", "+31", "-2", "@SUM(A1)", "\tx", "\rx", "  =1", "\uff1dA1"],
)
def test_no_cell_is_a_formula(words: str) -> None:
    assert safe_cell(words) == f"'{words}"


def test_a_sheet_opens_right_and_adds_up_to_the_page(
    app: Flask, cast: Cast, client: FlaskClient, sign_in
) -> None:
    a_year(cast)
    db.session.scalars(select(Offer).where(Offer.id == cast.lecture.id)).one().title = "=HYPERLINK"
    db.session.commit()
    sign_in(client, cast.carla)
    answer = client.get(f"/companies/{cast.windwerk.id}/statement.csv?year=2026-27")
    assert (answer.mimetype, answer.data[:3]) == ("text/csv", b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == [
        "Dag", "Soort", "Titel", "Bedrijf", "School", "Plaats", "Niveau", "Leerlingen",
        "Ontmoetingen", "Uren",
    ]  # fmt: skip
    assert {r[2] for r in rows[1:]} == {"'=HYPERLINK", "Hoe een windpark stroom levert"}
    hours = sum(float(r[9]) for r in rows[1:])
    held = statement.held_visits("2026-27", statement.given_by(cast.windwerk))
    told = statement.sums(held, preparation_minutes=app.config["PREPARATION_MINUTES"])
    assert hours == pytest.approx(told.hours, abs=0.02)
    assert sum(int(r[8]) for r in rows[1:]) == told.encounters


def test_the_page_shows_the_sums_and_falls_back_to_this_year(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    a_year(cast)
    sign_in(client, cast.carla)
    page = client.get(f"/companies/{cast.windwerk.id}/statement?year=1850-51").text
    assert f"schooljaar {clock.school_year()}" in page
    page = client.get(f"/companies/{cast.windwerk.id}/statement?year=2026-27").text
    assert page.count("Lorentz College, Eindhoven") == 1 + 2  # the table of schools, all visits
    sign_in(client, cast.anna)
    page = client.get(f"/schools/{cast.lorentz.id}/statement?year=2026-27").text
    assert (page.count("Bram"), page.count("Windwerk") > 0) == (0, True)
