"""The fairness ledger beside a small year counted by hand, on both databases."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from matcher import clock
from matcher.extensions import db
from matcher.figures import ledger
from matcher.figures.dimensions import Dimension
from matcher.figures.scope import Scope
from matcher.models.need import NeedState
from matcher.models.proposal import Proposal
from matcher.models.run import MatchRun, RunState
from tests.cast import Cast, add, in_days, make_need, make_offer, make_person, make_school
from tests.figures.past import YEAR, agree, day, hold, propose
from tests.proposals.test_inputs import counted


def of(*regions: object) -> Scope:
    return Scope(tuple(regions), YEAR)  # type: ignore[arg-type]


def asked(cast: Cast, at: object, **more: object) -> object:
    values = {"state": NeedState.FILLED, "published_at": at}
    return make_need(cast.anna, cast.lorentz, **(values | more))


@pytest.fixture
def year(any_cast: Cast) -> Cast:
    """2024-25: Lorentz had a visit the year before and two now, Breda its first one; one class of
    Breda waits, one of Lorentz was never served; Groningen had one of its own."""
    cast = any_cast
    small = make_offer(cast.printlab, professionals=[cast.els_professional])
    dirk, els = cast.dirk_professional, cast.els_professional
    hold(asked(cast, day(9, 1, year=2023)), cast.lecture, day(11, 6, year=2023), host=dirk)
    hold(asked(cast, day(9, 2)), cast.lecture, day(11, 5), host=dirk)
    hold(asked(cast, day(9, 3), subject="techniek"), small, day(7, 31, 23), host=els)
    make_need(cast.bram, cast.vakschool, levels=["vmbo-bb", "vmbo-kb"], published_at=day(10, 1))
    first = make_need(
        cast.bram,
        cast.vakschool,
        levels=["vmbo-bb"],
        published_at=day(9, 9),
        state=NeedState.FILLED,
    )
    agree(propose(first, cast.lecture, day(3, 3), host=dirk), day(2, 1))
    asked(cast, day(10, 10), state=NeedState.CLOSED)
    north = make_school("Noorderpoort", cast.other_region, register_code="99NO00")
    other = make_need(make_person("Nora Noord", teacher=north), north, published_at=day(9, 5))
    other.state = NeedState.FILLED
    hold(other, cast.lecture, day(11, 12), host=dirk)
    cast.need.published_at = day(9, 1, year=2025)
    db.session.commit()
    return cast


def sums(found: Scope) -> ledger.Sums:
    return ledger.sums_of(ledger.in_year(found), before=found.starts)


def test_the_sums_of_a_region_are_those_counted_by_hand(year: Cast) -> None:
    assert sums(of(year.region)) == ledger.Sums(
        visits=3, schools=2, first_time=1, companies=2, small_visits=1
    )
    assert sums(of(year.region)).small_share == 1 / 3
    assert sums(of(year.other_region)) == ledger.Sums(1, 1, 1, 1, 0)
    assert sums(Scope((), YEAR, is_everything=True)) == ledger.Sums(4, 3, 2, 2, 1)
    assert sums(Scope((year.region,), "2022-23")).small_share is None


def test_the_last_hour_of_july_is_still_the_old_year(year: Cast) -> None:
    assert clock.local(clock.school_year_span(YEAR)[1]).isoformat() == "2025-08-01T00:00:00+02:00"
    assert sums(Scope((year.region,), "2025-26")).visits == 0


def test_requests_and_visits_by_level_and_subject(year: Cast) -> None:
    by_level = ledger.parts_by(of(year.region), Dimension.LEVEL)
    assert by_level == [
        ledger.Part("havo-bovenbouw", asked=3, served=2, waiting=0, visits=2, small_visits=1),
        ledger.Part("vmbo-bb", asked=2, served=1, waiting=1, visits=1, small_visits=0),
    ]
    by_subject = ledger.parts_by(of(year.region), Dimension.SUBJECT)
    assert by_subject == [
        ledger.Part("natuurkunde", asked=4, served=2, waiting=1, visits=2, small_visits=0),
        ledger.Part("techniek", asked=1, served=1, waiting=0, visits=1, small_visits=1),
    ]
    both = Scope((year.region, year.other_region), YEAR)
    by_region = {p.code: p.visits for p in ledger.parts_by(both, Dimension.REGION)}
    assert by_region == {year.region.id: 3, year.other_region.id: 1}


def test_schools_are_listed_by_who_waits_longest(year: Cast) -> None:
    found = of(year.region)
    schools = list(db.session.scalars(ledger.schools(found)))
    assert [school.name for school in schools] == ["Vakschool Breda", "Lorentz College"]
    breda, lorentz = ledger.lines_of(schools, found)
    assert (breda.visits, breda.last, breda.waiting, breda.since) == (1, None, 1, day(10, 1))
    assert (lorentz.visits, lorentz.last) == (2, day(7, 31, 23))
    assert (lorentz.waiting, lorentz.since) == (1, day(9, 1, year=2025))


def test_the_busiest_stand_first_beside_their_limits(year: Cast) -> None:
    found = of(year.region)
    dirk, els = ledger.professionals(found)
    assert (dirk.name, dirk.visits, dirk.is_small) == ("Dirk Jansen", 2, False)
    assert (els.name, els.visits, els.is_small) == ("Els Meijer", 1, True)
    assert dirk.limit == 2 * year.dirk_professional.term_cap
    loads = [(one.name, one.visits, one.limit) for one in ledger.companies(found)]
    assert loads == [("Windwerk", 2, None), ("Printlab", 1, None)]


def test_a_runs_report_is_summed_the_same_way(any_cast: Cast) -> None:
    cast = any_cast
    hold(asked(cast, day(9, 1)), cast.lecture, day(11, 6))
    run = add(
        MatchRun(
            region_id=cast.region.id,
            state=RunState.DONE,
            finished_at=clock.now(),
            settings={},
            statistics={},
        )
    )
    small = make_offer(cast.printlab)
    breda = make_need(cast.bram, cast.vakschool, subject="techniek")
    propose(cast.need, cast.lecture, in_days(30), run_id=run.id)
    propose(breda, small, in_days(31), run_id=run.id)
    found = ledger.sums_of(ledger.in_run(run), before=run.started_at)
    assert found == ledger.Sums(visits=2, schools=2, first_time=1, companies=2, small_visits=1)
    by_subject = ledger.visits_by(ledger.in_run(run), Dimension.SUBJECT)
    assert by_subject == {"natuurkunde": (1, 0), "techniek": (1, 1)}


def test_the_page_costs_the_same_for_one_school_and_for_three(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)

    def cost() -> int:
        db.session.commit()
        with counted() as seen:
            assert client.get("/figures/fairness").status_code == 200
        return len(seen)

    hold(asked(cast, clock.now()), cast.lecture, in_days(-3), host=cast.dirk_professional)
    db.session.commit()
    cost()
    before = cost()
    for name in ("Een", "Twee"):
        school = make_school(name, cast.region)
        teacher = make_person(f"{name} Docent", teacher=school)
        need = make_need(teacher, school, state=NeedState.FILLED, subject=f"vak-{name}")
        hold(need, make_offer(cast.printlab), in_days(-4), host=cast.els_professional)
        make_need(teacher, school)
    db.session.commit()
    assert cost() == before


def test_a_coordinator_sees_her_own_region_only(year: Cast, any_app, sign_in) -> None:
    page = sign_in(any_app.test_client(), year.hugo).get(
        f"/figures/fairness?region={year.region.code}&year={YEAR}"
    )
    assert "Noorderpoort" in page.text
    assert "Lorentz College" not in page.text and "Vakschool Breda" not in page.text


def test_an_administrator_sees_the_whole_programme_or_one_region(
    year: Cast, any_app, sign_in
) -> None:
    boss = make_person("Ada Beheer", administrator=True)
    db.session.commit()
    client = sign_in(any_app.test_client(), boss)
    whole = client.get(f"/figures/fairness?year={YEAR}").text
    assert "Noorderpoort" in whole and "Vakschool Breda" in whole and "Het hele programma" in whole
    one = client.get(f"/figures/fairness?year={YEAR}&region=NL-GR").text
    assert "Noorderpoort" in one and "Vakschool Breda" not in one


def test_a_run_page_tells_whom_it_would_serve(cast: Cast, client: FlaskClient, sign_in) -> None:
    run = add(
        MatchRun(
            region_id=cast.region.id,
            state=RunState.DONE,
            finished_at=clock.now(),
            settings={},
            statistics={},
        )
    )
    propose(cast.need, cast.lecture, in_days(30), run_id=run.id)
    db.session.commit()
    page = sign_in(client, cast.gea).get(f"/coordination/runs/{run.id}").text
    assert "<strong>1</strong><span>bezoeken</span>" in page.replace("\n", "")
    assert db.session.query(Proposal).count() == 1
