"""Files in: what is new, changed or the same; safe to repeat; only within one's own region."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from matcher.exchange import imports
from matcher.exchange.outcome import Report, Verdict
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.exchange import ImportKind
from matcher.models.journal import JournalEntry
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferState
from matcher.models.organisation import Company, School
from matcher.models.outbox import OutboxMail
from matcher.models.professional import Professional
from matcher.organisations import register
from matcher.reference import programme
from matcher.reference.system import DATA
from tests.cast import Cast, make_person
from tests.exchange import files

REGISTER = DATA / "nl" / "schools.csv"
TIMES_TWO = 95  # rows of the register that stand in it before, at most a house number apart


def counts(report: Report) -> tuple[int, int, int, int]:
    assert files.told(report) == []
    return tuple(report.counts[name] for name in ("new", "changed", "same", "aside"))  # type: ignore[return-value]


def one(model: type, **values: object):
    return db.session.scalars(select(model).filter_by(**values)).one()


def test_the_whole_register_comes_in_once_and_again_without_a_change(app: Flask) -> None:
    register._load_regions(programme("nl"))
    db.session.commit()
    content = REGISTER.read_bytes()
    assert counts(files.bring("schools", content)) == (8717 - TIMES_TWO, 0, 0, TIMES_TWO)
    own = register.load_register("nl")  # numbers what stands there twice
    assert own == {"regions": 12, "schools": 8717, "new": TIMES_TWO}
    db.session.commit()
    assert counts(files.bring("schools", content)) == (0, 0, 8717 - TIMES_TWO, TIMES_TWO)


def test_a_part_of_the_register_on_both_databases(any_app: Flask) -> None:
    register._load_regions(programme("nl"))
    db.session.commit()
    content = b"\n".join(REGISTER.read_bytes().splitlines()[:601])
    first = files.bring("schools", content)
    assert (first.problems, first.count(Verdict.NEW)) == ([], 589)
    assert counts(files.bring("schools", content)) == (0, 0, 589, 11)


def test_duo_s_layout_is_read_as_it_is_published(cast: Cast) -> None:
    row = {
        "PROVINCIE": "Noord-Brabant",
        "BEVOEGD GEZAG NUMMER": "40001",
        "INSTELLINGSCODE": "01AB",
        "VESTIGINGSCODE": "01AB00",
        "VESTIGINGSNAAM": "Café-college Zuid",
        "STRAATNAAM": "Één straat",
        "HUISNUMMER-TOEVOEGING": "12 a",
        "POSTCODE": "5611 ab",
        "PLAATSNAAM": "EINDHOVEN",
        "GEMEENTENAAM": "EINDHOVEN",
        "INTERNETADRES": "www.zuid.nl",
        "ONDERWIJSSTRUCTUUR": "HAVO/VWO",
    }
    for encoding in ("windows-1252", "utf-8", "utf-8-sig", "utf-16"):
        report = files.bring("schools", files.as_csv([row], encoding=encoding))
        assert report.problems == []
        assert report.strangers == ["BEVOEGD GEZAG NUMMER", "INSTELLINGSCODE"]
    school = one(School, register_code="01AB00")
    told = (school.name, school.street, school.postcode, school.municipality, school.kind)
    assert told == ("Café-college Zuid", "Één straat 12 a", "5611AB", "Eindhoven", "HAVO/VWO")
    assert (school.region_id, school.holiday_region) == (cast.region.id, "ZU")
    assert school.search == "cafe college zuid eindhoven 5611ab"


def test_a_school_that_moves_takes_its_place_along(cast: Cast) -> None:
    moved = {"code": cast.lorentz.register_code, "naam": "Lorentz", "postcode": "4811AB"}
    report = files.bring("schools", files.as_csv([moved | {"plaats": "Breda"}]))
    assert report.lines[0].changes["postcode"] == ["5611AB", "4811AB"]
    assert report.lines[0].changes["name"] == ["Lorentz College", "Lorentz"]
    assert (round(cast.lorentz.latitude, 1), cast.lorentz.search) == (51.6, "lorentz breda 4811ab")


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_companies_by_number_and_place(cast: Cast, separator: str) -> None:
    two = files.COMPANY | {"naam": "Molenbouw Breda", "postcode": "4811AB"}
    rows = [files.COMPANY | {"vestiging": ""}, two | {"vestiging": "000012345678"}]
    content = files.as_csv(rows, separator)
    assert counts(files.bring("companies", content, cast.gea)) == (2, 0, 0, 0)
    assert counts(files.bring("companies", content, cast.gea)) == (0, 0, 2, 0)
    renamed = files.as_csv([rows[0], rows[1] | {"naam": "Molens in Breda"}])
    report = files.bring("companies", renamed, cast.gea)
    assert report.lines[1].changes == {"name": ["Molenbouw Breda", "Molens in Breda"]}
    assert one(Company, name="Molens in Breda").establishment == "000012345678"


def test_a_number_stays_text_and_a_place_of_a_company_is_no_twin(cast: Cast) -> None:
    report = files.bring("companies", files.as_xlsx([files.COMPANY | {"kvk": 1234567}]))
    assert files.told(report) == [
        (
            2,
            "Nummer in het handelsregister",
            "Een KvK-nummer heeft 8 cijfers; let op nullen vooraan.",
        )
    ]


def test_people_with_their_roles_and_cards(any_cast: Cast) -> None:
    card = files.TEACHER | {"mail": "gast@windwerk.nl", "rol": "gastdocent", "school": ""}
    card |= {"bedrijf": "windwerk", "profession": "Monteur", "radius_km": "25"}
    teacher = files.TEACHER | {"profession": "", "radius_km": ""}
    content = files.as_csv([teacher, card])
    assert counts(files.bring("people", content, any_cast.gea)) == (2, 0, 0, 0)
    assert counts(files.bring("people", content, any_cast.gea)) == (0, 0, 2, 0)
    person = one(Person, email="nieuw@school.nl")
    assert [(g.role, g.school_id) for g in person.grants] == [(Role.TEACHER, any_cast.lorentz.id)]
    made = one(Professional, email="gast@windwerk.nl")
    assert (made.profession, made.radius_km, made.company_id) == (
        "Monteur",
        25,
        any_cast.windwerk.id,
    )
    assert made.person_id == one(Person, email="gast@windwerk.nl").id
    mails = db.session.scalars(select(OutboxMail).order_by(OutboxMail.to_address)).all()
    assert [mail.to_address for mail in mails] == ["gast@windwerk.nl", "nieuw@school.nl"]
    assert all("Gea Mulder heeft je ingevoerd" in mail.body for mail in mails)


def test_a_professional_without_an_account_stays_without(cast: Cast) -> None:
    row = {"mail": "k@windwerk.nl", "naam": "Kim Kaart", "rol": "professional"}
    row |= {"bedrijf": "Windwerk", "account": "nee", "profession": "Lasser"}
    assert counts(files.bring("people", files.as_csv([row]), cast.gea)) == (1, 0, 0, 0)
    assert counts(files.bring("people", files.as_csv([row]), cast.gea)) == (0, 0, 1, 0)
    assert one(Professional, email="k@windwerk.nl").person_id is None
    assert db.session.scalar(select(func.count()).where(Person.email == "k@windwerk.nl")) == 0


def test_whose_account_also_belongs_elsewhere_is_not_renamed(cast: Cast) -> None:
    boss = make_person("Ada Beheer", administrator=True)
    db.session.commit()
    for person in (cast.farid, boss):
        row = files.TEACHER | {"mail": person.email, "naam": "Zomaar Iemand"}
        report = files.bring("people", files.as_csv([row]), cast.gea)
        assert [(p.row, p.column) for p in report.problems] == [(2, "Naam")]
    assert (cast.farid.name, boss.name) == ("Farid Haddad", "Ada Beheer")


def test_only_an_administrator_makes_coordinators(cast: Cast) -> None:
    row = {"mail": "x@school.nl", "naam": "X", "rol": "coordinator", "regio": "NL-NB"}
    report = files.bring("people", files.as_csv([row]), cast.gea)
    assert files.told(report) == [(2, "Rol", "Alleen een beheerder kan deze rol geven.")]
    assert counts(files.bring("people", files.as_csv([row]))) == (1, 0, 0, 0)


def test_requests_are_opened_with_the_rules_of_the_form(any_cast: Cast) -> None:
    content = files.as_csv([files.NEED])
    assert counts(files.bring("needs", content, any_cast.gea)) == (1, 0, 0, 0)
    assert counts(files.bring("needs", content, any_cast.gea)) == (0, 0, 1, 0)
    need = one(Need, reference="v-1")
    assert (need.state, need.teacher_id) == (NeedState.OPEN, any_cast.anna.id)
    assert (need.levels, need.years, need.kinds) == (["havo-bovenbouw"], [4], ["lecture", "tour"])
    assert [(w.starts_at, w.ends_at) for w in need.windows] == [
        (datetime(2027, 3, 1, 8, tzinfo=UTC), datetime(2027, 3, 1, 9, tzinfo=UTC)),
        (datetime(2027, 3, 2, 12, 30, tzinfo=UTC), datetime(2027, 3, 2, 14, 10, tzinfo=UTC)),
    ]
    report = files.bring("needs", files.as_csv([files.NEED | {"leerlingen": "31"}]), any_cast.gea)
    assert report.lines[0].changes == {"group_size": [28, 31]}
    deeds = select(JournalEntry.deed).where(JournalEntry.record_type == "Need")
    assert db.session.scalars(deeds.order_by(JournalEntry.id)).all() == [
        "publish",
        "import",
        "edit",
    ]


def test_a_request_that_lacks_something_is_told_at_its_column(cast: Cast) -> None:
    rows = [
        files.NEED | {"doel": ""},
        files.NEED | {"kenmerk": "v-2", "docent": "bram@example.nl"},
        files.NEED | {"kenmerk": "v-3", "vak": "toveren"},
    ]
    report = files.bring("needs", files.as_csv(rows), cast.gea)
    assert [(p.row, p.column) for p in report.problems] == [
        (2, "Wat leerlingen meenemen"),
        (3, "Docent (mailadres)"),
        (4, "Vak"),
    ]
    assert db.session.scalar(select(func.count()).select_from(Need)) == 1


def test_offers_are_published_with_the_rules_of_the_form(any_cast: Cast) -> None:
    webinar = files.OFFER | {"kenmerk": "a-2", "soort": "webinar", "titel": "Live van zee"}
    rows = [
        files.OFFER | {"dates": ""},
        webinar | {"dates": "2027-03-01 10:00-11:00 x 12"},
    ]
    content = files.as_csv(rows)
    assert counts(files.bring("offers", content, any_cast.gea)) == (2, 0, 0, 0)
    assert counts(files.bring("offers", content, any_cast.gea)) == (0, 0, 2, 0)
    lecture, online = one(Offer, reference="a-1"), one(Offer, reference="a-2")
    assert (lecture.state, lecture.professionals) == (
        OfferState.PUBLISHED,
        [any_cast.dirk_professional],
    )
    assert [(d.starts_at, d.seats) for d in online.dates] == [
        (datetime(2027, 3, 1, 9, tzinfo=UTC), 12)
    ]
    paused = files.as_csv([rows[0] | {"state": "gepauzeerd"}])
    assert files.bring("offers", paused, any_cast.gea).lines[0].changes == {
        "state": ["published", "paused"]
    }


def test_an_offer_that_lacks_something_is_told_at_its_column(cast: Cast) -> None:
    rows = [
        files.OFFER | {"gastdocenten": "els@example.nl"},
        files.OFFER | {"kenmerk": "a-2", "gastdocenten": ""},
    ]
    report = files.bring("offers", files.as_csv(rows), cast.gea)
    assert [(p.row, p.column) for p in report.problems] == [
        (2, "Gastdocenten (mailadressen)"),
        (3, "Gastdocenten (mailadressen)"),
    ]


def test_a_coordinator_touches_only_her_own_region(cast: Cast) -> None:
    north = files.SCHOOL | {"code": "02AB00", "postcode": "9711AB", "plaats": "Groningen"}
    report = files.bring("schools", files.as_csv([files.SCHOOL, north]), cast.gea)
    assert counts(report) == (1, 0, 0, 1)
    assert report.lines[1].note == "Ligt in een andere regio: Groningen"
    rows = {
        "companies": {"naam": "Zuivel Noord", "postcode": "9711AB", "medewerkers": "9"},
        "people": files.TEACHER | {"rol": "contact", "bedrijf": "Zuivel Noord"},
        "offers": files.OFFER | {"bedrijf": "Zuivel Noord"},
        "needs": files.NEED,
    }
    for kind, row in rows.items():
        by = cast.hugo if kind == "needs" else cast.gea
        report = files.bring(kind, files.as_csv([row]), by)
        says = [problem.says for problem in report.problems]
        assert says == ["Dit ligt in een regio die niet van jou is."], kind


def test_a_look_changes_nothing(any_cast: Cast) -> None:
    before = files.dump()
    for kind, row in (("needs", files.NEED), ("offers", files.OFFER), ("people", files.TEACHER)):
        report = imports.look(ImportKind(kind), files.as_csv([row]), files.scope(any_cast.gea))
        assert counts(report) == (1, 0, 0, 0), kind
    db.session.commit()
    assert files.dump() == before
