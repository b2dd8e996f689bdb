"""The pages of a company and of a school: who is let in, contacts, how guests arrive."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from matcher import clock
from matcher.accounts import registration
from matcher.errors import NotAllowed, NotFound, Taken, WrongState
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.journal import JournalEntry
from matcher.models.need import PlaceKind
from matcher.organisations import contacts
from tests.cast import Cast, make_person
from tests.proposals.scenes import confirm


def names(people: list[Person]) -> list[str]:
    return [person.first_name for person in people]


def test_a_contact_is_added_hands_over_and_is_removed(any_cast: Cast) -> None:
    cast = any_cast
    assert names(contacts.colleagues_of(cast.windwerk)) == ["Dirk"]
    contacts.add_contact(cast.windwerk, cast.dirk, by=cast.carla)
    assert names(contacts.contacts_of(cast.windwerk)) == ["Carla", "Dirk"]
    with pytest.raises(Taken):
        contacts.add_contact(cast.windwerk, cast.dirk, by=cast.carla)
    contacts.remove_contact(cast.windwerk, cast.dirk, by=cast.carla)
    assert names(contacts.contacts_of(cast.windwerk)) == ["Carla"]
    assert cast.dirk.has_role(Role.PROFESSIONAL)
    contacts.hand_over(cast.windwerk, cast.dirk, by=cast.carla)
    assert names(contacts.contacts_of(cast.windwerk)) == ["Dirk"]
    deeds = [row.deed for row in db.session.query(JournalEntry).order_by(JournalEntry.id)]
    assert deeds == ["contact_added", "contact_removed", "contact_added", "contact_removed"]


def test_the_last_contact_stays_also_beside_a_blocked_one(any_cast: Cast) -> None:
    cast = any_cast
    with pytest.raises(WrongState):
        contacts.remove_contact(cast.windwerk, cast.carla, by=cast.carla)
    with pytest.raises(WrongState):
        contacts.remove_contact(cast.windwerk, cast.carla, by=cast.gea)
    contacts.add_contact(cast.windwerk, cast.dirk, by=cast.carla)
    cast.dirk.blocked_at = clock.now()
    db.session.flush()
    with pytest.raises(WrongState):
        contacts.remove_contact(cast.windwerk, cast.carla, by=cast.carla)
    contacts.remove_contact(cast.windwerk, cast.dirk, by=cast.carla)
    assert names(contacts.contacts_of(cast.windwerk)) == ["Carla"]


def test_strangers_and_colleagues_change_no_contacts(cast: Cast) -> None:
    for stranger in (cast.els, cast.dirk, cast.anna, cast.hugo):
        with pytest.raises(NotAllowed):
            contacts.add_contact(cast.windwerk, cast.dirk, by=stranger)
        with pytest.raises(NotAllowed):
            contacts.remove_contact(cast.windwerk, cast.carla, by=stranger)
        with pytest.raises(NotAllowed):
            contacts.hand_over(cast.windwerk, cast.dirk, by=stranger)
    with pytest.raises(NotFound):
        contacts.add_contact(cast.windwerk, cast.els, by=cast.carla)


def test_who_was_invited_shows_until_they_come(any_cast: Cast) -> None:
    cast = any_cast
    for company, by in ((cast.windwerk, cast.carla), (cast.printlab, cast.els)):
        registration.invite(
            f"nieuw@{company.id}.nl", company, role=Role.COMPANY_CONTACT, language="nl", by=by
        )
    db.session.flush()
    (link,) = contacts.invitations_of(cast.windwerk)
    assert link.email == f"nieuw@{cast.windwerk.id}.nl"
    link.used_at = clock.now()
    db.session.flush()
    assert contacts.invitations_of(cast.windwerk) == []


def test_handing_over_on_the_page_leaves_the_page_to_the_other(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    path = f"/companies/{cast.windwerk.id}"
    sign_in(client, cast.carla)
    wrong = client.post(f"{path}/contacts/hand-over", data={"person": cast.els.id})
    assert (wrong.status_code, names(contacts.contacts_of(cast.windwerk))) == (400, ["Carla"])
    assert (
        client.post(f"{path}/contacts/hand-over", data={"person": cast.dirk.id}).status_code == 303
    )
    assert client.get(path).status_code in {403, 404}
    sign_in(client, cast.dirk)
    page = client.get(path).text
    assert "Dirk Jansen" in page


def test_the_school_page_is_for_its_teachers_and_its_region(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    colleague = make_person("Kees Collega", teacher=cast.lorentz)
    confirm(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    path = f"/schools/{cast.lorentz.id}"
    seen = {}
    for person in (cast.anna, colleague, cast.gea, cast.bram, cast.hugo, cast.carla):
        sign_in(client, person)
        seen[person.first_name] = client.get(path).status_code
    assert seen == {"Anna": 200, "Kees": 200, "Gea": 200, "Bram": 404, "Hugo": 404, "Carla": 403}
    sign_in(client, colleague)
    page = client.get(path).text
    assert [w in page for w in ("Windwerk", "Anna de Boer", "Kees Collega")] == [True] * 3
    # a colleague reads that it takes place, not the two sides' page of it
    assert [w for w in ("/visits/", "anna@example.nl", "dirk@example.nl") if w in page] == []


def test_how_guests_arrive_stands_on_the_visit_until_something_else_is_agreed(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    sign_in(client, cast.anna)
    words = "Melden bij de balie aan de Marconilaan."
    long = client.post(f"/schools/{cast.lorentz.id}/arrival", data={"arrival": "x" * 1001})
    assert (long.status_code, "x" * 1001 in long.text) == (422, True)
    assert (
        client.post(f"/schools/{cast.lorentz.id}/arrival", data={"arrival": words}).status_code
        == 303
    )
    sign_in(client, cast.dirk)
    assert words in client.get(f"/visits/{proposal.id}").text
    cast.lecture.place = PlaceKind.ONLINE
    db.session.commit()
    assert words not in client.get(f"/visits/{proposal.id}").text


def test_who_teaches_at_one_school_goes_straight_to_it(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.anna)
    assert client.get("/schools/mine").location == f"/schools/{cast.lorentz.id}"
