"""Every form of every role with whatever people and programs may send: no failure, nothing lost.

The forms are found by walking the pages from each role's start, so that a new form is tried without
being written down here. ``LESBRUG_TORTURE=full`` sends ten thousand posts instead of a few hundred.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.extensions import db
from matcher.models.account import Person
from tests.cast import Cast, make_person
from tests.proposals import scenes

FULL = os.environ.get("LESBRUG_TORTURE") == "full"
POSTS = 1_000 if FULL else 40  # for each of five roles on each of two databases
MOST_PAGES = 120
HTML = "{http://www.w3.org/1999/xhtml}"
LEAVES = ("/sign-out", "/account/sign-out-everywhere", "/account/browsers", "/account/password")
WRITTEN = ("text", "search", "email", "tel", "url")
MARK = "zq7"
PAYLOADS = (
    f"<script>{MARK}</script>",
    f'"><img src=x onerror={MARK}>',
    f"'-{MARK}-'<svg/onload={MARK}>",
    f"javascript:{MARK}",
    f"{{{{ 7*7 }}}}{MARK}",
    f"</textarea><script>{MARK}",
)
TEXTS = (
    "",
    " ",
    "Ikasleek zientzia maite dute ñ",
    "Blåbærgrød på Ærø",
    "مرحبا بالعالم",
    "\u202eright to left\u202c",
    "👩‍🔬🌉 𝒻𝑜𝓊𝓇 bytes 𠜎",
    "line\r\nbreak\ttab",
    "a\x00b",
    "\x1b[31m\x7f\ufffe",
    "é" * 5_000,
    "x" * 70_000,
    "'; DROP TABLE need; --",
    "%s%n%(x)s {0} ${x}",
    "../../etc/passwd",
    "=1+1",
    "0",
    "-1",
    "1" * 400,
    "9999999999",
    "1e309",
    "NaN",
    "2027-02-30",
    "0001-01-01",
    "9999-12-31",
    "25:61",
    "https://example.org/" + "a" * 3_000,
    "http://[::1",
    "user@@example",
    "on",
    *PAYLOADS,
)


@dataclass
class Found:
    """One form of a page: where it posts, and its fields with what they hold."""

    action: str
    page: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)  # fields in which people write


def _forms(page: str, text: str) -> Iterator[Found]:
    tree = html5lib.parse(text)
    for form in tree.iter(f"{HTML}form"):
        if (form.get("method") or "get").lower() != "post":
            continue
        found = Found(urlsplit(form.get("action") or page).path, page)
        for control in form.iter():
            name = control.get("name")
            if name and name != "csrf_token":
                found.fields.setdefault(name, []).extend(_values(control))
                if control.tag.endswith("}textarea") or _kind(control) in WRITTEN:
                    found.written.add(name)
        yield found


def _kind(control: Element) -> str:
    return control.get("type", "text") if control.tag == f"{HTML}input" else ""


def _values(control: Element) -> list[str]:
    if control.tag == f"{HTML}select":
        return [option.get("value") or "" for option in control.iter(f"{HTML}option")]
    if control.tag == f"{HTML}textarea":
        return ["".join(control.itertext())]
    return [control.get("value") or ""]


def _walk(client: FlaskClient) -> tuple[list[Found], list[str]]:
    """The forms that can be reached from the start, one per address posted to; and the pages."""
    waiting, seen = ["/", "/account", "/offers"], set[str]()
    forms: dict[tuple[str, ...], Found] = {}
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code < 500, path
        if answer.mimetype != "text/html":
            continue
        for form in _forms(path, answer.text):
            if not form.action.startswith(LEAVES):
                forms.setdefault((form.action, *sorted(form.fields)), form)
        tree = html5lib.parse(answer.text)
        links = (urlsplit(a.get("href") or "") for a in tree.iter(f"{HTML}a"))
        waiting += [link.path for link in links if link.path.startswith("/") and not link.netloc]
    return list(forms.values()), sorted(seen)


def _people(cast: Cast) -> dict[str, Person | None]:
    boss = make_person("Ada Beheer", administrator=True)
    scenes.confirm(cast, cast.need, cast.lecture, cast.slot)
    scenes.suggest(scenes.another_need(cast), cast.lecture, None)
    db.session.commit()
    return {
        "visitor": None,
        "teacher": cast.anna,
        "company": cast.carla,
        "professional": cast.dirk,
        "coordinator": cast.gea,
        "administrator": boss,
    }


def _post(chosen: Found, draw: Callable[[st.SearchStrategy[object]], object]) -> dict[str, object]:
    """Each field left out, as it was, one of its choices, or something nobody expects."""
    sent: dict[str, object] = {}
    for name, values in chosen.fields.items():
        way = draw(st.integers(0, 9))
        if way == 0:
            continue
        if way <= 4 and values:
            sent[name] = draw(st.sampled_from(values))
        elif way == 5:
            sent[name] = [draw(st.sampled_from(TEXTS)) for _ in range(3)]
        elif way == 6:
            sent[name] = draw(st.text(max_size=60))
        else:
            sent[name] = draw(st.sampled_from(TEXTS))
    return sent


def _encodable(value: object) -> object:
    """Lone surrogates cannot be written to a form; everything else goes as it is."""
    if isinstance(value, list):
        return [_encodable(one) for one in value]
    return str(value).encode("utf-8", "replace").decode()


def _lost(chosen: Found, sent: dict[str, object], text: str) -> list[str]:
    """Plain texts that were sent and do not stand in the page that came back."""
    shown = {form.action: form for form in _forms(chosen.page, text)}.get(chosen.action)
    if shown is None:
        return []
    return [
        name
        for name, value in sent.items()
        if isinstance(value, str)
        and value in TEXTS[2:5]
        and name in chosen.written & shown.written
        and _plain(value) not in {_plain(kept) for kept in shown.fields[name]}
    ]


def _plain(text: str) -> str:
    """Spaces and capitals may change: an address is kept in lower case."""
    return " ".join(text.split()).lower()


ROLES = ["visitor", "teacher", "company", "professional", "coordinator", "administrator"]


@pytest.mark.parametrize("role", ROLES)
def test_every_form_takes_anything_and_loses_nothing(
    any_app: Flask, any_cast: Cast, sign_in: Callable[..., FlaskClient], role: str
) -> None:
    person = _people(any_cast)[role]
    client = any_app.test_client()
    if person is not None:
        sign_in(client, person)
    forms, pages = _walk(client)
    assert len(forms) >= 3
    key = person.id if person is not None else None

    @settings(
        max_examples=POSTS,
        deadline=None,
        database=None,
        derandomize=not FULL,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def send(data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(forms))
        sent = {name: _encodable(value) for name, value in _post(chosen, data.draw).items()}
        answer = client.post(chosen.action, data=sent)
        assert answer.status_code < 500, (chosen.action, sent)
        if answer.mimetype == "text/html":
            assert _lost(chosen, sent, answer.text) == [], (chosen.action, sent)
        if key is not None and client.get("/account").status_code != 200:
            sign_in(client, db.session.get(Person, key))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        send()
    answers = {path: client.get(path, follow_redirects=True) for path in pages}
    texts = {p: answer.text for p, answer in answers.items() if answer.mimetype == "text/html"}
    assert [p for p, text in texts.items() for evil in PAYLOADS[:3] if evil in text] == []
