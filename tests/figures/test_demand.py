"""Who waits: counts by hand, what the public may read off them, the way to an offer, the feed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from matcher import clock
from matcher.extensions import db
from matcher.figures import demand, demand_words
from matcher.figures.demand import Asked
from matcher.models.need import NeedState
from matcher.reference.provinces import outlines
from tests.cast import Cast, in_days, make_need, make_person, make_school
from tests.figures.past import propose, step
from tests.proposals.test_inputs import counted

ATOM = "{http://www.w3.org/2005/Atom}"


def month_of(days: int) -> str:
    return clock.month(clock.local(in_days(days)).date())


def window(*days: int) -> dict[str, object]:
    return {"windows": [(in_days(day, 8), in_days(day, 15)) for day in days]}


@pytest.fixture
def waiting(any_cast: Cast) -> Cast:
    """Physics, havo: two classes come together and Anna's own one, first on day 30; technology,
    vmbo: one, on day 70. Asked, withdrawn, past and far-off requests do not count."""
    cast = any_cast
    make_need(cast.anna, cast.lorentz, groups=2, **window(60, 30))
    vmbo = {"levels": ["vmbo-b", "vmbo-k"], "subject": "techniek"}
    make_need(cast.bram, cast.vakschool, **vmbo, **window(70))
    asked = make_need(cast.bram, cast.vakschool)
    step(propose(asked, cast.lecture, in_days(30)), "release", clock.now())
    make_need(cast.bram, cast.vakschool, state=NeedState.WITHDRAWN)
    make_need(cast.bram, cast.vakschool, **window(-5))
    make_need(cast.bram, cast.vakschool, **window(500))
    north = make_school("Noorderpoort", cast.other_region, register_code="99NO00")
    make_need(make_person("Nora Noord", teacher=north), north, **window(30))
    db.session.commit()
    return cast


def told(asked: Asked) -> list[tuple[int, str, str, str, int]]:
    cells = demand.cells(asked)
    return sorted((c.region, c.subject, c.level, c.month, c.classes) for c in cells)


def test_every_class_that_waits_stands_in_one_cell(waiting: Cast) -> None:
    here, north = waiting.region.id, waiting.other_region.id
    assert told(Asked()) == [
        (here, "natuurkunde", "havo-bovenbouw", month_of(30), 3),
        (here, "techniek", "vmbo-b", month_of(70), 1),
        (north, "natuurkunde", "havo-bovenbouw", month_of(30), 1),
    ]
    assert told(Asked(subject="techniek")) == told(Asked(level="vmbo-b")) != []
    assert told(Asked(level="vmbo-k")) == []
    assert [row[0] for row in told(Asked(region=waiting.other_region))] == [north]
    assert [row[-1] for row in told(Asked(month=month_of(70)))] == [1]


def test_a_declined_class_waits_again(waiting: Cast) -> None:
    need = make_need(waiting.bram, waiting.vakschool, subject="techniek", **window(70))
    proposal = propose(need, waiting.lecture, in_days(70))
    step(proposal, "release", clock.now())
    asked = Asked(subject="techniek")
    assert demand.total(demand.cells(asked)) == 1
    step(proposal, "school_decline", clock.now(), reasons=["date"])
    db.session.flush()
    assert demand.total(demand.cells(asked)) == 2


@pytest.mark.parametrize(
    ("number", "cell", "sum_of"),
    [
        (0, "", ""),
        (1, "few", "few"),
        (2, "few", "few"),
        (3, "3", "3+"),
        (4, "4", "3+"),
        (9, "9", "5+"),
        (10, "10", "10+"),
        (1234, "1.234", "1.230+"),
    ],
)
def test_small_numbers_are_not_counted_out_in_public(
    app, number: int, cell: str, sum_of: str
) -> None:
    with app.test_request_context():
        few = {"few": "minder dan 3"}
        assert demand_words.exactly(number, may=False) == few.get(cell, cell)
        assert demand_words.roughly(number, may=False) == few.get(sum_of, sum_of)
        plain = {0: "", 1234: "1.234"}.get(number, str(number))
        assert demand_words.roughly(number, may=True) == plain


def numbers(page: str) -> list[str]:
    """What the table's cells say."""
    cells = re.findall(r'<td class="lb-num">(.*?)</td>', page, flags=re.S)
    spoken = [re.sub(r'<span aria-hidden="true">[^<]*</span>', "", cell) for cell in cells]
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in spoken]


def test_a_visitor_reads_rounded_sums_and_a_coordinator_those_of_her_region(
    waiting: Cast, any_app, sign_in
) -> None:
    page = any_app.test_client().get("/demand").text
    assert numbers(page) == ["minder dan 3", "·", "minder dan 3", "3+", "minder dan 3", "3+"]
    mine = sign_in(any_app.test_client(), waiting.gea).get("/demand").text
    assert numbers(mine) == ["minder dan 3", "·", "minder dan 3", "3", "1", "4"]


def test_a_cell_shows_requests_to_their_coordinator_only(waiting: Cast, any_app, sign_in) -> None:
    path = f"/demand/NL-NB/natuurkunde/{month_of(30)}"
    public = any_app.test_client().get(path).text
    assert "3 klassen wachten" in public
    for secret in ("Lorentz", "Duurzame energie in de klas", "Anna"):
        assert secret not in public
    assert "Lorentz" in sign_in(any_app.test_client(), waiting.gea).get(path).text
    assert "Lorentz" not in sign_in(any_app.test_client(), waiting.hugo).get(path).text
    small = any_app.test_client().get(f"/demand/NL-NB/techniek/{month_of(70)}").text
    assert "minder dan 3 klassen wachten" in small
    assert "1 klas" not in small


def told_topics(page: str) -> list[str]:
    found = re.search(r"Vooral over: (.*?)\.</p>", page)
    return found[1].split(", ") if found else []


def test_what_classes_ask_about_is_told_once_three_name_it(waiting: Cast, any_app, sign_in) -> None:
    """Two titles name energy, one of them for two classes that come together."""
    path = f"/demand/NL-NB/natuurkunde/{month_of(30)}"
    secret = make_need(waiting.anna, waiting.lorentz, title="Lenzen slijpen", **window(30))
    db.session.commit()
    public = any_app.test_client().get(path).text
    assert told_topics(public) == ["duurzame energie", "energie"]
    assert " (duurzame energie, energie): 4 klassen wachten" in public
    mine = told_topics(sign_in(any_app.test_client(), waiting.gea).get(path).text)
    assert mine[:2] == told_topics(public) and len(mine) == 3
    secret.title, waiting.need.title = "Iets", "Iets anders"
    db.session.commit()
    assert told_topics(any_app.test_client().get(path).text) == []


@pytest.mark.parametrize(
    "path", ["NL-XX/natuurkunde/2027-03", "NL-NB/nothing/2027-03", "NL-NB/natuurkunde/2027-13"]
)
def test_an_address_that_means_nothing_is_not_found(cast: Cast, client, path: str) -> None:
    assert client.get(f"/demand/{path}").status_code == 404


def test_a_text_to_pass_on_leads_back_to_the_cell(waiting: Cast, any_app) -> None:
    path = f"/demand/NL-NB/natuurkunde/{month_of(30)}"
    page = any_app.test_client().get(path).text
    (text,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, flags=re.S)
    assert text.startswith("Noord-Brabant, natuurkunde, ")
    assert text.endswith(f"http://localhost{path}")


def test_signing_in_leads_on_to_an_offer_that_is_filled_in(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    path = f"/demand/NL-NB/natuurkunde/{month_of(30)}/offer"
    away = client.get(path)
    assert away.status_code == 302
    assert "next=/demand/NL-NB/natuurkunde/" in away.location.replace("%2F", "/")
    sign_in(client, cast.carla)
    assert client.get(path).status_code == 200
    chosen = client.get(f"{path}?company={cast.windwerk.id}&kind=lecture")
    page = client.get(chosen.location).text
    ticked = re.findall(r'<input[^>]*checked[^>]*name="(\w+)"[^>]*value="([^"]*)"', page)
    assert {("subjects", "natuurkunde"), ("levels", "havo-bovenbouw")} <= set(ticked)
    assert [value for name, value in ticked if name == "subjects"] == ["natuurkunde"]


def test_nobody_begins_an_offer_for_another_company(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    path = f"/demand/NL-NB/natuurkunde/{month_of(30)}/offer"
    sign_in(client, cast.carla)
    answer = client.get(f"{path}?company={cast.printlab.id}&kind=lecture")
    assert (answer.status_code, "location" in answer.headers) == (200, False)


def entries(text: str) -> Iterator[tuple[str, str]]:
    for entry in ElementTree.fromstring(text).iter(f"{ATOM}entry"):
        yield entry.findtext(f"{ATOM}title", ""), entry.findtext(f"{ATOM}id", "")


def test_the_feed_tells_counts_and_no_more(waiting: Cast, any_app) -> None:
    client = any_app.test_client()
    answer = client.get("/demand.atom")
    assert answer.mimetype == "application/atom+xml"
    found = dict(entries(answer.text))
    titles = sorted(re.sub(r", [a-z]+ \d{4}:", ":", title) for title in found)
    assert titles == [
        "Groningen, natuurkunde: minder dan 3 klassen wachten",
        "Noord-Brabant, natuurkunde: 3 klassen wachten",
        "Noord-Brabant, techniek: minder dan 3 klassen wachten",
    ]
    assert sorted(key.rpartition("#")[2] for key in found.values()) == ["3", "few", "few"]
    assert "Lorentz" not in answer.text and "Duurzame" not in answer.text
    assert len(dict(entries(client.get("/demand.atom?region=NL-GR").text))) == 1
    again = client.get("/demand.atom", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_another_count_is_another_entry(waiting: Cast, any_app) -> None:
    client = any_app.test_client()
    before = {key for _title, key in entries(client.get("/demand.atom").text)}
    make_need(waiting.anna, waiting.lorentz, **window(30))
    db.session.commit()
    after = {key for _title, key in entries(client.get("/demand.atom").text)}
    assert [key.rpartition("#")[2] for key in after - before] == ["4"]


def test_the_page_costs_the_same_for_one_region_and_for_two(
    cast: Cast, client: FlaskClient
) -> None:
    def cost() -> int:
        db.session.commit()
        with counted() as seen:
            assert client.get("/demand").status_code == 200
        return len(seen)

    cost()
    before = cost()
    north = make_school("Noorderpoort", cast.other_region, register_code="99NO00")
    teacher = make_person("Nora Noord", teacher=north)
    for days in (30, 65, 100):
        make_need(teacher, north, subject="techniek", **window(days))
    assert cost() == before


def test_every_province_has_a_shape_and_a_place_for_its_number() -> None:
    drawing = outlines("nl")
    assert drawing is not None
    assert len({shape.name for shape in drawing.shapes}) == 12
    inside = [0 < s.x < drawing.width and 0 < s.y < drawing.height for s in drawing.shapes]
    assert all(inside)
    assert outlines("dk") is None


def test_the_middle_of_a_square_is_its_middle() -> None:
    from matcher.reference import provinces

    assert provinces._middle("M0 0L4 0L4 4L0 4zM10 10L11 10L11 11z") == (2.0, 2.0)
