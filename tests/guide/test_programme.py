"""The page that says where each part of the programme lives claims no place that does not open."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import pytest
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.guide.reading import HTML

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "programme.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| part")
]
WHO = {"visitor": None, "teacher": "anna", "company": "carla", "coordinator": "gea"}
PLACES = [(row[2], row[3]) for row in ROWS if row[2]]


def test_every_row_has_an_address_or_says_not_yet() -> None:
    assert len(ROWS) > 20
    for part, built, address, who in ROWS:
        assert part
        assert bool(address) != built.startswith("not yet"), part
        assert (bool(address), who in WHO) in {(True, True), (False, False)}, part
        assert re.fullmatch(r"(`/[^`]*`)?", address), part


@pytest.mark.parametrize(("address", "who"), PLACES)
def test_every_address_opens_a_page_of_its_own(
    cast: Cast, client: FlaskClient, sign_in, address: str, who: str
) -> None:
    if WHO[who]:
        sign_in(client, getattr(cast, str(WHO[who])))
    page = client.get(address.strip("`"))
    assert page.status_code == 200
    if address.endswith(".atom`"):
        assert ElementTree.fromstring(page.data).tag == "{http://www.w3.org/2005/Atom}feed"
        return
    tree = html5lib.parse(page.text)
    assert len(list(tree.iter(f"{HTML}h1"))) == 1
