"""Every page of every role, in both languages: no violation, no sideways scroll, nothing foreign.

The pages are found by following links from each role's start, one of each view, so that a new page
is looked at without being written down here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.exceptions import HTTPException

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.run import MatchRun, RunState, UnmatchedNeed
from tests.browser.live import Live, Window, running
from tests.cast import in_days, make_cast, make_offer, make_person, make_slot
from tests.conftest import build_app
from tests.proposals import scenes

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]
ROLES = ("visitor", "teacher", "company", "professional", "coordinator", "administrator")
NO_PAGES = {"static", "visits.show_calendar"}


@pytest.fixture
def stage(sqlite_url: str, tmp_path: Path) -> Iterator[tuple[Live, dict[str, int | None]]]:
    """The cast with a bit of everything: a visit, a question, a suggestion, a need left alone."""
    app = build_app(sqlite_url, tmp_path)
    with running(app) as live:
        with live.records():
            cast = make_cast()
            boss = make_person("Ada Beheer", administrator=True)
            scenes.confirm(cast, cast.need, cast.lecture, cast.slot)
            slots = [make_slot(cast.dirk_professional, in_days(30, hour)) for hour in (11, 13)]
            scenes.ask(cast, scenes.another_need(cast), cast.lecture, slots[0])
            scenes.suggest(scenes.another_need(cast, title="Robots"), cast.lecture, slots[1])
            make_offer(cast.printlab, title="3D-printen", professionals=[cast.els_professional])
            run = MatchRun(
                region_id=cast.region.id,
                state=RunState.DONE,
                finished_at=clock.now(),
                settings={},
                statistics={},
            )
            db.session.add(run)
            db.session.flush()
            alone = scenes.another_need(cast, title="Alleen")
            db.session.add(UnmatchedNeed(run_id=run.id, need_id=alone.id))
            people: dict[str, Person | None] = {
                "visitor": None,
                "teacher": cast.bram,
                "company": cast.carla,
                "professional": cast.dirk,
                "coordinator": cast.gea,
                "administrator": boss,
            }
            keys = {role: p.id if p is not None else None for role, p in people.items()}
        yield live, keys


def _view(live: Live, path: str) -> str | None:
    """The view that answers an address by GET; None for what is none of ours."""
    try:
        endpoint, _values = live.app.url_map.bind("localhost").match(path, method="GET")
    except HTTPException:
        return None
    return str(endpoint)


def _pages(window: Window) -> Iterator[str]:
    """Open one page of each view that can be reached; gives the view's name while it is open."""
    waiting, seen = ["/", "/sign-in", "/offers"], set[str]()
    while waiting:
        path = waiting.pop(0)
        view = _view(window.live, urlsplit(path).path)
        if view is None or view in seen | NO_PAGES or "token" in view:
            continue
        if Path(urlsplit(path).path).suffix:  # a file to keep, no page to look at
            continue
        seen.add(view)
        answer = window.page.goto(f"{window.live.base}{path}")
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        seen.add(_view(window.live, urlsplit(window.page.url).path) or view)
        yield view
        links = window.page.locator("a[href^='/']").evaluate_all(
            "links => links.filter(a => !a.hasAttribute('download'))"
            ".map(a => a.getAttribute('href'))"
        )
        waiting += links


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_sound_on_a_phone_and_for_readers_by_ear(
    stage: tuple[Live, dict[str, int | None]], browser: object, role: str, language: str
) -> None:
    live, keys = stage
    window = Window(live, browser, language)
    key = keys[role]
    if key is not None:
        window.become(key)
    wrong: dict[str, object] = {}
    looked_at = 0
    for view in _pages(window):
        looked_at += 1
        if found := window.violations():
            wrong[view] = found
        if window.overflow():
            wrong[f"{view}, width"] = window.overflow()
        if window.page.locator("h1").count() != 1:
            wrong[f"{view}, headings"] = window.page.locator("h1").count()
        if window.page.locator("html").get_attribute("lang") != language:
            wrong[f"{view}, language"] = window.page.locator("html").get_attribute("lang")
    window.close()
    assert wrong == {}
    assert window.foreign == []
    assert looked_at >= 6
