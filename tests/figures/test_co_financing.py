"""The co-financing statement: hours and cents by hand, signed once, frozen, nobody else's."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient

from matcher import clock
from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.figures import co_financing
from matcher.figures.co_financing import Line, Sheet
from matcher.models.co_financing import CoFinancing
from matcher.models.journal import JournalEntry
from matcher.models.need import NeedState
from matcher.models.offer import OfferKind, TourForm
from matcher.models.professional import Slot
from tests.cast import Cast, add, make_need, make_offer, make_person, make_school
from tests.figures.past import YEAR, agree, day, hold, propose
from tests.proposals.test_inputs import counted

PAGE = f"/figures/co-financing?year={YEAR}"


def asked(cast: Cast, **more: object) -> object:
    values = {"state": NeedState.FILLED, "published_at": day(9, 1)}
    return make_need(cast.anna, cast.lorentz, **(values | more))


@pytest.fixture
def year(any_cast: Cast) -> Cast:
    """Windwerk: 50 and 70 minutes. Printlab: 45 minutes, and a film. A webinar of Printlab, one
    hour, that two classes here and one in Groningen joined; the first asked was one here."""
    cast = any_cast
    hold(asked(cast), cast.lecture, day(11, 5), minutes=50)
    hold(asked(cast), cast.lecture, day(2, 5), minutes=70)
    hold(asked(cast), cast.lecture, day(9, 5, year=2025), minutes=90)
    small = make_offer(cast.printlab)
    hold(asked(cast), small, day(3, 5), minutes=45)
    film = make_offer(
        cast.printlab,
        OfferKind.TOUR,
        tour_form=TourForm.FILM,
        film_url="https://example.nl/film",
        lesson_sheet="Kijk en vertel.",
    )
    hold(asked(cast), film, None, agreed=day(10, 1))
    webinar = make_offer(cast.printlab, OfferKind.WEBINAR)
    at = add(Slot(offer_id=webinar.id, starts_at=day(4, 8), ends_at=day(4, 8, 11), seats=9))
    north = make_school("Noorderpoort", cast.other_region, register_code="99NO00")
    far = make_need(
        make_person("Nora Noord", teacher=north),
        north,
        state=NeedState.FILLED,
        published_at=day(9, 1),
    )
    for need in (asked(cast), asked(cast), far):
        hold(need, webinar, day(4, 8), minutes=60, slot_id=at.id, shares_slot=True)
    db.session.commit()
    return cast


def sheet(cast: Cast, *, other: bool = False, rate: int = 6000, beside: int = 0) -> Sheet:
    region = cast.other_region if other else cast.region
    return co_financing.sheet_of(region, YEAR, rate_cents=rate, preparation_minutes=beside)


def test_hours_and_cents_are_those_counted_by_hand(year: Cast) -> None:
    printlab, windwerk = year.printlab.id, year.windwerk.id
    assert sheet(year).lines == (
        Line(printlab, "Printlab", visits=4, minutes=105, preparation=0, cents=10500),
        Line(windwerk, "Windwerk", visits=2, minutes=120, preparation=0, cents=12000),
    )
    assert (sheet(year).hours, sheet(year).cents, sheet(year).visits) == (3.75, 22500, 6)


def test_preparation_counts_once_a_sitting_and_not_for_a_film(year: Cast) -> None:
    lines = {line.company: line for line in sheet(year, beside=30).lines}
    assert (lines["Printlab"].preparation, lines["Windwerk"].preparation) == (60, 60)
    assert lines["Printlab"].cents == (105 + 60) * 100


def test_a_webinar_of_two_regions_is_paid_in_one(year: Cast) -> None:
    assert sheet(year, other=True, beside=30).lines == (
        Line(year.printlab.id, "Printlab", visits=1, minutes=0, preparation=0, cents=0),
    )


@pytest.mark.parametrize(("rate", "cents"), [(1, 1), (5999, 4999), (6001, 5001), (100, 83)])
def test_money_is_rounded_to_the_nearest_cent(any_cast: Cast, rate: int, cents: int) -> None:
    """50 minutes are five sixths of an hour."""
    hold(asked(any_cast), any_cast.lecture, day(11, 5), minutes=50)
    assert sheet(any_cast, rate=rate).cents == cents


def sign(cast: Cast) -> CoFinancing:
    return co_financing.sign(
        cast.region, YEAR, rate_cents=6000, preparation_minutes=30, by=cast.gea
    )


def test_a_signed_statement_stays_as_it_was(year: Cast) -> None:
    co_financing.set_rate(year.region, YEAR, 5250, by=year.gea)
    before = sheet(year, rate=5250, beside=30)
    row = sign(year)
    assert (row.rate_cents, row.total_cents, row.signed_by_id) == (5250, before.cents, year.gea.id)
    hold(asked(year), year.lecture, day(5, 6), minutes=600)
    db.session.commit()
    db.session.expire_all()
    found = co_financing.statement_of(year.region, YEAR)
    assert found is not None
    assert co_financing.frozen_sheet(found) == before
    assert sheet(year, rate=5250, beside=30).cents > before.cents
    with pytest.raises(WrongState):
        sign(year)
    with pytest.raises(WrongState):
        co_financing.set_rate(year.region, YEAR, 6000, by=year.gea)
    deeds = [row.deed for row in db.session.query(JournalEntry).order_by(JournalEntry.id)]
    assert deeds == ["rate", "sign"]


def test_a_year_that_still_runs_is_not_signed(any_cast: Cast) -> None:
    this = clock.school_year()
    with pytest.raises(WrongState):
        co_financing.sign(
            any_cast.region, this, rate_cents=6000, preparation_minutes=0, by=any_cast.gea
        )
    assert db.session.query(CoFinancing).count() == 0


def test_only_the_regions_own_coordinator_signs(any_cast: Cast) -> None:
    for person in (any_cast.hugo, any_cast.anna, any_cast.carla):
        with pytest.raises(NotAllowed):
            co_financing.sign(
                any_cast.region, YEAR, rate_cents=6000, preparation_minutes=0, by=person
            )
        with pytest.raises(NotAllowed):
            co_financing.set_rate(any_cast.region, YEAR, 6000, by=person)


@pytest.mark.parametrize("cents", [0, -1, 100_001])
def test_a_rate_is_between_a_cent_and_a_thousand_euros(any_cast: Cast, cents: int) -> None:
    with pytest.raises(Invalid):
        co_financing.set_rate(any_cast.region, YEAR, cents, by=any_cast.gea)


def test_what_nobody_closed_is_told_before_signing(any_cast: Cast) -> None:
    assert co_financing.still_open(any_cast.region, YEAR) == 0
    agree(propose(asked(any_cast), any_cast.lecture, day(3, 3)), day(2, 1))
    db.session.flush()
    assert co_financing.still_open(any_cast.region, YEAR) == 1
    assert co_financing.still_open(any_cast.other_region, YEAR) == 0


def test_the_page_leads_to_what_is_still_open(cast: Cast, client: FlaskClient, sign_in) -> None:
    agree(propose(asked(cast), cast.lecture, day(3, 3)), day(2, 1))
    db.session.commit()
    page = sign_in(client, cast.gea).get(PAGE).text
    assert "1 bezoek van dit jaar is nog niet afgerond." in page
    path = f"/coordination/regions/{cast.region.id}/proposals/to_close"
    assert f'href="{path}"' in page
    assert "Duurzame energie in de klas" in client.get(path).text


@pytest.mark.parametrize(("text", "cents"), [("52,5", 5250), ("€ 60", 6000), ("7.05", 705)])
def test_a_rate_is_read_as_people_write_it(
    cast: Cast, client: FlaskClient, sign_in, text: str, cents: int
) -> None:
    sign_in(client, cast.gea)
    path = PAGE.replace("?", "/rate?")
    assert client.post(path, data={"rate": text}).status_code == 303
    assert db.session.query(CoFinancing).one().rate_cents == cents


@pytest.mark.parametrize("text", ["", "zestig", "60,123", "-3", "0", "99999"])
def test_a_wrong_rate_is_told_beside_its_field_and_kept(
    cast: Cast, client: FlaskClient, sign_in, text: str
) -> None:
    sign_in(client, cast.gea)
    answer = client.post(PAGE.replace("?", "/rate?"), data={"rate": text})
    assert answer.status_code == 422
    assert f'value="{text}"' in answer.text
    assert 'id="rate-error"' in answer.text
    assert db.session.query(CoFinancing).count() == 0


def test_the_file_says_what_was_signed_by_whom(year: Cast, any_app, sign_in) -> None:
    sign(year)
    db.session.commit()
    client = sign_in(any_app.test_client(), year.gea)
    text = client.get(PAGE.replace("?", "/statement.csv?")).data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[:7] for row in rows[1:]] == [
        ["Printlab", "4", "1.75", "1.0", "2.75", "60.0", "165.0"],
        ["Windwerk", "2", "2.0", "1.0", "3.0", "60.0", "180.0"],
    ]
    assert {tuple(row[7:]) for row in rows[1:]} == {(clock.today().isoformat(), "Gea Mulder")}


def test_another_region_is_not_there(year: Cast, any_app, sign_in) -> None:
    """The address names a region by its code; whoever may not see it gets her own."""
    client = sign_in(any_app.test_client(), year.hugo)
    page = client.get(f"{PAGE}&region=NL-NB").text
    assert "Windwerk" not in page and "Groningen" in page
    for deed in ("/sign?", "/rate?"):
        answer = client.post(f"{PAGE.replace('?', deed)}&region=NL-NB", data={"rate": "60"})
        assert answer.status_code == 404
    assert client.get(f"{PAGE.replace('?', '/statement.csv?')}&region=NL-NB").status_code == 404
    assert db.session.query(CoFinancing).count() == 0


def test_several_regions_are_listed_and_signed_one_by_one(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    boss = make_person("Ada Beheer", administrator=True)
    make_offer(cast.zuivel)
    db.session.commit()
    sign_in(client, boss)
    page = client.get(PAGE).text
    assert "Groningen" in page and "Noord-Brabant" in page
    assert client.post(PAGE.replace("?", "/sign?")).status_code == 404
    assert client.post(f"{PAGE.replace('?', '/sign?')}&region=NL-GR").status_code == 303
    assert db.session.query(CoFinancing).one().region_id == cast.other_region.id


def test_the_page_costs_the_same_for_one_company_and_for_three(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)

    def cost() -> int:
        db.session.commit()
        with counted() as seen:
            assert client.get(PAGE).status_code == 200
        return len(seen)

    hold(asked(cast), cast.lecture, day(11, 5))
    cost()
    before = cost()
    for company in (cast.printlab, cast.zuivel):
        hold(asked(cast), make_offer(company), day(11, 6))
    assert cost() == before
