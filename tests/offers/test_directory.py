"""The directory's pages: where one was is found again, one's own requests narrow it, inviting."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matcher.extensions import db
from matcher.models.account import Role, RoleGrant
from matcher.models.moves import ProposalState
from matcher.models.need import NeedState
from matcher.models.proposal import Proposal
from tests.cast import Cast, in_days, make_need, make_offer, make_slot
from tests.offers.test_catalogue import counted_queries


@pytest.fixture
def anna(cast: Cast, client: FlaskClient, sign_in) -> FlaskClient:
    cast.anna.language = "en"
    db.session.commit()
    return sign_in(client, cast.anna)


def titles(client: FlaskClient, path: str) -> list[str]:
    return re.findall(r'<h2[^>]*><a[^>]*href="/offers/\d+[^>]*>([^<]*)', client.get(path).text)


def links(text: str, pattern: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(rf'href="({pattern}[^"]*)"', text)]


def test_back_leads_to_the_same_page_of_the_same_list_at_the_same_offer(
    cast: Cast, anna: FlaskClient
) -> None:
    for number in range(25):
        make_offer(cast.windwerk, title=f"Wind {number}", minutes=20 + number)
    db.session.commit()
    chosen = "?q=wind&kind=lecture&subject=techniek&order=short&within=90&page=2"
    listed = anna.get(f"/offers{chosen}").text
    detail = links(listed, r"/offers/\d+\?")[-1]
    (back,) = links(anna.get(detail).text, r"/offers\?")
    key = urlsplit(detail).path.rsplit("/", 1)[1]
    assert parse_qs(urlsplit(back).query) == parse_qs(chosen[1:])
    assert urlsplit(back).fragment == f"offer-{key}"
    assert f'id="offer-{key}"' in anna.get(back.split("#")[0]).text


def test_each_chosen_thing_can_be_taken_away_alone(cast: Cast, anna: FlaskClient) -> None:
    page = anna.get("/offers?q=wind&kind=lecture&kind=tour&within=40").text
    chips = re.findall(r'<a class="lb-chip" href="([^"]*)"', page)
    assert [parse_qs(urlsplit(html.unescape(chip)).query) for chip in chips] == [
        {"kind": ["lecture", "tour"], "within": ["40"]},
        {"kind": ["lecture", "tour"], "q": ["wind"]},
        {"kind": ["tour"], "q": ["wind"], "within": ["40"]},
        {"kind": ["lecture"], "q": ["wind"], "within": ["40"]},
    ]


def test_order_is_as_asked(cast: Cast, anna: FlaskClient) -> None:
    make_offer(cast.windwerk, title="Kort", minutes=20)
    make_offer(cast.zuivel, title="Ver en nieuw", published_at=in_days(1))
    db.session.commit()
    assert titles(anna, "/offers?order=short")[0] == "Kort"
    assert titles(anna, "/offers?order=new")[0] == "Ver en nieuw"
    assert titles(anna, "/offers?order=near")[-1] == "Ver en nieuw"
    assert titles(anna, "/offers?order=nonsense") == titles(anna, "/offers")


def test_only_what_fits_ones_own_request(cast: Cast, anna: FlaskClient, sign_in) -> None:
    make_offer(cast.windwerk, title="Te klein", max_group=5)
    busy = make_offer(cast.printlab, title="Andere dag", professionals=[cast.els_professional])
    make_slot(cast.els_professional, in_days(45, 9))
    db.session.commit()
    path = f"/offers?fits={cast.need.id}"
    assert set(titles(anna, path)) == {cast.lecture.title, busy.title}
    page = anna.get(path).text
    assert (page.count("not on your days"), page.count("free on your days")) == (1, 1)
    sign_in(anna, cast.bram)  # somebody else's request narrows nothing
    assert len(titles(anna, path)) == 3


def test_distance_is_from_the_school_one_chooses(cast: Cast, anna: FlaskClient) -> None:
    cast.anna.grants.append(RoleGrant(role=Role.TEACHER, school_id=cast.vakschool.id))
    db.session.commit()
    told = [
        re.findall(r"<li>(\d+) km</li>", anna.get(f"/offers?school={school.id}").text)
        for school in (cast.lorentz, cast.vakschool)
    ]
    assert told == [["0"], ["51"]]


def test_what_does_not_suit_is_said_before_one_asks(cast: Cast, anna: FlaskClient) -> None:
    cast.lecture.max_group, cast.lecture.levels = 20, ["vmbo-b"]
    db.session.commit()
    page = anna.get(f"/offers/{cast.lecture.id}?need={cast.need.id}").text
    assert "It takes smaller groups than your class." in page
    assert "It is made for other levels." in page
    assert "It is given in another language." not in page


def test_the_only_open_request_is_chosen_by_itself_and_one_click_asks(
    cast: Cast, anna: FlaskClient
) -> None:
    make_need(cast.anna, cast.lorentz, title="Nog niet af", state=NeedState.DRAFT)
    db.session.commit()
    page = anna.get(f"/offers/{cast.lecture.id}").text
    assert f'<option value="{cast.slot.id}">' in page
    assert "Nog niet af" not in page
    data = {"need": cast.need.id, "slot": cast.slot.id}
    assert anna.post(f"/offers/{cast.lecture.id}/invite", data=data).status_code == 303
    (proposal,) = db.session.scalars(select(Proposal)).all()
    assert (proposal.state, proposal.starts_at) == (ProposalState.SCHOOL_YES, cast.slot.starts_at)


@pytest.mark.parametrize("wrong", ["twice", "taken", "no time"])
def test_a_refused_invitation_says_why_and_forgets_nothing(
    cast: Cast, anna: FlaskClient, wrong: str
) -> None:
    path = f"/offers/{cast.lecture.id}/invite?q=wind&page=2"
    data = {"need": cast.need.id, "slot": cast.slot.id}
    if wrong == "twice":
        anna.post(path, data=data)
    elif wrong == "taken":
        cast.slot.taken = 1
        db.session.commit()
    else:
        del data["slot"]
    before = len(db.session.scalars(select(Proposal)).all())
    answer = anna.post(path, data=data)
    assert answer.status_code == 303
    query = parse_qs(urlsplit(answer.location).query)
    assert query == {"q": ["wind"], "page": ["2"], "need": [str(cast.need.id)]}
    assert "lb-alert--error" in anna.get(answer.location).text
    assert len(db.session.scalars(select(Proposal)).all()) == before


def test_the_page_says_which_pupils_an_offer_speaks_to(cast: Cast, client: FlaskClient) -> None:
    cast.lecture.angles = ["doer", "explorer"]
    db.session.commit()
    assert "Doener, Ontdekker" in client.get(f"/offers/{cast.lecture.id}").text


def test_the_page_costs_the_same_for_one_and_for_three(cast: Cast, anna: FlaskClient) -> None:
    costs = []
    for count in (0, 2):
        for number in range(count):
            host = [cast.dirk_professional]
            make_offer(cast.windwerk, title=f"Nog {number}", professionals=host)
            make_need(cast.anna, cast.lorentz, title=f"Vraag {number}")
        db.session.commit()
        with counted_queries() as seen:
            page = anna.get(f"/offers?fits={cast.need.id}").text
        costs.append((len(seen), page.count('id="offer-')))
    assert [shown for _cost, shown in costs] == [1, 3]
    assert costs[0][0] == costs[1][0]
