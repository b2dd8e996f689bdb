"""A challenge's end: the class's work is handed in, the jury answers; others do neither."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from matcher.errors import DomainError, Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.moves import Side
from matcher.models.offer import OfferKind
from matcher.models.visit import Visit
from matcher.proposals import service
from matcher.visits import handing_in
from matcher.visits.service import visit_of
from tests.cast import Cast, make_offer
from tests.proposals.scenes import confirm, mails

LINK = "https://example.org/pitch"


def challenge(cast: Cast, **more: Any) -> Visit:
    values = {"brief": "Wat doen wij met de warmte?", "max_group": None, "ask_first": False}
    offer = make_offer(cast.windwerk, OfferKind.CHALLENGE, **(values | more))
    visit = visit_of(confirm(cast, cast.need, offer, None))
    mails()
    return visit


def test_from_the_class_to_the_jury_and_back(any_cast: Cast) -> None:
    cast = any_cast
    visit = challenge(cast)
    with pytest.raises(WrongState):
        handing_in.judge(visit, "Mooi", by=cast.carla)
    handing_in.hand_in(visit, "Een model", f"{LINK}\n\n", by=cast.anna)
    assert mails() == [("handed_in", "Carla")]
    row = handing_in.hand_in(visit, "Een beter model", "", by=cast.anna)
    assert (row.words, row.links) == ("Een beter model", [])
    mails()
    handing_in.judge(visit, "Sterk.", by=cast.carla)
    assert mails() == [("judged", "Anna")]
    handing_in.judge(visit, "Sterk, en verder?", by=cast.carla)
    assert (mails(), row.verdict) == ([], "Sterk, en verder?")
    with pytest.raises(WrongState):
        handing_in.hand_in(visit, "Te laat", "", by=cast.anna)


@pytest.mark.parametrize(
    ("words", "links", "field"),
    [
        ("", "", "words"),
        ("x", "http://example.org", "links"),
        ("x", "javascript:alert(1)", "links"),
        ("x", "https://localhost/a", "links"),
        ("x", "\n".join([LINK] * 11), "links"),
    ],
)
def test_what_cannot_be_handed_in_is_told_beside_its_field(
    cast: Cast, words: str, links: str, field: str
) -> None:
    visit = challenge(cast)
    with pytest.raises(Invalid) as refusal:
        handing_in.hand_in(visit, words, links, by=cast.anna)
    assert (refusal.value.field, handing_in.hand_in_of(visit)) == (field, None)


def test_each_side_does_its_own_part_and_strangers_none(cast: Cast) -> None:
    visit = challenge(cast)
    for person in (cast.carla, cast.bram, cast.els, cast.hugo):
        with pytest.raises(DomainError):
            handing_in.hand_in(visit, "x", "", by=person)
    handing_in.hand_in(visit, "x", "", by=cast.anna)
    for person in (cast.anna, cast.bram, cast.els, cast.hugo):
        with pytest.raises(NotAllowed):
            handing_in.judge(visit, "x", by=person)


def test_nothing_is_handed_in_for_a_lecture_or_what_was_called_off(cast: Cast) -> None:
    lecture = visit_of(confirm(cast, cast.need, cast.lecture, cast.slot))
    with pytest.raises(WrongState):
        handing_in.hand_in(lecture, "x", "", by=cast.anna)
    service.cancel(lecture.proposal, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    visit = challenge(cast)
    service.cancel(visit.proposal, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    with pytest.raises(WrongState):
        handing_in.hand_in(visit, "x", "", by=cast.anna)


def test_on_the_page_both_read_it_and_nothing_typed_is_lost(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    visit = challenge(cast)
    db.session.commit()
    path = f"/visits/{visit.proposal_id}"
    sign_in(client, cast.anna)
    wrong = client.post(f"{path}/hand-in", data={"words": "Ons model", "links": "geen adres"})
    assert (wrong.status_code, "Ons model" in wrong.text, "geen adres" in wrong.text) == (
        422,
        True,
        True,
    )
    done = client.post(f"{path}/hand-in", data={"words": "Ons model", "links": LINK})
    assert done.status_code == 303
    sign_in(client, cast.carla)
    page = client.get(path).text
    assert ("Ons model" in page, f'href="{LINK}"' in page) == (True, True)
    assert client.post(f"{path}/judge", data={"verdict": "Knap bedacht"}).status_code == 303
    sign_in(client, cast.anna)
    page = client.get(path).text
    assert ("Knap bedacht" in page, "/hand-in" in page, "/judge" in page) == (True, False, False)
