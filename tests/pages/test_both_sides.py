"""Somebody who teaches and works at a company: one list holds both, and may be narrowed."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from matcher.extensions import db
from matcher.models.account import Role, RoleGrant
from matcher.models.proposal import Proposal
from tests.cast import Cast, add, in_days, make_need, make_offer, make_slot
from tests.offers.test_catalogue import counted_queries
from tests.proposals.scenes import another_need, ask, confirm


@pytest.fixture
def els(cast: Cast, client: FlaskClient, sign_in) -> FlaskClient:
    """Els of Printlab also teaches at the Lorentz."""
    cast.els.grants.append(RoleGrant(role=Role.TEACHER, school_id=cast.lorentz.id))
    cast.els.language = "en"
    db.session.commit()
    return sign_in(client, cast.els)


def both(cast: Cast, bring) -> dict[str, Proposal]:
    """One proposal for her own class, one for her company."""
    need = make_need(cast.els, cast.lorentz, title="Els vraagt")
    lecture = make_offer(cast.printlab, title="Els geeft", professionals=[cast.els_professional])
    slot = make_slot(cast.els_professional, in_days(30, 9))
    found = {
        "school": bring(cast, need, cast.lecture, cast.slot),
        "company": bring(cast, cast.need, lecture, slot),
    }
    db.session.commit()
    return found


def listed(client: FlaskClient, path: str) -> set[int]:
    page = client.get(path).text
    return {int(key) for key in re.findall(r'<h2[^>]*><a[^>]*href="/\w+/(\d+)"', page)}


@pytest.mark.parametrize(("path", "bring"), [("/proposals", ask), ("/visits", confirm)])
def test_both_sides_stand_in_one_list_and_can_be_narrowed(
    cast: Cast, els: FlaskClient, path: str, bring
) -> None:
    mine = both(cast, bring)
    ids = {side: proposal.id for side, proposal in mine.items()}
    assert listed(els, path) == set(ids.values())
    assert listed(els, f"{path}?side=school") == {ids["school"]}
    assert listed(els, f"{path}?side=company") == {ids["company"]}
    assert listed(els, f"{path}?side=coordinator") == set(ids.values())
    page = els.get(path).text
    assert ("For your class" in page, "For your company" in page) == (True, True)


def test_each_row_is_told_from_its_own_side(cast: Cast, els: FlaskClient) -> None:
    both(cast, ask)
    page = els.get("/proposals").text
    headings = re.findall(r'<h2[^>]*><a[^>]*href="/proposals/\d+"[^>]*>([^<]*)', page)
    # Her class is offered something of Windwerk's; her company is asked by Anna's request.
    assert sorted(headings) == sorted([cast.lecture.title, cast.need.title])
    assert page.count("Answer before") == 2


def test_who_stands_on_one_side_has_nothing_to_choose(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    for person in (cast.anna, cast.dirk):
        sign_in(client, person)
        assert "lb-tabs" not in client.get("/proposals").text


def test_a_list_of_both_sides_costs_the_same_for_one_and_for_three(
    cast: Cast, els: FlaskClient
) -> None:
    costs = []
    both(cast, ask)
    for number in range(2):
        db.session.expire_all()
        with counted_queries() as seen:
            els.get("/proposals")
        costs.append(len(seen))
        lecture = add(make_offer(cast.printlab, professionals=[cast.els_professional]))
        slot = make_slot(cast.els_professional, in_days(30, 12 + number))
        ask(cast, another_need(cast), lecture, slot)
        db.session.commit()
    assert costs[0] == costs[1]
