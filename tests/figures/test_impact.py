"""The impact monitor beside cases counted by hand, on both databases."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from matcher import clock
from matcher.extensions import db
from matcher.figures import answers, impact_rows, reach, yearly
from matcher.figures.answers import Answered, Lead
from matcher.figures.dimensions import Dimension
from matcher.figures.reach import Hands, Reached
from matcher.figures.scope import Scope
from matcher.figures.yearly import Year
from matcher.models.moves import Side
from matcher.models.need import NeedState
from matcher.models.offer import OfferKind, TourForm
from matcher.models.visit import Visit
from matcher.reference.indicators import indicators
from tests.cast import Cast, add, make_need, make_offer, make_person
from tests.figures.past import YEAR, agree, day, hold, propose, step
from tests.proposals.test_inputs import counted


def asked(cast: Cast, at: object, **more: object) -> object:
    values = {"state": NeedState.FILLED, "published_at": at}
    return make_need(cast.anna, cast.lorentz, **(values | more))


def ended(cast: Cast, at: object) -> object:
    return asked(cast, at, state=NeedState.CLOSED)


@pytest.fixture
def year(any_cast: Cast) -> Cast:
    """2024-25 at the Lorentz: a lecture for 20, a film for 30 that is no encounter, a class met
    twice (24, then 26), one nobody counted, one that fell through; a year before, one for 10."""
    cast = any_cast
    dirk, els = cast.dirk_professional, cast.els_professional
    film = make_offer(
        cast.printlab,
        OfferKind.TOUR,
        tour_form=TourForm.FILM,
        film_url="https://example.nl/film",
        lesson_sheet="Kijk en vertel.",
    )
    small = make_offer(cast.printlab, professionals=[els])
    hold(asked(cast, day(9, 1, year=2023)), cast.lecture, day(11, 6, year=2023), attended=10)
    first = hold(
        asked(cast, day(9, 1)), cast.lecture, day(11, 5), attended=20, host=dirk, agreed=day(9, 3)
    )
    hands = db.session.query(Visit).filter_by(proposal_id=first.id).one()
    hands.hands_before, hands.hands_after = 5, 9
    hold(asked(cast, day(9, 1)), film, None, attended=30, agreed=day(9, 5))
    twice = asked(cast, day(9, 1), visits_wanted=2, levels=["vwo-bovenbouw", "havo-bovenbouw"])
    hold(twice, cast.lecture, day(1, 14), attended=24, host=dirk, agreed=day(9, 11))
    hold(twice, small, day(1, 21), attended=26, host=els, agreed=day(10, 1))
    hold(asked(cast, day(10, 1)), small, day(2, 4), attended=None, host=els, agreed=day(10, 21))
    gone = propose(asked(cast, day(10, 2)), cast.lecture, day(2, 11), host=dirk)
    step(agree(gone, day(10, 3)), "not_held", day(2, 11), reasons=["illness"])
    add(Visit(proposal_id=gone.id, calendar_uid="gone"))
    cast.need.published_at = day(9, 1, year=2025)
    db.session.commit()
    return cast


def here(cast: Cast, year: str = YEAR) -> Scope:
    return Scope((cast.region,), year)


def test_a_year_is_summed_as_by_hand(year: Cast) -> None:
    found = yearly.years(here(year))
    assert list(found) == ["2021-22", "2022-23", "2023-24", "2024-25"]
    assert found["2021-22"] == Year()
    assert found["2023-24"] == Year(
        asked=1,
        filled=1,
        days=38 + 1 / 24,
        held=1,
        pupils=10,
        encounters=10,
        schools=1,
        companies=1,
    )
    now = found[YEAR]
    assert (now.asked, now.filled) == (5, 4)
    assert (now.held, now.not_held, now.uncounted) == (5, 1, 1)
    assert now.pupils == 20 + 30 + 26  # the class that was met twice, once
    assert now.encounters == 20 + 24 + 26  # each meeting, but no film
    assert (now.small, now.schools, now.companies, now.professionals) == (3, 1, 2, 2)
    assert (now.fill_rate, now.small_share, now.no_show_share) == (4 / 5, 3 / 5, 1 / 6)


def test_the_median_is_the_middle_one_or_between_the_two(year: Cast) -> None:
    assert yearly.years(here(year))[YEAR].days == (4 + 10) / 2  # of 2, 4, 10 and 20 days
    hold(asked(year, day(9, 1)), year.lecture, day(3, 4), agreed=day(9, 6))
    db.session.flush()
    assert yearly.years(here(year))[YEAR].days == 5


def test_pupils_are_told_apart_by_province_level_kind_and_subject(year: Cast) -> None:
    scope = here(year)
    assert reach.reached(scope, Dimension.PROVINCE) == [Reached("Noord-Brabant", 5, 76, 1)]
    assert reach.reached(scope, Dimension.LEVEL) == [
        Reached("havo-bovenbouw", 3, 50, 1),
        Reached("vwo-bovenbouw", 2, 26, 1),
    ]
    assert reach.reached(scope, Dimension.KIND) == [
        Reached("lecture", 4, 46, 1),
        Reached("tour", 1, 30, 1),
    ]
    assert reach.reached(scope, Dimension.REGION) == [Reached(year.region.id, 5, 76, 1)]
    assert reach.reached(here(year, "2022-23"), Dimension.LEVEL) == []


def test_hands_are_those_of_classes_that_counted_twice(year: Cast) -> None:
    assert reach.hands(here(year)) == Hands(visits=1, pupils=20, before=5, after=9)
    assert reach.hands(here(year, "2023-24")) == Hands(0, 0, 0, 0)


def test_who_answers_and_who_lets_it_pass(any_cast: Cast) -> None:
    """Five questions: a yes from both; the school's no; the company silent after the school's
    yes; both silent; one still open. An invitation asks the company alone."""
    cast = any_cast
    agree(propose(asked(cast, day(9, 1)), cast.lecture, day(11, 5)), day(9, 3))
    no = propose(ended(cast, day(9, 1)), cast.lecture, day(11, 6))
    step(no, "release", day(9, 3))
    step(no, "school_decline", day(9, 4), reasons=["date", "level"])
    half = propose(ended(cast, day(9, 1)), cast.lecture, day(11, 7))
    step(half, "release", day(9, 3))
    step(half, "school_accept", day(9, 4))
    step(half, "expire", day(9, 10), side=Side.SYSTEM)
    none = propose(ended(cast, day(9, 1)), cast.lecture, day(11, 8))
    step(none, "release", day(9, 3))
    step(none, "expire", day(9, 10), side=Side.SYSTEM)
    step(
        propose(asked(cast, day(9, 1), state=NeedState.OPEN), cast.lecture, day(11, 12)),
        "release",
        day(9, 3),
    )
    invited = propose(ended(cast, day(9, 1)), cast.lecture, day(11, 11))
    step(invited, "invite", day(9, 3))
    step(invited, "company_decline", day(9, 4), reasons=["date"])
    old = propose(ended(cast, day(9, 1)), cast.lecture, day(11, 13))
    step(old, "release", day(6, 3, year=2023))
    step(old, "expire", day(6, 9, year=2023), side=Side.SYSTEM)
    db.session.commit()
    assert answers.answered(here(cast)) == {
        Side.SCHOOL: Answered(answered=3, silent=1),
        Side.COMPANY: Answered(answered=2, silent=2),
    }
    assert answers.declined(here(cast)) == {
        "date": {Side.SCHOOL: 1, Side.COMPANY: 1},
        "level": {Side.SCHOOL: 1, Side.COMPANY: 0},
    }
    assert answers.declined(here(cast, "2022-23")) == {}


@pytest.mark.parametrize(
    ("before", "lead"),
    [
        (timedelta(hours=-1), Lead.DAY),
        (timedelta(hours=23, minutes=59), Lead.DAY),
        (timedelta(days=1), Lead.WEEK),
        (timedelta(days=6, hours=23), Lead.WEEK),
        (timedelta(days=7), Lead.FORTNIGHT),
        (timedelta(days=13, hours=23), Lead.FORTNIGHT),
        (timedelta(days=14), Lead.LONGER),
        (None, Lead.UNDATED),
    ],
)
def test_cancellations_are_told_by_how_long_before(
    cast: Cast, before: timedelta | None, lead: Lead
) -> None:
    starts = day(2, 4) if before is not None else None
    proposal = agree(propose(asked(cast, day(9, 1)), cast.lecture, starts), day(9, 3))
    at = day(2, 4) - (before or timedelta())
    step(proposal, "cancel", at, side=Side.COMPANY, reasons=["illness"])
    db.session.commit()
    assert answers.cancelled(here(cast)) == {(lead, Side.COMPANY): 1}


def test_cancellations_on_the_other_database_too(any_cast: Cast) -> None:
    proposal = agree(propose(asked(any_cast, day(9, 1)), any_cast.lecture, day(2, 4)), day(9, 3))
    step(proposal, "cancel", day(2, 1), side=Side.SCHOOL, reasons=["date"])
    db.session.commit()
    assert answers.cancelled(here(any_cast)) == {(Lead.WEEK, Side.SCHOOL): 1}


def test_the_file_holds_the_same_numbers(year: Cast, any_app, sign_in) -> None:
    answer = sign_in(any_app.test_client(), year.gea).get(f"/figures/impact.csv?year={YEAR}")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert tuple(rows[0]) == impact_rows.HEADER
    told = {(figure, part, of): value for figure, part, of, value in rows[1:]}
    assert told["held", "", YEAR] == "5"
    assert told["fill_rate", "", YEAR] == "0.8"
    assert told["fill_rate", "", "2022-23"] == ""
    assert told["pupils_by_kind", "tour", YEAR] == "30"
    assert told["pupils_by_region", "Noord-Brabant", YEAR] == "76"
    assert len(told) == len(rows) - 1


def test_another_regions_coordinator_reads_only_her_own(year: Cast, any_app, sign_in) -> None:
    client = sign_in(any_app.test_client(), year.hugo)
    path = f"/figures/impact.csv?year={YEAR}&region=NL-NB"
    rows = list(csv.reader(io.StringIO(client.get(path).data.decode("utf-8-sig"))))
    assert {row[3] for row in rows if row[0] == "held"} == {"0"}


@pytest.mark.parametrize("path", ["/figures/impact", "/figures/impact/highlights"])
def test_the_page_costs_the_same_for_little_and_for_much(
    cast: Cast, client: FlaskClient, sign_in, path: str
) -> None:
    sign_in(client, cast.gea)

    def cost() -> int:
        db.session.commit()
        with counted() as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    now = clock.now()
    hold(asked(cast, now), cast.lecture, now - timedelta(days=2), agreed=now)
    cost()
    before = cost()
    for level in ("vwo-bovenbouw", "mbo"):
        need = asked(cast, now, levels=[level])
        hold(need, make_offer(cast.printlab), now - timedelta(days=3), agreed=now)
    assert cost() == before


def test_a_region_without_a_past_says_so(cast: Cast, client: FlaskClient, sign_in) -> None:
    cast.need.published_at = day(9, 1)
    db.session.commit()
    page = sign_in(client, cast.gea).get("/figures/impact?year=nonsense").text
    assert "Nog niets in dit schooljaar." in page
    assert clock.school_year() in page


def test_an_administrator_sees_a_map_and_a_coordinator_of_one_region_none(
    cast: Cast, client: FlaskClient, app, sign_in
) -> None:
    boss = make_person("Ada Beheer", administrator=True)
    db.session.commit()
    path = "/figures/impact/highlights"
    assert 'class="lb-map"' in sign_in(client, boss).get(path).text
    assert 'class="lb-map"' not in sign_in(app.test_client(), cast.gea).get(path).text


def test_every_published_figure_names_its_source() -> None:
    found = indicators("nl")
    assert len(found) == 12
    assert all(
        value.source.name("nl") and value.source.address for i in found for value in i.values
    )
    profile = {one.code: [v.value for v in one.values] for one in found}
    assert profile["havo_vwo_n_profile_share"] == [49, 48, 47]
    assert profile["companies_in_PPP"] == [12674]
    assert indicators("dk") == ()
