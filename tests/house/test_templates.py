"""Templates: all compile, none has style or script of its own, and pages are sound HTML."""

from __future__ import annotations

import re
from pathlib import Path

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
PAGES = (
    "/",
    "/offers",
    "/sign-in",
    "/register",
    "/privacy",
    "/accessibility",
    "/demand",
    "/nothing-here",
)
OWN = {
    "anna": ("/needs", "/needs/new", "/proposals", "/visits", "/account"),
    "carla": ("/company/offers", "/company/professionals", "/proposals"),
    "dirk": ("/company/professionals/mine", "/proposals", "/visits"),
    "gea": (
        "/coordination",
        "/coordination/runs",
        "/figures/fairness",
        "/figures/impact",
        "/figures/impact/highlights",
        "/figures/co-financing",
    ),
}


def test_every_template_compiles(app: Flask) -> None:
    names = [str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.*")]
    assert len(names) > 60
    for name in names:
        app.jinja_env.get_template(name)


def test_no_template_has_inline_style_or_script() -> None:
    pattern = re.compile(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|\|\s*safe")
    guilty = {
        str(path.relative_to(TEMPLATES)): pattern.findall(path.read_text("utf-8"))
        for path in TEMPLATES.rglob("*.html")
        if pattern.search(path.read_text("utf-8"))
    }
    assert guilty == {}


def _check(text: str) -> None:
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(text)
    assert [error[1] for error in parser.errors] == []
    assert len(re.findall(r"<h1[\s>]", text)) == 1


@pytest.mark.parametrize("path", PAGES)
def test_public_pages_are_sound_html_with_one_heading(client: FlaskClient, path: str) -> None:
    _check(client.get(path).text)


@pytest.mark.parametrize("name", OWN)
def test_own_pages_are_sound_html_with_one_heading(
    cast: Cast, client: FlaskClient, sign_in, name: str
) -> None:
    sign_in(client, getattr(cast, name))
    for path in OWN[name]:
        page = client.get(path, follow_redirects=True)
        assert page.status_code == 200, path
        _check(page.text)
