"""Files out: complete, formula-safe, only of one's own regions, and in again without a change."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from matcher.exchange import exports
from matcher.extensions import db
from matcher.models.exchange import ImportKind
from matcher.models.journal import JournalEntry
from matcher.models.need import NeedState
from matcher.models.offer import OfferKind, OfferState, TourForm
from tests.cast import Cast, in_days, make_need, make_offer, make_professional
from tests.exchange import files
from tests.proposals import scenes

KINDS = [kind.value for kind in ImportKind]
HOSTILE = "=cmd|' /C calc'!A0"


def furnish(cast: Cast) -> None:
    """What is hard to carry: formulas, lines, quotes, separators, cards, other regions, drafts."""
    cast.need.title, cast.need.goal = HOSTILE, 'Regel één;\r\nregel "twee"\n\'=x'
    cast.need.class_profile, cast.need.reference = {"maker": 20}, "+31"
    cast.need.class_profile = {}
    cast.windwerk.register_code, cast.windwerk.about = "01234567", "-5 graden\t@zee"
    cast.anna.phone = "+31 40 1234567"
    make_professional(cast.printlab, "Kim Kaart", email="kim@printlab.nl")
    make_need(cast.bram, cast.vakschool, state=NeedState.DRAFT, title="", published_at=None)
    make_need(cast.bram, cast.vakschool, state=NeedState.WITHDRAWN, end_reasons=["other"])
    make_offer(cast.printlab, state=OfferState.DRAFT, published_at=None)
    film = {"tour_form": TourForm.FILM, "film_url": "https://x.nl/a.mp4", "lesson_sheet": "Kijk"}
    make_offer(cast.printlab, OfferKind.TOUR, ask_first=False, extra={"captions": "nl"}, **film)
    make_offer(cast.zuivel, title="Kaas uit Groningen", professionals=[])
    db.session.commit()


def sheets(cast: Cast, by: object = None) -> dict[str, exports.Sheet]:
    scope = files.scope(by)  # type: ignore[arg-type]
    return {sheet.title: sheet for sheet in exports.sheets_of(scope.regions(), scope)}


@pytest.mark.parametrize("form", ["zip", "xlsx"])
def test_what_went_out_comes_in_again_without_a_change(any_cast: Cast, form: str) -> None:
    furnish(any_cast)
    scope = files.scope(any_cast.gea)
    content = exports.as_file(exports.sheets_of(scope.regions(), scope), form)
    for number, kind in enumerate(KINDS):
        part = content
        if form == "zip":
            archive = zipfile.ZipFile(io.BytesIO(content))
            part = archive.read(archive.namelist()[number])
        report = files.bring(kind, part, any_cast.gea)
        assert files.told(report) == [], kind
        assert report.changes_nothing, (kind, [line for line in report.lines if line.changes])
        assert report.counts["same"] == len(report.lines) > 0


def test_only_one_s_own_regions_and_nobody_s_drafts(cast: Cast) -> None:
    furnish(cast)
    hers, all_of_it = sheets(cast, cast.gea), sheets(cast)
    assert [row[0] for row in hers["Bedrijven"].rows] == ["Printlab", "Windwerk"]
    assert [row[0] for row in all_of_it["Bedrijven"].rows] == [
        "Printlab",
        "Windwerk",
        "Zuivel Noord",
    ]
    assert [row[0] for row in hers["Mensen"].rows] == [
        "anna@example.nl",
        "bram@example.nl",
        "carla@example.nl",
        "dirk@example.nl",
        "els@example.nl",
        "els@example.nl",
        "gea@example.nl",
        "kim@printlab.nl",
    ]
    assert [row[3] for row in hers["Lesvragen"].rows] == ["open", "withdrawn"]
    assert [row[4] for row in hers["Aanbod"].rows] == [
        "Hoe een windpark stroom levert",
        "Hoe een windpark stroom levert",
    ]


def test_what_happened_goes_along(cast: Cast) -> None:
    proposal = scenes.confirm(cast, cast.need, cast.lecture, cast.slot)
    found = sheets(cast, cast.gea)
    assert [(row[0], row[3], row[6]) for row in found["Voorstellen"].rows] == [
        (proposal.id, "confirmed", "dirk@example.nl")
    ]
    steps = [(row[3], row[4]) for row in found["Stappen"].rows]
    assert steps == [(move.source.value, move.target.value) for move in proposal.moves]
    assert [row[0] for row in found["Bezoeken"].rows] == [proposal.id]
    assert [row[1] for row in found["Beschikbaarheid"].rows] == ["dirk@example.nl"]
    assert sheets(cast, cast.hugo)["Voorstellen"].rows == []


def test_no_cell_is_a_formula(cast: Cast) -> None:
    furnish(cast)
    scope = files.scope(cast.gea)
    found = exports.sheets_of(scope.regions(), scope)
    archive = zipfile.ZipFile(io.BytesIO(exports.as_file(found, "zip")))
    for name in archive.namelist():
        text = archive.read(name).decode("utf-8")
        assert text.startswith("\ufeff")
        for row in csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    book = load_workbook(io.BytesIO(exports.as_file(found, "xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert HOSTILE in {cell.value for cell in cells}
    assert "f" not in {cell.data_type for cell in cells}


def test_the_page_gives_the_file_and_writes_it_down(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)
    answer = client.post("/exchange/export/zip")
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert names[0] == "01-scholen.csv" and len(names) == 10
    entry = db.session.scalars(select(JournalEntry).filter_by(deed="export")).one()
    assert (entry.record_type, entry.record_id, entry.by_id) == (
        "Region",
        cast.region.id,
        cast.gea.id,
    )
    assert client.post("/exchange/export/exe").status_code == 404


def test_the_command_writes_a_whole_file_or_none(app: Flask, cast: Cast, tmp_path: Path) -> None:
    make_need(cast.anna, cast.lorentz, windows=[(in_days(31, 8), in_days(31, 9))])
    db.session.commit()
    run = app.test_cli_runner().invoke
    path = tmp_path / "alles.xlsx"
    assert run(args=["export", str(path), "--region", "NL-NB"]).exit_code == 0
    assert load_workbook(path).sheetnames[:5] == [
        "Schools",
        "Companies",
        "People",
        "Requests",
        "Offers",
    ]
    assert load_workbook(path)["Requests"].max_row == 3
    wrong = [
        [str(tmp_path / "alles.doc")],
        [str(tmp_path / "x.zip"), "--region", "XX"],
        [str(tmp_path / "nowhere" / "x.zip")],
    ]
    for args in wrong:
        answer = run(args=["export", *args])
        assert (answer.exit_code, "Traceback" in answer.output) == (1, False)
    assert [file.name for file in tmp_path.glob("*") if file.suffix in {".zip", ".part"}] == []
