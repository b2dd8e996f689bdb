"""The main story, by hand of a browser: from a teacher's need to a confirmed visit."""

from __future__ import annotations

from pathlib import Path

import icalendar
import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import select

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.need import Need, NeedWindow
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal, ProposalState
from tests.browser.conftest import serving
from tests.cast import make_cast
from tests.conftest import build_app

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
MATCHED_WITHIN = 60_000  # ms; the jobs process fits its texts at the start

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]


class Visitor:
    """One browser window; checks each page it looks at."""

    def __init__(self, browser, base: str, language: str) -> None:
        self.base = base
        locale = {"nl": "nl-NL", "en": "en-GB"}[language]
        self.context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()
        self.foreign: list[str] = []
        self.page.on("request", self._note)

    def _note(self, request) -> None:
        if not request.url.startswith((self.base, "data:")):
            self.foreign.append(request.url)

    def become(self, first_name: str) -> None:
        self.page.goto(f"{self.base}/sign-in")
        self.check()
        self.page.locator('form[action*="/demo/"] button', has_text=first_name).first.click()
        self.page.wait_for_load_state()
        self.check()

    def check(self) -> None:
        """No violation, no sideways scroll, nothing from elsewhere."""
        found = Axe().run(self.page, options={"runOnly": RULES})
        told = [
            (v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found.response["violations"]
        ]
        assert told == [], self.page.url
        self.page.set_viewport_size({"width": 360, "height": 800})
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 360, self.page.url
        self.page.set_viewport_size({"width": 1280, "height": 900})
        assert self.foreign == []

    def send(self, action: str) -> None:
        """Press the button of the form that goes to this address."""
        self.page.locator(f'form[action*="{action}"] button').first.click()
        self.page.wait_for_load_state()
        self.check()


@pytest.fixture(
    params=[
        pytest.param(("sqlite", "en"), id="sqlite-en"),
        pytest.param(("postgres", "nl"), id="postgres-nl", marks=pytest.mark.postgres),
    ]
)
def stage(request: pytest.FixtureRequest, tmp_path: Path, browser):
    """The cast on a database, the service on top of it, and the language of this telling."""
    kind, language = request.param
    database = request.getfixturevalue(f"{kind}_url")
    app = build_app(database, tmp_path, DEMO=True)
    with app.app_context():
        cast = make_cast()
        for window in db.session.scalars(select(NeedWindow)):
            db.session.delete(window)
        for need in db.session.scalars(select(Need)):
            db.session.delete(need)
        for person in db.session.scalars(select(Person)):
            person.language, person.is_demo = language, True
        start = clock.local(cast.slot.starts_at)
        slot_id = cast.slot.id
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with serving(database, tmp_path) as base:
        yield app, base, language, start, slot_id, browser


def _write_need(teacher: Visitor, start) -> None:
    page = teacher.page
    page.goto(f"{teacher.base}/needs/new")
    teacher.check()
    page.locator('form[action$="/needs/new"] button').click()
    page.locator("#title").fill("Wind en zon in het stroomnet")
    page.locator("#subject").select_option("natuurkunde")
    page.locator("[name=levels][value=havo-bovenbouw]").check()
    page.locator("#goal").fill("Leerlingen rekenen aan vermogen en rendement van een windpark.")
    page.locator("#hook").fill("Hoofdstuk energie; ze kennen vermogen en kWh.")
    teacher.check()
    page.locator("form.lb-form button").last.click()
    page.locator("#group_size").fill("28")
    page.locator("#lesson_minutes").fill("50")
    teacher.check()
    page.locator("form.lb-form button").last.click()
    page.locator("details.lb-more > summary").click()
    page.locator("#windows-0-day").fill(f"{start:%Y-%m-%d}")
    page.locator("#windows-0-begins").fill("08:30")
    page.locator("#windows-0-ends").fill("16:00")
    teacher.check()
    page.locator("form.lb-form button").last.click()
    page.wait_for_url("**/check")
    teacher.check()


def test_from_a_need_to_a_confirmed_visit(stage) -> None:
    app, base, language, start, slot_id, browser = stage
    teacher = Visitor(browser, base, language)
    teacher.become("Anna")
    _write_need(teacher, start)
    teacher.send("/publish")
    progress = teacher.page.locator("#progress .lb-now--coordinator")
    progress.wait_for(timeout=MATCHED_WITHIN)  # it appears by itself

    coordinator = Visitor(browser, base, language)
    coordinator.become("Gea")
    coordinator.page.locator('a[href$="/review"]').first.click()
    coordinator.page.wait_for_load_state()
    coordinator.check()
    coordinator.page.locator("summary").first.click()
    coordinator.check()
    coordinator.page.locator('form[action$="/release"] button', has_not_text="alle").last.click()
    coordinator.page.wait_for_load_state()
    coordinator.check()

    host = Visitor(browser, base, language)
    host.become("Dirk")
    host.page.goto(f"{base}/proposals")
    host.check()
    host.page.locator(".lb-cards h2 a").first.click()
    host.page.wait_for_load_state()
    host.check()
    assert "Lorentz" not in host.page.content()  # no name of the school before a yes
    assert "anna@example.nl" not in host.page.content()
    host.send("/accept")

    teacher.page.goto(f"{base}/proposals")
    teacher.check()
    teacher.page.locator(".lb-cards h2 a").first.click()
    teacher.page.wait_for_load_state()
    teacher.check()
    assert "dirk@example.nl" not in teacher.page.content()
    teacher.send("/accept")
    assert "/visits/" in teacher.page.url
    assert "dirk@example.nl" in teacher.page.content()

    host.page.goto(teacher.page.url)
    host.check()
    assert "anna@example.nl" in host.page.content()

    with teacher.page.expect_download() as download:
        teacher.page.locator('a[href$="calendar.ics"]').click()
    calendar = icalendar.Calendar.from_ical(Path(download.value.path()).read_bytes())
    (event,) = calendar.walk("VEVENT")
    assert event["DTSTART"].dt == start
    assert "example.nl" not in calendar.to_ical().decode()

    with app.app_context():
        (confirmed,) = db.session.scalars(
            select(Proposal).where(Proposal.state == ProposalState.CONFIRMED)
        ).all()
        assert confirmed.slot_id == slot_id
        assert db.session.get_one(Slot, slot_id).taken == 1
        db.session.remove()
        db.engine.dispose()
    other = Visitor(browser, base, language)
    other.become("Bram")
    other.page.goto(f"{base}/offers/{confirmed.offer_id}")
    other.check()
    assert f"{start:%H:%M}" not in other.page.locator("aside").inner_text()
