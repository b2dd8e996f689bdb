"""How much a request asks of a teacher: pages, clicks and fields from signing in to published.

The figures of docs/journeys.md are those measured here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from matcher.accounts.passwords import hashed
from matcher.extensions import db
from matcher.models.need import Need, NeedState
from matcher.models.organisation import School
from matcher.organisations.bell_times import bells_of, ring, set_bell_times
from tests.browser.live import Live, Window, running
from tests.cast import make_cast
from tests.conftest import build_app

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]
PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "journeys.md"
PASSWORD = "a short sentence is fine"


@dataclass
class Hand:
    """A teacher's hand: every click and every field it fills is counted."""

    window: Window
    pages: int = 0
    clicks: int = 0
    fields: int = 0

    def fill(self, field: str, value: str) -> None:
        self.fields += 1
        self.window.page.locator(field).fill(value)

    def choose(self, field: str, value: str) -> None:
        self.fields += 1
        self.window.page.locator(field).select_option(value)

    def tick(self, box: str) -> None:
        self.fields += 1
        self.window.page.locator(box).check()

    def go_on(self, button: str) -> None:
        """A click that leads to another page."""
        self.clicks += 1
        self.pages += 1
        self.window.page.locator(button).last.click()
        self.window.page.wait_for_load_state()

    def sign_in(self) -> None:
        self.window.go("/sign-in")
        self.pages += 1
        self.fill("#email", "anna@example.nl")
        self.fill("#password", PASSWORD)
        self.go_on("form:has(#password) button[type=submit]")

    def told(self, journey: str) -> tuple[int, int, int]:
        print(f"{journey}: {self.pages} pages, {self.clicks} clicks, {self.fields} fields")  # noqa: T201
        return self.pages, self.clicks, self.fields


@pytest.fixture(params=["nl", "en"])
def hand(
    request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, browser: Any
) -> Iterator[tuple[Hand, Live]]:
    """Anna before she has asked anything, at a school whose bells are known."""
    app: Flask = build_app(sqlite_url, tmp_path)
    with running(app) as live:
        with live.records():
            cast = make_cast()
            db.session.delete(cast.need)
            cast.anna.password_hash = hashed(PASSWORD)
            cast.anna.language = request.param
            cast.lorentz.kind = "HAVO/VWO"
            set_bell_times(cast.lorentz, ring(time(8, 30), 50, 8, {2: 20}), by=cast.anna)
        window = Window(live, browser, request.param)
        yield Hand(window), live
        window.close()


def measured(journey: str) -> tuple[int, int, int]:
    """The figures that the page tells of a journey."""
    row = re.search(rf"^\| {re.escape(journey)} \|(.*)\|$", PAGE.read_text("utf-8"), re.M)
    assert row is not None, journey
    figures = [int(cell) for cell in row[1].split("|")[:3]]
    return figures[0], figures[1], figures[2]


def newest(live: Live) -> tuple[NeedState, str, int]:
    with live.records():
        need = db.session.scalars(select(Need).order_by(Need.id.desc()).limit(1)).one()
        return need.state, need.title, len(need.windows)


def test_a_first_request(hand: tuple[Hand, Live]) -> None:
    teacher, live = hand
    teacher.sign_in()
    teacher.go_on('form[action$="/needs/new"] button')
    teacher.fill("#title", "Wind en zon in het stroomnet")
    teacher.choose("#subject", "natuurkunde")
    teacher.tick("[name=levels][value=havo-bovenbouw]")
    teacher.fill("#goal", "Leerlingen rekenen aan vermogen en rendement van een windpark.")
    teacher.go_on("form.lb-form button[type=submit]")
    teacher.fill("#group_size", "28")
    teacher.go_on("form.lb-form button[type=submit]")
    teacher.tick('[name=lessons][value="1|10:30|11:20"]')
    teacher.go_on("form.lb-form button[type=submit]:not([name=add])")
    teacher.go_on('form[action$="/publish"] button')
    state, title, windows = newest(live)
    assert (state, title) == (NeedState.OPEN, "Wind en zon in het stroomnet")
    assert windows >= 3
    told = teacher.told("A first request")
    assert told == measured("A first request, from signing in to published")
    assert told[1] <= 7
    assert told[2] <= 9


def test_the_same_again_for_another_class(hand: tuple[Hand, Live]) -> None:
    test_a_first_request(hand)
    live, window = hand[1], hand[0].window
    window.context.clear_cookies()
    teacher = Hand(window)
    teacher.sign_in()
    teacher.go_on('form[action$="/reuse"] button')
    teacher.go_on("form.lb-form button[type=submit]")
    teacher.go_on("form.lb-form button[type=submit]")
    teacher.tick('[name=lessons][value="3|11:20|12:10"]')
    teacher.go_on("form.lb-form button[type=submit]:not([name=add])")
    teacher.go_on('form[action$="/publish"] button')
    assert newest(live)[0] == NeedState.OPEN
    told = teacher.told("The same again")
    assert told == measured("The same again for another class, from signing in to published")
    assert told[1] <= 7
    assert told[2] <= 3


def test_the_schools_bell_times_once(hand: tuple[Hand, Live]) -> None:
    teacher, live = hand
    with live.records():
        school = db.session.scalars(select(School).order_by(School.id)).first()
        assert school is not None
        key = school.id
        db.session.execute(db.text("DELETE FROM lesson_period"))
    teacher.sign_in()
    teacher.go_on('form[action$="/needs/new"] button')
    teacher.window.go(teacher.window.path().replace("/what", "/when"))
    teacher.pages, teacher.clicks, teacher.fields = 0, 0, 0
    teacher.go_on(f'main a[href*="/schools/{key}/bell-times"]')
    teacher.go_on('form[action$="/work-out"] button')
    teacher.go_on('form[action$="/bell-times"] button')
    assert teacher.window.path().endswith("/when")
    with live.records():
        school = db.session.get_one(School, key)
        assert [bell.name for bell in bells_of(school)] == [str(n) for n in range(1, 9)]
    told = teacher.told("Bell times")
    assert told == measured("A school's usual bell times, once for all its teachers")
    assert told[1] <= 3
