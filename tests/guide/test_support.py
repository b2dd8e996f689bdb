"""Support measures: a plan against a round, closed says closed, nothing unproved is printed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from matcher.guide.support import Obstacle, Outcome, Plan, check
from matcher.reference.support import Measure, MeasureState, Round, measure, measures
from tests.guide.reading import filled_in

PLAN = Plan(employees=20, participants=1, smes=1, months=12, costs=90_000, is_technical=True)
ASKED = {"round": "2020", "employees": "20", "participants": "3", "smes": "2"}
ASKED |= {"months": "24", "costs": "300000", "sector": "other"}
DUTCH = {"Accept-Language": "nl"}


def idea() -> Measure:
    found = measure("mkbidee", "nl")
    assert found is not None
    return found


def of(code: str) -> Round:
    return next(one for one in idea().rounds if one.code == code)


def outcome(code: str = "2020", **changes: object) -> Outcome:
    return check(idea(), of(code), replace(PLAN, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "paid"),
    [
        ({}, (90_000, 81_000, 9_000)),
        ({"costs": 125_001}, (125_000, 112_500, 12_500)),
        ({"costs": 300_000, "participants": 2, "smes": 2}, (200_000, 180_000, 20_000)),
        ({"costs": 300_000, "participants": 8, "smes": 1}, (200_000, 180_000, 20_000)),
        ({"costs": 5}, (5, 4, 1)),
    ],
)
def test_a_plan_gets_its_costs_up_to_the_rounds_most_in_two_payments(
    changes: dict, paid: tuple[int, int, int]
) -> None:
    found = outcome(**changes)
    assert (found.obstacles, found.grant, found.advance, found.final) == ((), *paid)


@pytest.mark.parametrize(
    ("code", "changes", "obstacles"),
    [
        ("2020", {"employees": 250}, [Obstacle.NOT_SME]),
        ("2020", {"employees": 249}, []),
        ("2020", {"participants": 9, "smes": 9}, [Obstacle.TOO_MANY]),
        ("2020", {"months": 25}, [Obstacle.TOO_LONG]),
        ("2019", {"participants": 3, "smes": 1}, [Obstacle.TOO_FEW_SMES]),
        ("2019", {"participants": 20, "smes": 13}, []),
        ("2018", {"is_technical": False}, [Obstacle.NOT_TECHNICAL]),
        ("2021", {"is_technical": False}, []),
    ],
)
def test_each_rule_of_the_round_stands_in_the_way_by_its_name(
    code: str, changes: dict, obstacles: list[Obstacle]
) -> None:
    found = outcome(code, **changes)
    assert list(found.obstacles) == obstacles
    assert (found.grant is None) == bool(obstacles or code == "2018")


def test_what_was_not_found_of_a_round_is_not_made_up() -> None:
    assert outcome("2018").grant is None
    assert (outcome("2019").grant, outcome("2019").advance) == (90_000, None)


def test_below_fifty_people_a_company_is_small() -> None:
    assert [outcome(employees=n).is_small for n in (49, 50)] == [True, False]


def test_a_closed_measure_stays_closed_whatever_fits() -> None:
    assert not outcome().is_open
    assert check(replace(idea(), state=MeasureState.OPEN), of("2020"), PLAN).is_open
    assert {one.code: one.state for one in measures("nl")} == {
        "mkbidee": MeasureState.CLOSED,
        "mkb-actieplan": MeasureState.CLOSED,
        "rif": MeasureState.UNKNOWN,
    }


def test_every_figure_has_source_and_year_and_what_is_not_verified_is_never_printed(
    client: FlaskClient, app: Flask
) -> None:
    hidden = 0
    for one in measures("nl"):
        page = client.get(f"/guide/support/{one.code}", headers=DUTCH).text
        for figure in (*one.figures, *(fact for r in one.rounds for fact in r.facts)):
            assert figure.source
            assert figure.date
            shown = f"<td>{escape(figure.value['nl'])}</td><td>{figure.source}, {figure.date}</td>"
            assert (shown in page) == figure.verified, figure
            hidden += not figure.verified
        assert (">gesloten<" in page) == (one.state == MeasureState.CLOSED)
    assert hidden == 1


def test_the_check_answers_on_the_page_and_keeps_what_was_typed(
    client: FlaskClient, app: Flask
) -> None:
    page = client.get("/guide/support/mkbidee", query_string=ASKED, headers=DUTCH)
    assert page.status_code == 200
    for amount in ("€ 200.000", "€ 180.000", "€ 20.000"):
        assert f"<dd>{amount}</dd>" in page.text
    assert "Je kunt nu niet aanvragen." in page.text
    sent = filled_in(page.text, "#check")
    assert sent == {name: [value] for name, value in ASKED.items()}


@pytest.mark.parametrize(
    "wrong",
    [{"round": "1999"}, {"smes": "4"}, {"costs": "veel"}, {"employees": "0"}, {"sector": ""}],
)
def test_a_plan_that_is_none_is_asked_again_beside_its_field(
    client: FlaskClient, app: Flask, wrong: dict[str, str]
) -> None:
    page = client.get("/guide/support/mkbidee", query_string=ASKED | wrong)
    assert page.status_code == 422
    [name] = wrong
    assert f'href="#{name}"' in page.text
    assert client.get("/guide/support/nothing").status_code == 404
    assert client.get("/guide/support/rif?round=2018").status_code == 200
