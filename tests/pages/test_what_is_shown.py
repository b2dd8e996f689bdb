"""Planted canaries: what each side's pages show of the other, state by state."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import Side
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.proposals import service
from tests.cast import Cast
from tests.proposals.scenes import ask, at, confirm

SCHOOL = {
    "school": "Lorentz Kanarie",
    "first": "Annakanarie",
    "full": "Annakanarie Achterkanarie",
    "mail": "kanarie-anna@example.nl",
    "phone": "0610101010",
    "street": "Kanariestraat 7",
}
COMPANY = {
    "first": "Dirkkanarie",
    "full": "Dirkkanarie Vogelkanarie",
    "mail": "kanarie-dirk@example.nl",
    "phone": "0620202020",
}
VISIT = {"room": "Lokaal Kanarie", "link": "https://kanarie.example.nl/film"}


def plant(cast: Cast) -> None:
    cast.lorentz.name, cast.lorentz.street = SCHOOL["school"], SCHOOL["street"]
    cast.anna.name, cast.anna.email = SCHOOL["full"], SCHOOL["mail"]
    cast.anna.phone = SCHOOL["phone"]
    cast.dirk.name, cast.dirk.email = COMPANY["full"], COMPANY["mail"]
    cast.dirk.phone = COMPANY["phone"]
    cast.dirk_professional.name = COMPANY["full"]
    cast.dirk_professional.email = COMPANY["mail"]
    db.session.flush()


def furnish(proposal: Proposal) -> None:
    visit = db.session.query(Visit).filter_by(proposal_id=proposal.id).one()
    visit.room, visit.video_url = VISIT["room"], VISIT["link"]


def bring(cast: Cast, state: str) -> Proposal:
    plant(cast)
    if state == "confirmed":
        proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
        furnish(proposal)
    else:
        proposal = ask(cast, cast.need, cast.lecture, cast.slot)
        if state != "asked":
            side = Side.SCHOOL if state == "school_yes" else Side.COMPANY
            by = cast.anna if side == Side.SCHOOL else cast.dirk
            service.accept(proposal, side=side, by=by)
    db.session.commit()
    return proposal


def seen(client: FlaskClient, path: str, canaries: dict[str, str]) -> set[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    return {name for name, canary in canaries.items() if canary in text}


@pytest.mark.parametrize(
    ("state", "of_school", "of_company"),
    [
        ("asked", set(), set()),
        ("school_yes", {"school", "first"}, {"first"}),
        ("company_yes", {"school", "first"}, {"first"}),
        ("confirmed", {"school", "first", "full"}, {"first", "full"}),
    ],
)
def test_a_proposal_discloses_step_by_step(
    cast: Cast, client: FlaskClient, sign_in, state: str, of_school: set, of_company: set
) -> None:
    path = f"/proposals/{bring(cast, state).id}"
    sign_in(client, cast.dirk)
    # The company reads of the school; its own name and the menu are its own business.
    assert seen(client, path, SCHOOL) == of_school
    assert seen(client, "/proposals?show=all", SCHOOL) == set()
    sign_in(client, cast.anna)
    assert seen(client, path, COMPANY) == of_company


def test_contacts_stand_on_the_visits_page_only(cast: Cast, client: FlaskClient, sign_in) -> None:
    path = f"/visits/{bring(cast, 'confirmed').id}"
    sign_in(client, cast.dirk)
    assert seen(client, path, SCHOOL) == set(SCHOOL)
    assert seen(client, path, VISIT) == set(VISIT)
    assert seen(client, f"{path}/calendar.ics", SCHOOL) == {"school"}
    assert seen(client, f"{path}/calendar.ics", COMPANY | VISIT) == set()
    sign_in(client, cast.anna)
    assert seen(client, path, COMPANY) == set(COMPANY)


@pytest.mark.parametrize("closed", [True, False])
def test_contacts_are_masked_thirty_days_after(
    cast: Cast, client: FlaskClient, sign_in, closed: bool
) -> None:
    proposal = bring(cast, "confirmed")
    key, ends_at = proposal.id, proposal.ends_at
    assert ends_at is not None
    path, hidden = f"/visits/{key}", {"mail", "phone", "street"}
    if closed:
        with at(ends_at + timedelta(hours=1)):
            service.deliver(proposal, side=Side.SCHOOL, by=cast.anna)
            db.session.commit()
    people: list[tuple[Person, dict[str, str]]] = [(cast.dirk, SCHOOL), (cast.anna, COMPANY)]
    for days, missing in ((29, set()), (31, hidden)):
        with at(ends_at + timedelta(days=days)):
            for person, other in people:
                sign_in(client, person)
                assert seen(client, path, other) == set(other) - missing
                assert seen(client, path, VISIT) == (set() if missing else set(VISIT))


def test_addresses_in_a_word_to_the_other_wait_for_the_agreement(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    proposal = bring(cast, "asked")
    note = "Liever later. Bel 06-20 20 20 20 of mail kanarie@example.nl, om 13:30 in lokaal 12"
    service.decline(proposal, side=Side.COMPANY, by=cast.dirk, reasons=["date"], note=note)
    db.session.commit()
    sign_in(client, cast.anna)
    text = client.get(f"/proposals/{proposal.id}").get_data(as_text=True)
    assert "Liever later. Bel […] of mail […], om 13:30 in lokaal 12" in text


@pytest.mark.parametrize("who", ["bram", "els", "farid", "hugo"])
@pytest.mark.parametrize("path", ["/proposals/{}", "/visits/{}", "/visits/{}/calendar.ics"])
def test_strangers_find_nothing(
    cast: Cast, client: FlaskClient, sign_in, who: str, path: str
) -> None:
    proposal = bring(cast, "confirmed")
    sign_in(client, getattr(cast, who))
    assert client.get(path.format(proposal.id)).status_code == 404


def test_nobody_sees_a_suggestion_before_its_release(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    from tests.proposals.scenes import suggest

    proposal = suggest(cast.need, cast.lecture, cast.slot)
    db.session.commit()
    found = {}
    for person in (cast.anna, cast.dirk, cast.carla, cast.gea, cast.hugo):
        sign_in(client, person)
        found[person.first_name] = client.get(f"/proposals/{proposal.id}").status_code
    assert found == {"Anna": 404, "Dirk": 404, "Carla": 404, "Gea": 200, "Hugo": 404}
