"""The service in a thread beside the test, and a browser window of one person in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from werkzeug.serving import make_server

from matcher.accounts import sessions
from matcher.extensions import db
from matcher.models.account import Person

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
LOCALES = {"nl": "nl-NL", "en": "en-GB"}


@dataclass
class Live:
    """A running service; ``records()`` is a moment with its database, committed at the end."""

    app: Flask
    base: str

    @contextmanager
    def records(self) -> Iterator[None]:
        with self.app.app_context():
            try:
                yield
                db.session.commit()
            finally:
                db.session.remove()


@contextmanager
def running(app: Flask) -> Iterator[Live]:
    """Serve the application on a free port of this machine until the block ends."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    base = f"http://127.0.0.1:{server.server_port}"
    app.config["PUBLIC_URL"] = base
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Live(app, base)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Window:
    """One browser window: a language, a width, with or without script."""

    live: Live
    browser: Any
    language: str
    width: int = 1280
    script: bool = True
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = self.browser.new_context(
            locale=LOCALES[self.language],
            viewport={"width": self.width, "height": 900},
            java_script_enabled=self.script,
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("request", self._note)

    def _note(self, request: Any) -> None:
        if not request.url.startswith((self.live.base, "data:")):
            self.foreign.append(request.url)

    def become(self, person_id: int) -> Window:
        """Sign a person in as the sign-in page would, in this window's language."""
        client = self.live.app.test_client()
        with self.live.records():
            person = db.session.get_one(Person, person_id)
            person.language = self.language
            key = sessions.start(person, browser="test")
        with client.session_transaction() as cookie:
            cookie[sessions.COOKIE_KEY] = key
        name = self.live.app.config["SESSION_COOKIE_NAME"]
        kept = client.get_cookie(name)
        assert kept is not None
        self.context.clear_cookies()
        self.context.add_cookies([{"name": name, "value": kept.value, "url": self.live.base}])
        return self

    def go(self, path: str) -> Window:
        self.page.goto(f"{self.live.base}{path}")
        return self

    def path(self) -> str:
        return str(self.page.url.removeprefix(self.live.base))

    def send(self, action: str, **fields: str) -> Window:
        """Fill fields by name and press the button of the form that posts to this address."""
        form = self.page.locator(f'form[action*="{action}"]').first
        for name, value in fields.items():
            form.locator(f'[name="{name}"]').first.fill(value)
        form.locator("button").first.click()
        self.page.wait_for_load_state()
        return self

    def text(self) -> str:
        return str(self.page.locator("main").inner_text())

    def violations(self) -> list[tuple[str, list[str]]]:
        """What axe finds wrong with this page."""
        found = Axe().run(self.page, options={"runOnly": RULES})
        return [
            (v["id"], [n["html"][:200] for n in v["nodes"]][:3])
            for v in found.response["violations"]
        ]

    def overflow(self, width: int = 360) -> int:
        """By how many pixels the page scrolls sideways on a screen this wide."""
        self.page.set_viewport_size({"width": width, "height": 800})
        wide = int(self.page.evaluate("document.documentElement.scrollWidth"))
        self.page.set_viewport_size({"width": self.width, "height": 900})
        return max(0, wide - width)

    def close(self) -> None:
        self.context.close()
