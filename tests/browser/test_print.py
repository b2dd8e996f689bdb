"""The visit's page on paper: one A4 sheet with what both need on the day, and no more."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from matcher import clock
from matcher.extensions import db
from matcher.models.visit import Visit
from tests.browser.live import Window, running
from tests.cast import make_cast
from tests.conftest import build_app
from tests.proposals import scenes

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]
SHEET = re.compile(rb"/Type\s*/Page\b")
ON_PAPER = ("Lokaal B12", "Meld je bij de receptie.", "anna@example.nl", "Vraag 12", "Checklist")


def test_the_visit_fits_on_one_sheet(browser: object, sqlite_url: str, tmp_path: Path) -> None:
    app = build_app(sqlite_url, tmp_path)
    with running(app) as live:
        with live.records():
            cast = make_cast()
            cast.need.goal = "Leerlingen zien hoe wind en zon samen stroom leveren. " * 4
            key = scenes.confirm(cast, cast.need, cast.lecture, cast.slot).id
            visit = db.session.query(Visit).one()
            visit.created_at = clock.now() - timedelta(days=9)
            visit.room, visit.conduct_wished = "Lokaal B12", True
            visit.arrival = "Meld je bij de receptie. " * 8
            visit.material = "Een beamer met HDMI, en vier stekkerdozen. " * 6
            visit.pupils_questions = "\n".join(f"Vraag {n}: hoe werkt dat?" for n in range(1, 13))
            person = cast.anna.id
        window = Window(live, browser, "nl").become(person).go(f"/visits/{key}")
        sheets = len(SHEET.findall(window.page.pdf(format="A4")))
        window.page.emulate_media(media="print")
        told = window.text()
        shown = window.page.locator("form:visible, nav:visible, button:visible").count()
        window.close()
    assert sheets == 1
    assert [words for words in ON_PAPER if words not in told] == []
    assert (shown, "Berichten" in told) == (0, False)
