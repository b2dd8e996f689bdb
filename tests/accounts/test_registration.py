"""Coming in new: nothing is kept of anybody who has not used the mailed link."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from matcher.accounts import passwords, registration
from matcher.errors import NotAllowed
from matcher.extensions import db
from matcher.models.account import MailLink, Person, Role
from matcher.models.organisation import Company
from matcher.models.outbox import OutboxMail
from tests.cast import Cast, make_professional, make_school

PASSWORD = "een brug van wind"
COMPANY = {
    "company_name": "Molenbouw",
    "register_code": "12345678",
    "sector": "wind",
    "employees": "12",
    "postcode": "5611 AB",
    "name": "Ida Bos",
    "email": "ida@molenbouw.nl",
}


def _mails() -> list[tuple[str, str]]:
    rows = select(OutboxMail.message, OutboxMail.to_address).order_by(OutboxMail.id)
    return [(message, address) for message, address in db.session.execute(rows)]


def _link() -> str:
    body = db.session.scalars(select(OutboxMail.body).order_by(OutboxMail.id.desc())).first()
    [path] = re.findall(r"http://localhost(/\S+)", str(body))
    return path


def _person(email: str) -> Person:
    return db.session.scalars(select(Person).where(Person.email == email)).one()


def _count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def _register(client: FlaskClient, cast: Cast, email: str, name: str = "Joke Bos"):
    data = {"school_id": str(cast.lorentz.id), "name": name, "email": email}
    return client.post("/register/teacher", data=data, headers={"Accept-Language": "en"})


# ---- teachers -----------------------------------------------------------------------------------
def test_a_teacher_finds_a_school_without_script(cast: Cast, client: FlaskClient) -> None:
    make_school("Collège Één", cast.region, register_code="99CE00", search="college een eindhoven")
    db.session.commit()

    def found(words: str) -> list[str]:
        page = client.get("/register/teacher", query_string={"q": words}).text
        return re.findall(r'href="/register/teacher\?school=\d+">([^<]+)<', page)

    assert found("lor") == ["Lorentz College"]
    assert found("COLLEGE EINDHOVEN") == ["Collège Één", "Lorentz College"]
    assert found("collège") == ["Collège Één", "Lorentz College"]
    assert found("rentz eind") == ["Lorentz College"]
    assert found("% _") == []
    assert found("nowhere") == []


def test_a_closed_school_is_not_found_and_not_taken(cast: Cast, client: FlaskClient) -> None:
    cast.lorentz.is_open = False
    db.session.commit()
    assert "Lorentz College" not in client.get("/register/teacher?q=lorentz").text
    assert _register(client, cast, "joke@example.nl").status_code == 422
    assert _count(MailLink) == 0


def test_a_teacher_becomes_a_person_only_by_the_mailed_link(
    cast: Cast, client: FlaskClient
) -> None:
    before = _count(Person)
    assert _register(client, cast, "Joke@Example.nl").status_code == 303
    assert _count(Person) == before
    assert _mails() == [("verify", "joke@example.nl")]
    path = _link()
    assert 'value="Joke Bos"' in client.get(path).text
    assert _count(Person) == before  # looking makes nobody
    client.post(path, data={"name": "Joke Bos", "password": PASSWORD})
    joke = _person("joke@example.nl")
    assert [(g.role, g.school_id) for g in joke.grants] == [(Role.TEACHER, cast.lorentz.id)]
    assert (joke.language, joke.email_verified_at is not None) == ("en", True)
    assert passwords.fits(joke.password_hash, PASSWORD)
    assert "Welcome, Joke! You are signed in." in client.get("/account").text
    assert client.post(path, data={"name": "Joke Bos"}).status_code == 409


def test_a_password_is_a_choice(cast: Cast, client: FlaskClient) -> None:
    _register(client, cast, "joke@example.nl")
    client.post(_link(), data={"name": "Joke Bos", "password": ""})
    assert _person("joke@example.nl").password_hash is None


def test_a_known_address_gets_the_same_answer_and_another_mail(
    cast: Cast, client: FlaskClient
) -> None:
    new, known = (
        _register(client, cast, "joke@example.nl"),
        _register(client, cast, "anna@example.nl"),
    )
    assert (new.status_code, new.headers["Location"]) == (303, "/look-in-your-mail")
    assert (known.status_code, known.headers["Location"]) == (303, "/look-in-your-mail")
    assert _mails() == [("verify", "joke@example.nl"), ("already_known", "anna@example.nl")]
    assert cast.anna.name == "Anna de Boer"
    assert _link() == "/sign-in"


def test_who_registers_last_gets_the_working_link(cast: Cast, client: FlaskClient) -> None:
    """An address cannot be kept from its owner by registering it first."""
    _register(client, cast, "joke@example.nl", name="A Thief")
    thiefs = _link()
    _register(client, cast, "joke@example.nl")
    assert client.post(thiefs, data={"name": "A Thief"}).status_code == 409
    assert client.post(_link(), data={"name": "Joke Bos"}).status_code == 303
    assert _person("joke@example.nl").name == "Joke Bos"


def test_roles_cannot_be_asked_for(cast: Cast, client: FlaskClient) -> None:
    data = {"school_id": str(cast.lorentz.id), "name": "Joke Bos", "email": "joke@example.nl"}
    client.post("/register/teacher", data={**data, "role": "administrator", "region_id": "1"})
    client.post(_link(), data={"name": "Joke Bos", "role": "administrator", "email": "x@y.nl"})
    assert [grant.role for grant in _person("joke@example.nl").grants] == [Role.TEACHER]


@pytest.mark.parametrize("school", ["", "0", "999999", "1 OR 1=1", "9" * 400, "-1"])
def test_a_school_must_be_one_of_the_register(cast: Cast, client: FlaskClient, school: str) -> None:
    data = {"school_id": school, "name": "Joke Bos", "email": "joke@example.nl"}
    assert client.post("/register/teacher", data=data).status_code == 422
    assert _mails() == []


@pytest.mark.parametrize(
    "email",
    ["joke", "joke@", "joke@school", "a b@example.nl", "j@example.nl\nBcc: x@y.nl", "é@é.nl"],
)
def test_an_address_must_be_one(cast: Cast, client: FlaskClient, email: str) -> None:
    assert _register(client, cast, email).status_code == 422
    assert _mails() == []


@pytest.mark.parametrize("name", ["http://evil.example", "see www.evil.example", "a@b.nl", " "])
def test_a_name_leads_nowhere(cast: Cast, client: FlaskClient, name: str) -> None:
    """Nobody can have us mail an address of their own to a stranger."""
    assert _register(client, cast, "joke@example.nl", name=name).status_code == 422
    assert (
        client.post("/register/company", data=COMPANY | {"company_name": name}).status_code == 422
    )
    assert _mails() == []


def test_the_first_mail_repeats_nothing_that_was_typed(cast: Cast, client: FlaskClient) -> None:
    _register(client, cast, "joke@example.nl", name="Evil-Example.com Click")
    body = db.session.scalars(select(OutboxMail.body)).one()
    assert "Evil-Example.com" not in body


# ---- companies ----------------------------------------------------------------------------------
def test_a_company_and_its_contact_are_made_by_the_mailed_link(
    cast: Cast, client: FlaskClient
) -> None:
    before = _count(Company)
    assert client.post("/register/company", data=COMPANY).status_code == 303
    assert _count(Company) == before
    assert client.post(_link(), data={"name": "Ida Bos"}).status_code == 303
    company = db.session.scalars(select(Company).where(Company.name == "Molenbouw")).one()
    assert (company.region.code, company.town, company.employees) == ("NL-NB", "Eindhoven", 12)
    assert (company.postcode, company.register_code) == ("5611AB", "12345678")
    [grant] = _person("ida@molenbouw.nl").grants
    assert (grant.role, grant.company_id) == (Role.COMPANY_CONTACT, company.id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("company_name", "windwerk"),  # there already, in other letters
        ("company_name", ""),
        ("postcode", "0000 AA"),
        ("postcode", "elsewhere"),
        ("register_code", "123"),
        ("employees", "0"),
        ("employees", "9" * 400),
        ("email", "nobody"),
    ],
)
def test_a_company_that_cannot_be_is_told_beside_the_field(
    cast: Cast, client: FlaskClient, field: str, value: str
) -> None:
    answer = client.post("/register/company", data=COMPANY | {field: value})
    assert answer.status_code == 422
    invalid = re.findall(r'aria-invalid="true"[^>]*name="(\w+)"', answer.text)
    assert invalid == [field]
    assert _mails() == []


def test_the_second_of_two_with_one_company_name_is_told(cast: Cast, client: FlaskClient) -> None:
    client.post("/register/company", data=COMPANY)
    first = _link()
    client.post("/register/company", data=COMPANY | {"email": "other@molenbouw.nl"})
    second = _link()
    assert client.post(first, data={"name": "Ida Bos"}).status_code == 303
    client.post("/sign-out")
    assert client.post(second, data={"name": "Else"}).status_code == 409
    assert db.session.scalar(select(Person).where(Person.email == "other@molenbouw.nl")) is None


# ---- invitations --------------------------------------------------------------------------------
def _invite(client: FlaskClient, company: Company, email: str, role: str = "professional"):
    return client.post(f"/companies/{company.id}/invite", data={"email": email, "role": role})


def test_an_invited_professional_joins_and_gets_the_card_made_before(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    card = make_professional(cast.windwerk, "Ivo Prins", email="ivo@example.nl")
    other = make_professional(cast.printlab, "Ivo Prins", email="ivo@example.nl")
    sign_in(client, cast.carla)
    assert _invite(client, cast.windwerk, "ivo@example.nl").status_code == 303
    assert _mails() == [("invite", "ivo@example.nl")]
    assert db.session.scalar(select(Person).where(Person.email == "ivo@example.nl")) is None
    path = _link()
    client.post("/sign-out")
    client.post(path, data={"name": "Ivo Prins"})
    ivo = _person("ivo@example.nl")
    assert [(g.role, g.company_id) for g in ivo.grants] == [(Role.PROFESSIONAL, cast.windwerk.id)]
    assert (card.person_id, other.person_id) == (ivo.id, None)


def test_who_has_an_account_must_sign_in_to_accept(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.carla)
    _invite(client, cast.windwerk, "bram@example.nl", "company_contact")
    path = _link()
    client.post("/sign-out")
    assert client.post(path, data={"name": "A Thief", "password": PASSWORD}).status_code == 409
    assert cast.bram.password_hash is None
    sign_in(client, cast.anna)
    assert client.post(f"{path}/join").status_code == 403  # hers it is not
    assert cast.windwerk.id not in cast.anna.company_ids
    sign_in(client, cast.bram)
    assert client.post(f"{path}/join").status_code == 303
    assert cast.windwerk.id in cast.bram.company_ids
    assert client.post(f"{path}/join").status_code == 409


def test_two_companies_may_invite_one_person_and_each_its_newest_mail_counts(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    paths = []
    for contact, company in (
        (cast.carla, cast.windwerk),
        (cast.els, cast.printlab),
        (cast.els, cast.printlab),
    ):
        sign_in(client, contact)
        _invite(client, company, "ivo@example.nl")
        paths.append(_link())
    client.post("/sign-out")
    assert [client.get(path).status_code for path in paths] == [200, 409, 200]


def test_only_a_companys_own_contact_invites(cast: Cast, client: FlaskClient, sign_in) -> None:
    codes = {}
    for name in ("anna", "dirk", "els", "hugo", "gea", "carla"):
        sign_in(client, getattr(cast, name))
        codes[name] = _invite(client, cast.windwerk, "new@example.nl").status_code
    assert codes == {"anna": 403, "dirk": 403, "els": 404, "hugo": 404, "gea": 303, "carla": 303}


@pytest.mark.parametrize("role", ["teacher", "coordinator", "administrator", ""])
def test_only_a_companys_roles_can_be_given_by_invitation(
    cast: Cast, client: FlaskClient, sign_in, role: str
) -> None:
    sign_in(client, cast.carla)
    assert _invite(client, cast.windwerk, "new@example.nl", role).status_code == 422
    assert _mails() == []


def test_the_service_refuses_a_role_no_company_has(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        registration.invite(
            "a@b.nl", cast.windwerk, role=Role.ADMINISTRATOR, language="nl", by=cast.carla
        )
    assert _count(MailLink) == 0
