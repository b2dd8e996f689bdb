"""Texts under the coordinator's eye: reported, held, released, refused; the writer hears it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matcher.coordination import moderation
from matcher.errors import Invalid, NotAllowed, NotFound, Taken, WrongState
from matcher.extensions import db
from matcher.models.moderation import ReportReason, ReportState, TextReport
from matcher.models.need import NeedState
from matcher.models.offer import Offer, OfferState
from matcher.models.outbox import OutboxMail
from matcher.offers import quarantine, service
from tests.cast import Cast, make_company, make_offer, make_person, make_professional
from tests.proposals import scenes

WHY = "Hier staat een prijs in."


@pytest.fixture
def newcomer(any_cast: Cast) -> Offer:
    """The first offer of a new company, in a region that reads those."""
    any_cast.region.reads_first_offers = True
    company = make_company("Nieuw BV", any_cast.region)
    make_person("Nico Nieuw", contact=company)
    guest = make_professional(company, "Nico Nieuw")
    offer = make_offer(company, state=OfferState.DRAFT, published_at=None, professionals=[guest])
    db.session.commit()
    return offer


def contact(offer: Offer) -> Any:
    from matcher.organisations.contacts import contacts_of

    return contacts_of(offer.company)[0]


def mails() -> list[tuple[str, str]]:
    rows = db.session.scalars(select(OutboxMail).filter_by(message="moderated"))
    return [(mail.to_address, mail.subject) for mail in rows]


def told(text: Any, by: Any) -> TextReport:
    made = moderation.report(text, ReportReason.ADVERTISING, "Reclame", by=by)
    db.session.commit()
    return made


# ---- first offers -------------------------------------------------------------------------------
def test_a_first_offer_waits_and_is_released(newcomer: Offer, any_cast: Cast) -> None:
    service.publish(newcomer, by=contact(newcomer))
    assert (newcomer.state, newcomer.published_at) == (OfferState.REVIEW, None)
    region = any_cast.region.id
    assert moderation.waiting([region]) == {region: 1}
    assert db.session.scalars(moderation.held_offers([region])).all() == [newcomer]
    moderation.release(newcomer, by=any_cast.gea)
    assert newcomer.state == OfferState.PUBLISHED and newcomer.published_at is not None
    assert mails() == [("nico@example.nl", "Gepubliceerd: Hoe een windpark stroom levert")]
    second = make_offer(
        newcomer.company, state=OfferState.DRAFT, published_at=None, professionals=[]
    )
    second.professionals = newcomer.professionals
    service.publish(second, by=contact(newcomer))
    assert second.state == OfferState.PUBLISHED


def test_a_refused_offer_is_a_draft_again_and_says_why(newcomer: Offer, any_cast: Cast) -> None:
    service.publish(newcomer, by=contact(newcomer))
    with pytest.raises(Invalid):
        moderation.refuse(newcomer, "", by=any_cast.gea)
    moderation.refuse(newcomer, WHY, by=any_cast.gea)
    assert newcomer.state == OfferState.DRAFT
    (mail,) = db.session.scalars(select(OutboxMail).filter_by(message="moderated"))
    assert WHY in mail.body
    with pytest.raises(WrongState):
        moderation.release(newcomer, by=any_cast.gea)


def test_where_the_region_does_not_wish_it_nothing_waits(newcomer: Offer, any_cast: Cast) -> None:
    any_cast.region.reads_first_offers = False
    service.publish(newcomer, by=contact(newcomer))
    assert newcomer.state == OfferState.PUBLISHED


def test_what_the_coordinator_publishes_needs_no_second_look(
    newcomer: Offer, any_cast: Cast
) -> None:
    service.publish(newcomer, by=any_cast.gea)
    assert newcomer.state == OfferState.PUBLISHED


def test_another_region_s_coordinator_releases_nothing(newcomer: Offer, any_cast: Cast) -> None:
    service.publish(newcomer, by=contact(newcomer))
    for verb in (moderation.release, lambda o, by: moderation.refuse(o, WHY, by=by)):
        with pytest.raises(NotAllowed):
            verb(newcomer, by=any_cast.hugo)
    assert newcomer.state == OfferState.REVIEW


# ---- reports ------------------------------------------------------------------------------------
def test_a_reported_offer_is_taken_away_until_it_is_read(any_cast: Cast) -> None:
    cast, offer = any_cast, any_cast.lecture
    first, second = told(offer, cast.anna), told(offer, cast.farid)
    with pytest.raises(Taken):
        moderation.report(offer, ReportReason.WRONG, "", by=cast.anna)
    moderation.uphold(first, WHY, by=cast.gea)
    assert offer.state == OfferState.REVIEW
    assert (first.state, second.state, second.decision) == (
        ReportState.UPHELD,
        ReportState.UPHELD,
        WHY,
    )
    assert [address for address, _subject in mails()] == ["carla@example.nl"]
    with pytest.raises(WrongState):
        service.publish(offer, by=cast.carla)
    moderation.release(offer, by=cast.gea)
    assert offer.state == OfferState.PUBLISHED


def test_a_copy_does_not_go_round_the_coordinator(cast: Cast) -> None:
    report = told(cast.lecture, cast.anna)
    moderation.uphold(report, WHY, by=cast.gea)
    copy = service.copy(cast.lecture, by=cast.carla)
    service.publish(copy, by=cast.carla)
    assert copy.state == OfferState.REVIEW
    assert report.decided_at is not None
    report.decided_at -= quarantine.WATCHED_FOR + timedelta(days=1)
    later = service.copy(cast.lecture, by=cast.carla)
    service.publish(later, by=cast.carla)
    assert later.state == OfferState.PUBLISHED


def test_a_reported_need_is_withdrawn_and_its_teacher_hears_why(any_cast: Cast) -> None:
    cast = any_cast
    scenes.ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    report = told(cast.need, cast.dirk)
    moderation.uphold(report, WHY, by=cast.gea)
    assert cast.need.state == NeedState.WITHDRAWN
    (mail,) = db.session.scalars(select(OutboxMail).filter_by(message="moderated"))
    assert (mail.to_address, WHY in mail.body) == ("anna@example.nl", True)


def test_a_text_that_may_stay_stays(any_cast: Cast) -> None:
    report = told(any_cast.lecture, any_cast.anna)
    moderation.dismiss(report, "", by=any_cast.gea)
    assert (any_cast.lecture.state, report.state) == (OfferState.PUBLISHED, ReportState.DISMISSED)
    assert (moderation.waiting([any_cast.region.id]), mails()) == ({}, [])
    with pytest.raises(WrongState):
        moderation.uphold(report, WHY, by=any_cast.gea)
    told(any_cast.lecture, any_cast.anna)


def test_who_is_not_shown_a_text_cannot_report_it(cast: Cast) -> None:
    for person in (cast.bram, cast.farid, cast.dirk):
        with pytest.raises(NotFound):
            moderation.report(cast.need, ReportReason.WRONG, "", by=person)
    cast.lecture.state = OfferState.DRAFT
    with pytest.raises(NotFound):
        moderation.report(cast.lecture, ReportReason.WRONG, "", by=cast.anna)


# ---- pages --------------------------------------------------------------------------------------
def test_a_reader_reports_and_the_coordinator_decides(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    path = f"/moderation/report?offer={cast.lecture.id}"
    assert client.get(path).status_code == 302
    sign_in(client, cast.anna)
    page = client.get(f"/offers/{cast.lecture.id}").get_data(as_text=True)
    assert client.post(path, data={"note": "x"}).status_code == 422
    client.post(path, data={"reason": "wrong", "note": "Klopt niet"})
    (report,) = db.session.scalars(select(TextReport)).all()
    assert (report.reason, report.note, report.by_id) == ("wrong", "Klopt niet", cast.anna.id)
    assert client.get("/moderation").status_code == 403
    sign_in(client, cast.gea)
    board = client.get("/coordination").get_data(as_text=True)
    assert re.search(r'href="/moderation">Teksten om te lezen</a>\s*<span[^>]*>1<', board)
    page = client.get("/moderation").get_data(as_text=True)
    assert "Klopt niet" in page and cast.lecture.title in page
    client.post(f"/moderation/reports/{report.id}", data={"uphold": "1", "reason": ""})
    db.session.expire_all()
    assert report.state == ReportState.OPEN
    client.post(f"/moderation/reports/{report.id}", data={"uphold": "1", "reason": WHY})
    db.session.expire_all()
    assert (report.state, cast.lecture.state) == (ReportState.UPHELD, OfferState.REVIEW)
    assert client.get(f"/offers/{cast.lecture.id}").status_code == 200
    client.post(f"/moderation/offers/{cast.lecture.id}", data={"release": "1"})
    db.session.expire_all()
    assert cast.lecture.state == OfferState.PUBLISHED


def test_the_region_s_wish_is_a_setting_with_history(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    from matcher.coordination import settings

    settings.update_settings(cast.region, {"reads_first_offers": True}, by=cast.gea)
    db.session.commit()
    sign_in(client, cast.gea)
    page = client.get(f"/coordination/regions/{cast.region.id}/settings").get_data(as_text=True)
    assert cast.region.reads_first_offers is True
    assert "Eerste aanbod wordt gelezen" in page
