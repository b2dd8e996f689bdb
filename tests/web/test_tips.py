"""Tips for preparing a visit: by kind, and by who sits in the class."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from matcher.extensions import db
from matcher.models.offer import OfferKind, TourForm
from matcher.web.tips import ALWAYS, BY_KIND, FILM, tips_for
from tests.cast import Cast
from tests.proposals.scenes import ask, confirm


def test_pupils_are_told_the_most_first_and_who_is_missed(cast: Cast) -> None:
    cast.need.class_profile = {"explorer": 20, "doer": 80, "innovator": 50}
    cast.lecture.angles = ["doer"]
    told = [(tip.name, tip.is_missed) for tip in tips_for(cast.need, cast.lecture).pupils]
    # A third of the class are innovators whom the offer does not name; explorers are few.
    assert told == [("Doener", False), ("Vernieuwer", True), ("Ontdekker", False)]
    assert [tip.is_missed for tip in tips_for(cast.need).pupils] == [False] * 3
    cast.need.class_profile = {}
    assert tips_for(cast.need, cast.lecture).pupils == ()


@pytest.mark.parametrize(
    ("kind", "form", "wanted"),
    [
        (OfferKind.LECTURE, None, BY_KIND[OfferKind.LECTURE]),
        (OfferKind.TOUR, TourForm.LIVE, BY_KIND[OfferKind.TOUR]),
        (OfferKind.TOUR, TourForm.FILM, FILM),
        (OfferKind.WEBINAR, None, ()),
    ],
)
def test_each_kind_has_its_own(cast: Cast, kind, form, wanted) -> None:
    cast.lecture.lesson_sheet, cast.lecture.film_url = "Vragen.", "https://x.nl/a.mp4"
    cast.lecture.kind, cast.lecture.tour_form = kind, form
    assert tips_for(cast.need, cast.lecture).visit == tuple(map(str, (*wanted, *ALWAYS)))


def test_tips_stand_with_request_proposal_and_visit(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    cast.need.class_profile = {"doer": 80}
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    hands_on = "Geef een doe-opdracht met een product dat af komt"
    for person, path in (
        (cast.anna, f"/needs/{cast.need.id}"),
        (cast.anna, f"/proposals/{proposal.id}"),
        (cast.dirk, f"/proposals/{proposal.id}"),
    ):
        sign_in(client, person)
        assert hands_on in client.get(path).text
    other = confirm(cast, cast.need, cast.lecture, None)
    db.session.commit()
    sign_in(client, cast.anna)
    assert hands_on in client.get(f"/visits/{other.id}").text
