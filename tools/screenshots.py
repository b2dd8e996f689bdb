"""Take the pictures of docs/screenshots: a demo of its own, its people, pages in both languages.

Needs Chromium and the tools for tests. A picture is one line of ``SHOTS``: its name, who looks, and
how the page is found from the addresses one starts at.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.palette import as_png

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screenshots"
LANGUAGES = ("nl", "en")
ROLES = {
    "teacher": re.compile(r"^\s*(docent|teacher)\s*$"),
    "professional": re.compile(r"^\s*(gastdocent|professional)\s*$"),
    "coordinator": re.compile(r"^\s*(coördinator|coordinator)\s*$"),
}
MOST_PEOPLE = 5
TALLEST = 1_700  # pixels; the rest of a page is left out
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
Page = Any
Find = Callable[[Page], None]


# ---- what is shown ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Shot:
    """``who`` is a role of the demo's people, of whom the first is taken for whom ``find`` finds
    its page; it brings the browser there."""

    name: str
    who: str
    find: Find
    width: int = 1280
    part: str = ""  # only what this selector names


def at(path: str) -> Find:
    """An address that is known."""
    return lambda page: _go(page, path)


def first(start: str | Find, link: str, wanted: str = "h1") -> Find:
    """The first page linked from ``start`` by ``link`` that holds ``wanted`` (both selectors)."""

    def find(page: Page) -> None:
        start(page) if callable(start) else _go(page, start)
        paths = page.locator(link).evaluate_all("all => all.map(a => a.getAttribute('href'))")
        for path in dict.fromkeys(paths):
            _go(page, path)
            if page.locator(wanted).count():
                return
        raise LookupError(f"no page from {start} by {link} holds {wanted}")

    return find


def opened(find: Find, more: str) -> Find:
    """The same page with its first ``more`` unfolded."""

    def unfold(page: Page) -> None:
        find(page)
        page.locator(more).first.click()

    return unfold


BOARD = "/coordination"
IN_PROPOSAL = "main a[href^='/proposals/']"
FIGURES = "summary:has-text('cijfers'), summary:has-text('figures')"
EXPLAINED = first("/proposals", IN_PROPOSAL, FIGURES)
REVIEW = first(BOARD, "a[href$='/review']")
UNMATCHED = first(BOARD, "a[href$='/unmatched']")
SHOTS = (
    Shot("reasons-teacher", "teacher", opened(EXPLAINED, FIGURES)),
    Shot("reasons-professional", "professional", opened(EXPLAINED, FIGURES)),
    Shot("reasons-coordinator", "coordinator", opened(REVIEW, "main summary")),
    Shot("advice", "coordinator", first(UNMATCHED, "main a[href^='/needs/']", ".lb-barriers")),
    Shot("teacher-request", "teacher", first("/needs", "main a[href^='/needs/']", ".lb-now")),
    Shot(
        "professional-answer", "professional", first("/proposals", IN_PROPOSAL, "form"), width=360
    ),
    Shot("professional-visit", "professional", first("/visits", "main a[href^='/visits/']")),
    Shot("coordinator-board", "coordinator", at(BOARD)),
    Shot("coordinator-run", "coordinator", first("/coordination/runs", "main a[href*='/runs/']")),
    Shot("coordinator-words", "coordinator", first(BOARD, "a[href$='/words']")),
    Shot("coordinator-answers", "coordinator", first(BOARD, "a[href$='/learning']")),
)


# ---- taking them --------------------------------------------------------------------------------
def take(base: str, names: set[str]) -> None:
    """All of SHOTS, or those of these names, from a demo that runs at ``base``."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        sys.exit("Chromium is needed for screenshots; there is none on this machine.")
    TARGET.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        blank = browser.new_page()
        for language in LANGUAGES:
            for shot in SHOTS:
                if names and shot.name not in names:
                    continue
                page = _found(browser, base, shot, language)
                target = TARGET / f"{shot.name}-{language}.png"
                target.write_bytes(_smaller(blank, _picture(page, shot)))
                print(f"{target.relative_to(ROOT)}: {target.stat().st_size // 1000} kB")
                page.context.close()
        browser.close()


def _found(browser: Any, base: str, shot: Shot, language: str) -> Page:
    """The page that is looked for, in a window of its own."""
    for number in range(MOST_PEOPLE):
        page = _window(browser, base, shot, language)
        cards = page.locator("li.lb-card", has=page.locator("li", has_text=ROLES[shot.who]))
        if cards.count() <= number:
            break
        cards.nth(number).locator("button").click()
        page.wait_for_load_state()
        try:
            shot.find(page)
        except LookupError:
            page.context.close()
        else:
            return page
    sys.exit(f"{shot.name}: no {shot.who} of the demo has such a page")


def _window(browser: Any, base: str, shot: Shot, language: str) -> Page:
    """At the door, in this language."""
    size = {"width": shot.width, "height": 900}
    locale = {"nl": "nl-NL", "en": "en-GB"}[language]
    page = browser.new_context(viewport=size, base_url=base, locale=locale).new_page()
    _go(page, "/sign-in")
    switch = page.locator(f"button[name=language][value={language}]")
    if switch.count():
        switch.first.click()
        page.wait_for_load_state()
    return page


def _go(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("load")


def _picture(page: Page, shot: Shot) -> bytes:
    if shot.part:
        return bytes(page.locator(shot.part).first.screenshot())
    tall = page.evaluate("document.documentElement.scrollHeight")
    area = {"x": 0, "y": 0, "width": shot.width, "height": min(tall, TALLEST)}
    return bytes(page.screenshot(full_page=True, clip=area))


_PIXELS = """async address => {
  const image = await createImageBitmap(await (await fetch(address)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const data = pen.getImageData(0, 0, image.width, image.height).data;
  let text = '';
  for (let at = 0; at < data.length; at += 30000)
    text += String.fromCharCode(...data.subarray(at, at + 30000));
  return [image.width, image.height, btoa(text)];
}"""


def _smaller(blank: Page, png: bytes) -> bytes:
    """The same picture with a palette; the browser reads the pixels."""
    address = "data:image/png;base64," + base64.b64encode(png).decode()
    width, height, text = blank.evaluate(_PIXELS, address)
    return as_png(base64.b64decode(text), int(width), int(height))


# ---- a demo of their own ------------------------------------------------------------------------
@contextmanager
def demo() -> Iterator[str]:
    """The address of a demo in a folder that goes when it is done."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "LESBRUG_DEMO": "1",
            "LESBRUG_NO_JOBS": "1",
            "LESBRUG_INSTANCE": folder,
            "PUBLIC_URL": base,
        }
        flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
        subprocess.run([*flask, "demo"], cwd=ROOT, env=environment, check=True)
        serving = [*flask, "serve", "--port", str(port)]
        process = subprocess.Popen(serving, cwd=ROOT, env=environment)
        try:
            _await(base)
            yield base
        finally:
            process.terminate()
            process.wait(timeout=40)


def _await(base: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{base}/healthz", timeout=2).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("The demo did not start.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--at", help="the address of a demo that runs already")
    asked = parser.parse_args()
    if asked.at:
        take(asked.at, set(asked.names))
    else:
        with demo() as base:
            take(base, set(asked.names))


if __name__ == "__main__":
    main()
