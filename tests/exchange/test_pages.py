"""The pages of files: nothing happens before the yes, and the file is forgotten after it."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import time_machine
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select

from matcher import clock
from matcher.exchange import imports
from matcher.extensions import db
from matcher.models.exchange import ImportUpload
from matcher.models.organisation import Company, School
from tests.cast import Cast
from tests.exchange import files


def send(client: FlaskClient, kind: str, content: bytes, name: str = "bestand.csv") -> Any:
    return client.post(
        f"/exchange/import/{kind}",
        data={"file": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def uploads() -> list[ImportUpload]:
    return list(db.session.scalars(select(ImportUpload).order_by(ImportUpload.id)))


def number_of(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_file_is_looked_at_confirmed_and_forgotten(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)
    answer = send(client, "companies", files.as_csv([files.COMPANY | {"kleur": "geel"}]))
    (upload,) = uploads()
    assert (answer.status_code, answer.location) == (303, f"/exchange/uploads/{upload.id}")
    page = client.get(answer.location).get_data(as_text=True)
    assert "Molenbouw" in page and "niet gelezen: kleur" in page
    assert number_of(Company) == 3
    client.post(f"/exchange/uploads/{upload.id}/confirm")
    assert (number_of(Company), uploads()) == (4, [])


def test_a_file_that_is_not_right_is_told_row_by_row_and_not_kept(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)
    answer = send(client, "schools", files.as_csv([files.SCHOOL | {"postcode": "0000"}]))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Deze postcode kennen we niet" in page or "postcode" in page
    assert (number_of(School), uploads()) == (2, [])


def test_without_a_file_the_form_says_so(cast: Cast, client: FlaskClient, sign_in) -> None:
    sign_in(client, cast.gea)
    answer = client.post("/exchange/import/schools", data={})
    assert answer.status_code == 422
    assert "Kies een bestand." in answer.get_data(as_text=True)


def test_what_changed_meanwhile_is_shown_before_it_is_done(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)
    row = {"naam": "Printlab", "postcode": "5611AB", "medewerkers": "7"}
    send(client, "companies", files.as_csv([row]))
    (upload,) = uploads()
    cast.printlab.employees = 9
    db.session.commit()
    client.post(f"/exchange/uploads/{upload.id}/confirm")
    db.session.expire_all()
    assert cast.printlab.employees == 9
    assert upload.report["lines"][0]["changes"] == {"employees": [9, 7]}
    client.post(f"/exchange/uploads/{upload.id}/confirm")
    db.session.expire_all()
    assert (cast.printlab.employees, uploads()) == (7, [])


def test_another_coordinator_sees_no_file_that_is_not_hers(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)
    send(client, "companies", files.as_csv([files.COMPANY]))
    (upload,) = uploads()
    sign_in(client, cast.hugo)
    path = f"/exchange/uploads/{upload.id}"
    assert client.get(path).status_code == 404
    assert {client.post(f"{path}/{deed}").status_code for deed in ("confirm", "forget")} == {404}
    assert number_of(Company) == 3


def test_who_says_no_and_who_says_nothing_leaves_nothing(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)
    send(client, "companies", files.as_csv([files.COMPANY]))
    client.post(f"/exchange/uploads/{uploads()[0].id}/forget")
    assert uploads() == []
    for _time in range(imports.MOST_KEPT + 2):
        send(client, "companies", files.as_csv([files.COMPANY]))
    assert len(uploads()) == imports.MOST_KEPT
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        assert imports.forget_old() == imports.MOST_KEPT
    assert uploads() == []


def test_a_template_comes_in_when_it_is_filled_in(cast: Cast, client: FlaskClient, sign_in) -> None:
    sign_in(client, cast.gea)
    content = client.get("/exchange/templates/companies.xlsx").data
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Bedrijven", "Uitleg"]
    sheet = book["Bedrijven"]
    titles = [cell.value for cell in sheet[1]]
    values = {"Naam": "Molenbouw", "Postcode": "5611 AB", "Hoeveel mensen er werken": 12}
    assert set(values) <= set(titles)
    sheet.append([values.get(str(title)) for title in titles])
    out = io.BytesIO()
    book.save(out)
    send(client, "companies", out.getvalue(), "sjabloon.xlsx")
    client.post(f"/exchange/uploads/{uploads()[0].id}/confirm")
    assert number_of(Company) == 4
    text = client.get("/exchange/templates/companies.csv").data.decode("utf-8-sig")
    assert text.rstrip().split(";")[:2] == titles[:2]


def test_strangers_to_the_kinds_find_nothing(cast: Cast, client: FlaskClient, sign_in) -> None:
    sign_in(client, cast.gea)
    for path in ("import/planets", "templates/planets.csv", "templates/schools.exe"):
        assert client.get(f"/exchange/{path}").status_code == 404
