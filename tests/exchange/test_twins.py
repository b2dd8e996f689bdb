"""What stands twice: found, made one with all that belonged to it, and taken back to the byte."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matcher import clock
from matcher.errors import NotAllowed, NotFound, Taken, WrongState
from matcher.exchange import duplicates, merges
from matcher.extensions import db
from matcher.models.account import Role, RoleGrant, SignInSession
from matcher.models.exchange import Merge, MergeKind, MergeState
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.organisation import Company, LessonPeriod, School
from matcher.models.outbox import OutboxMail
from matcher.models.professional import ClaimedQuarter, Load, Professional, Slot
from matcher.privacy import erasure
from matcher.proposals import consistency
from tests.cast import (
    Cast,
    add,
    in_days,
    make_company,
    make_need,
    make_offer,
    make_person,
    make_professional,
    make_school,
    make_slot,
)
from tests.exchange import files
from tests.proposals import scenes

NOTES = {"merge", "journal_entry", "outbox_mail", "sign_in_session"}  # what a deed leaves behind


def stored() -> dict[str, Any]:
    return {name: rows for name, rows in files.dump().items() if name not in NOTES}


def found(kind: str, by: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (twin.first.name, twin.second.name, twin.why)
        for twin in duplicates.twins(MergeKind(kind), files.scope(by))
    ]


def join(kind: str, kept: Any, gone: Any, by: Any) -> Merge:
    made = merges.merge(MergeKind(kind), kept, gone, scope=files.scope(by))
    db.session.commit()
    return made


def undo(made: Merge, by: Any) -> None:
    merges.undo(made, scope=files.scope(by))
    db.session.commit()


def agrees() -> bool:
    return not any(consistency.check().values())


def second_windwerk(cast: Cast) -> Company:
    """Windwerk once more, with a card of Dirk, an offer and an agreed visit."""
    twin = make_company("Windwerk B.V.", cast.region, website="https://windwerk.nl", employees=800)
    card = make_professional(twin, "Dirk Jansen")
    offer = make_offer(twin, title="Wind", professionals=[card])
    slot = make_slot(card, in_days(33, 11))
    scenes.confirm(cast, make_need(cast.anna, cast.lorentz), offer, slot)
    add(RoleGrant(person_id=cast.carla.id, role=Role.COMPANY_CONTACT, company_id=twin.id))
    db.session.commit()
    return twin


# ---- found --------------------------------------------------------------------------------------
def test_companies_of_nearly_one_name_are_found(cast: Cast) -> None:
    assert found("company", cast.gea) == []
    make_company("WINDWERK b.v.", cast.region)
    make_company("Windwerk Noord", cast.other_region)
    db.session.commit()
    assert found("company", cast.gea) == [("Windwerk", "WINDWERK b.v.", ("name",))]
    assert found("company", cast.hugo) == []


def test_schools_share_a_building_without_being_one(cast: Cast) -> None:
    cast.lorentz.street = "Kerkstraat 1"
    make_school("Montessori", cast.region, street="Kerkstraat 1")
    db.session.commit()
    assert found("school", cast.gea) == []
    make_school("Het Lorentz", cast.region, street="Kerkstraat 1", register_code="98AA00")
    db.session.commit()
    assert found("school", cast.gea) == [("Lorentz College", "Het Lorentz", ("name", "place"))]


def test_people_with_two_addresses_are_found(cast: Cast) -> None:
    make_person("A. de Boer", email="anna+werk@example.nl", teacher=cast.lorentz)
    make_person("Anna de Boer", email="boer@elders.nl", teacher=cast.vakschool)
    db.session.commit()
    assert found("person", cast.gea) == [("Anna de Boer", "A. de Boer", ("mail",))]


def test_who_were_kept_apart_are_not_shown_again(cast: Cast) -> None:
    twin = make_company("Windwerk BV", cast.region)
    db.session.commit()
    merges.keep_apart(MergeKind.COMPANY, twin, cast.windwerk, by=cast.gea)
    db.session.commit()
    assert found("company", cast.gea) == []


# ---- made one, and taken back -------------------------------------------------------------------
def test_a_company_s_all_goes_over_and_comes_back(any_cast: Cast) -> None:
    cast = any_cast
    twin = second_windwerk(cast)
    assert agrees()
    before = stored()
    gone_id, kept_id = twin.id, cast.windwerk.id
    made = join("company", cast.windwerk, twin, cast.gea)
    assert db.session.get(Company, gone_id) is None
    assert {offer.company_id for offer in db.session.scalars(select(Offer))} == {kept_id}
    cards = db.session.scalars(select(Professional).filter_by(email="dirk@example.nl")).all()
    assert [card.id for card in cards] == [cast.dirk_professional.id]
    slots = db.session.scalars(select(Slot).filter_by(professional_id=cards[0].id)).all()
    assert len(slots) == 2
    held = set(db.session.scalars(select(ClaimedQuarter.professional_id)))
    assert held == {cast.dirk_professional.id}
    assert set(db.session.scalars(select(Load.holder))) == {
        f"company:{kept_id}",
        f"professional:{cards[0].id}",
    }
    assert cast.windwerk.website == "https://windwerk.nl"
    grants = [g for g in cast.carla.grants if g.company_id == kept_id]
    assert len(grants) == 1
    assert agrees()
    undo(made, cast.gea)
    assert stored() == before
    assert agrees()


def test_a_school_s_all_goes_over_and_comes_back(any_cast: Cast) -> None:
    cast = any_cast
    twin = make_school("Lorentz", cast.region, register_code="98AA00")
    teacher = make_person("Tom Twee", teacher=twin)
    cast.need.reference = "v-1"
    need = make_need(teacher, twin, reference="v-1")
    for school, ends in ((twin, "09:30"), (cast.lorentz, "09:20")):
        add(LessonPeriod(school_id=school.id, name="1", starts="08:30", ends=ends))
    db.session.commit()
    before = stored()
    made = join("school", cast.lorentz, twin, cast.gea)
    assert {n.school_id for n in db.session.scalars(select(Need))} == {cast.lorentz.id}
    assert (cast.need.reference, need.reference) == ("v-1", None)
    assert teacher.school_ids == {cast.lorentz.id}
    assert [p.ends for p in db.session.scalars(select(LessonPeriod))] == ["09:20"]
    undo(made, cast.gea)
    assert stored() == before


def test_two_accounts_become_one_and_both_addresses_hear_it(any_cast: Cast) -> None:
    cast = any_cast
    twin = make_person("A. de Boer", email="anna+werk@example.nl", teacher=cast.lorentz)
    twin.phone = "040 123"
    need = make_need(twin, cast.lorentz)
    db.session.commit()
    before = stored()
    made = join("person", cast.anna, twin, cast.gea)
    assert (need.teacher_id, cast.anna.phone) == (cast.anna.id, "040 123")
    assert [grant.role for grant in cast.anna.grants] == [Role.TEACHER]
    mails = db.session.scalars(select(OutboxMail).filter_by(message="accounts_joined")).all()
    assert sorted(mail.to_address for mail in mails) == ["anna+werk@example.nl", "anna@example.nl"]
    undo(made, cast.gea)
    assert stored() == before


def test_nobody_stays_signed_in_as_somebody_else(cast: Cast, client: FlaskClient, sign_in) -> None:
    twin = make_person("A. de Boer", email="anna+werk@example.nl", teacher=cast.lorentz)
    sign_in(client, twin)
    assert client.get("/account").status_code == 200
    join("person", cast.anna, twin, cast.gea)
    assert client.get("/account").status_code == 302
    assert db.session.scalars(select(SignInSession)).all() == []


# ---- refused ------------------------------------------------------------------------------------
def test_who_is_booked_twice_at_one_time_cannot_be_one(any_cast: Cast) -> None:
    cast = any_cast
    twin = second_windwerk(cast)
    slot = make_slot(cast.dirk_professional, in_days(33, 11))
    scenes.confirm(cast, make_need(cast.bram, cast.vakschool), cast.lecture, slot)
    db.session.commit()
    before = files.dump()
    with pytest.raises(Taken):
        merges.merge(MergeKind.COMPANY, cast.windwerk, twin, scope=files.scope(cast.gea))
    db.session.commit()
    assert files.dump() == before


def test_an_undo_is_refused_once_something_changed(any_cast: Cast) -> None:
    cast = any_cast
    twin = second_windwerk(cast)
    made = join("company", cast.windwerk, twin, cast.gea)
    cast.windwerk.website = "https://nieuw.nl"
    db.session.commit()
    before = files.dump()
    with pytest.raises(WrongState, match="company"):
        merges.undo(made, scope=files.scope(cast.gea))
    db.session.commit()
    assert files.dump() == before


def test_an_undo_is_refused_when_the_name_is_taken_by_now(any_cast: Cast) -> None:
    cast = any_cast
    made = join("company", cast.windwerk, second_windwerk(cast), cast.gea)
    make_company("Windwerk B.V.", cast.region)
    db.session.commit()
    before = files.dump()
    with pytest.raises(WrongState):
        merges.undo(made, scope=files.scope(cast.gea))
    db.session.commit()
    assert files.dump() == before


def test_it_is_undone_once(cast: Cast) -> None:
    made = join("company", cast.windwerk, second_windwerk(cast), cast.gea)
    undo(made, cast.gea)
    with pytest.raises(WrongState):
        merges.undo(made, scope=files.scope(cast.gea))


def test_what_lies_elsewhere_is_not_hers_to_join(cast: Cast) -> None:
    scope = files.scope(cast.gea)
    with pytest.raises(NotFound):
        merges.pair(MergeKind.COMPANY, cast.windwerk.id, cast.zuivel.id, scope)
    with pytest.raises(NotFound):
        merges.pair(MergeKind.PERSON, cast.anna.id, cast.farid.id, scope)
    with pytest.raises(NotFound):
        merges.pair(MergeKind.PERSON, cast.anna.id, cast.anna.id, scope)
    with pytest.raises(NotAllowed):
        merges.merge(MergeKind.PERSON, cast.anna, cast.gea, scope=scope)


def test_what_an_erased_account_was_is_forgotten(cast: Cast) -> None:
    twin = make_person("A. de Boer", email="anna+werk@example.nl", teacher=cast.lorentz)
    db.session.commit()
    made = join("person", cast.anna, twin, cast.gea)
    erasure.erase(cast.anna, by=cast.anna)
    db.session.commit()
    assert (made.steps, made.gone_label, made.gone_key) == ([], "", "")
    with pytest.raises(WrongState):
        merges.undo(made, scope=files.scope(cast.gea))


def test_what_was_joined_long_ago_is_not_kept_apart_any_more(cast: Cast) -> None:
    made = join("company", cast.windwerk, second_windwerk(cast), cast.gea)
    assert merges.forget_old() == 0
    made.at = clock.now() - merges.UNDONE_WITHIN - timedelta(days=1)
    db.session.commit()
    assert (merges.forget_old(), made.steps) == (1, [])


# ---- afterwards ---------------------------------------------------------------------------------
def test_a_file_does_not_bring_the_second_one_back(cast: Cast) -> None:
    twin = make_school("Lorentz", cast.region, register_code="98AA00")
    row = {"code": "98AA00", "naam": "Lorentz", "postcode": "5611AB", "plaats": "Eindhoven"}
    made = join("school", cast.lorentz, twin, cast.gea)
    report = files.bring("schools", files.as_csv([row]), cast.gea)
    assert [(line.verdict, line.note) for line in report.lines] == [
        ("aside", "Is samengevoegd met Lorentz College, Eindhoven")
    ]
    undo(made, cast.gea)
    assert files.bring("schools", files.as_csv([row]), cast.gea).counts["same"] == 1


def test_the_pages_join_and_undo(cast: Cast, client: FlaskClient, sign_in) -> None:
    twin = second_windwerk(cast)
    keys = {"kind": "company", "first": str(cast.windwerk.id), "second": str(twin.id)}
    sign_in(client, cast.gea)
    assert "Windwerk B.V." in client.get("/exchange/twins").get_data(as_text=True)
    page = client.get("/exchange/twins/pair", query_string=keys).get_data(as_text=True)
    assert "Windwerk B.V." in page and "verschilt" in page
    client.post("/exchange/twins/merge", data=keys)
    assert db.session.scalars(select(Merge)).all() == []
    client.post("/exchange/twins/merge", data=keys | {"keep": keys["first"]})
    (made,) = db.session.scalars(select(Merge)).all()
    assert (made.state, made.gone_label) == (MergeState.MERGED, "Windwerk B.V., Eindhoven")
    client.post(f"/exchange/twins/{made.id}/undo")
    db.session.expire_all()
    assert made.state == MergeState.UNDONE
    client.post("/exchange/twins/apart", data=keys)
    assert found("company", cast.gea) == []
    sign_in(client, cast.hugo)
    assert client.get("/exchange/twins/pair", query_string=keys).status_code == 404
    assert client.post("/exchange/twins/merge", data=keys | {"keep": "1"}).status_code == 404
    names = {school.name for school in db.session.scalars(select(School))}
    assert names == {"Lorentz College", "Vakschool Breda"}
