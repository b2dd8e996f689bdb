"""Webinars: seats, the line for a full date, who sees the link, what comes afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from matcher.errors import Invalid, NotAllowed, Taken, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import ProposalState, Side
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferKind, OfferState
from matcher.models.outbox import OutboxMail
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.models.seat import WaitingPlace, WaitState
from matcher.models.visit import Visit
from matcher.offers import dates
from matcher.offers import service as offers
from matcher.proposals import line, seats, service
from tests.cast import Cast, add, in_days, make_need, make_offer
from tests.offers.test_catalogue import counted_queries
from tests.proposals.scenes import at, mails, taken

LINK = "https://kanarie.example.nl/deelnemen"
FILM = "https://kanarie.example.nl/opname"


def make_webinar(cast: Cast, *, seats_: int = 1, **more: object) -> tuple[Offer, Slot]:
    values = {"max_group": None, "ask_first": False, "join_url": LINK, "minutes": 60}
    offer = make_offer(cast.windwerk, OfferKind.WEBINAR, **(values | more))
    start = in_days(30, 9)
    slot = Slot(offer_id=offer.id, starts_at=start, ends_at=start + timedelta(hours=1))
    slot.seats = seats_
    add(slot)
    db.session.refresh(offer)
    db.session.commit()
    return offer, slot


def classes(cast: Cast, number: int) -> list[Need]:
    made = [make_need(cast.bram, cast.vakschool, title=f"Klas {n}") for n in range(number)]
    db.session.commit()
    return made


def states(slot: Slot) -> list[WaitState]:
    found = select(WaitingPlace.state).where(WaitingPlace.slot_id == slot.id)
    return list(db.session.scalars(found.order_by(WaitingPlace.id)))


def test_the_first_in_line_has_the_seat_in_the_cancellation_itself(any_cast: Cast) -> None:
    offer, slot = make_webinar(any_cast)
    seated = service.invite(any_cast.need, offer, slot, by=any_cast.anna)
    first, second = classes(any_cast, 2)
    places = [seats.wait(need, slot, by=any_cast.bram) for need in (first, second)]
    db.session.commit()
    mails()
    service.cancel(seated, side=Side.SCHOOL, by=any_cast.anna, reasons=["date"])
    db.session.commit()
    assert states(slot) == [WaitState.SEATED, WaitState.WAITING]
    given = places[0].proposal
    assert given is not None
    assert (given.state, given.need_id, taken(slot)) == (ProposalState.CONFIRMED, first.id, 1)
    assert first.state == NeedState.FILLED
    assert ("seat_found", "Bram") in mails()


def test_no_seat_no_registration_and_nobody_passes_the_line(any_cast: Cast) -> None:
    offer, slot = make_webinar(any_cast)
    service.invite(any_cast.need, offer, slot, by=any_cast.anna)
    first, late = classes(any_cast, 2)
    with pytest.raises(Taken):
        service.invite(first, offer, slot, by=any_cast.bram)
    seats.wait(first, slot, by=any_cast.bram)
    slot.seats = 2  # a seat the line has not been given yet
    db.session.commit()
    with pytest.raises(Taken):
        service.invite(late, offer, slot, by=any_cast.bram)
    assert seats.tend() == 1
    assert states(slot) == [WaitState.SEATED]


def test_a_place_is_numbered_and_moves_up(any_cast: Cast) -> None:
    offer, slot = make_webinar(any_cast)
    service.invite(any_cast.need, offer, slot, by=any_cast.anna)
    needs = classes(any_cast, 3)
    places = [seats.wait(need, slot, by=any_cast.bram) for need in needs]
    with pytest.raises(WrongState):
        seats.wait(needs[0], slot, by=any_cast.bram)
    with pytest.raises(NotAllowed):
        seats.leave(places[0], by=any_cast.anna)
    seats.leave(places[0], by=any_cast.bram)
    with pytest.raises(WrongState):
        seats.leave(places[0], by=any_cast.bram)
    stand = [(p.need_id, n) for p, n in line.places_of(any_cast.bram, slots=[slot])]
    assert stand == [(needs[1].id, 1), (needs[2].id, 2)]
    assert line.lengths([slot]) == {slot.id: 2}


def test_a_class_that_found_something_else_is_passed_over(any_cast: Cast) -> None:
    offer, slot = make_webinar(any_cast)
    seated = service.invite(any_cast.need, offer, slot, by=any_cast.anna)
    gone, next_one = classes(any_cast, 2)
    for need in (gone, next_one):
        seats.wait(need, slot, by=any_cast.bram)
    service.end_need(gone, by=any_cast.bram)
    gone.state = NeedState.WITHDRAWN
    service.cancel(seated, side=Side.SCHOOL, by=any_cast.anna, reasons=["date"])
    assert states(slot) == [WaitState.LEFT, WaitState.SEATED]


def test_where_the_company_is_asked_its_no_goes_on_to_the_next(any_cast: Cast) -> None:
    offer, slot = make_webinar(any_cast, ask_first=True)
    asked = service.invite(any_cast.need, offer, slot, by=any_cast.anna)
    service.accept(asked, side=Side.COMPANY, by=any_cast.carla)
    for need in classes(any_cast, 2):
        seats.wait(need, slot, by=any_cast.bram)
    service.cancel(asked, side=Side.SCHOOL, by=any_cast.anna, reasons=["date"])
    assert states(slot) == [WaitState.SEATED, WaitState.WAITING]  # one seat: one question
    assert taken(slot) == 0
    first = db.session.scalars(select(WaitingPlace).order_by(WaitingPlace.id)).first()
    assert first is not None and first.proposal is not None
    assert first.proposal.state == ProposalState.SCHOOL_YES
    service.decline(first.proposal, side=Side.COMPANY, by=any_cast.carla, reasons=["level"])
    assert states(slot) == [WaitState.SEATED, WaitState.SEATED]


def test_more_seats_go_to_the_line_and_given_ones_stay(any_cast: Cast) -> None:
    offer, slot = make_webinar(any_cast)
    service.invite(any_cast.need, offer, slot, by=any_cast.anna)
    for need in classes(any_cast, 3):
        seats.wait(need, slot, by=any_cast.bram)
    dates.set_seats(slot, 3, by=any_cast.carla)
    assert (states(slot), taken(slot)) == (
        [WaitState.SEATED, WaitState.SEATED, WaitState.WAITING],
        3,
    )
    with pytest.raises(Taken) as refusal:
        dates.set_seats(slot, 2, by=any_cast.carla)
    assert refusal.value.field == "seats"
    with pytest.raises(NotAllowed):
        dates.set_seats(slot, 9, by=any_cast.els)


def test_a_date_called_off_tells_everybody_and_gives_no_seat_away(any_cast: Cast) -> None:
    offer, slot = make_webinar(any_cast)
    seated = service.invite(any_cast.need, offer, slot, by=any_cast.anna)
    (need,) = classes(any_cast, 1)
    seats.wait(need, slot, by=any_cast.bram)
    db.session.commit()
    mails()
    with pytest.raises(Invalid):
        dates.call_off(slot, by=any_cast.carla, reasons=[])
    dates.call_off(slot, by=any_cast.carla, reasons=["illness"])
    db.session.commit()
    assert seated.state == ProposalState.CANCELLED
    assert states(slot) == [WaitState.MISSED]
    assert (taken(slot), offer.state) == (0, OfferState.PAUSED)
    told = mails()
    assert ("school_cancelled", "Anna") in told
    assert ("seat_missed", "Bram") in told


def test_when_it_begins_the_line_ends_once(any_cast: Cast) -> None:
    offer, slot = make_webinar(any_cast)
    service.invite(any_cast.need, offer, slot, by=any_cast.anna)
    (need,) = classes(any_cast, 1)
    seats.wait(need, slot, by=any_cast.bram)
    db.session.commit()
    mails()
    assert seats.tend() == 0
    with at(slot.starts_at + timedelta(minutes=1)):
        assert (seats.tend(), seats.tend()) == (1, 0)
    assert mails() == [("seat_missed", "Bram")]


def test_a_new_link_reaches_who_is_registered_but_not_an_agreed_one(any_cast: Cast) -> None:
    offer, slot = make_webinar(any_cast, seats_=2, join_url="")
    mine = service.invite(any_cast.need, offer, slot, by=any_cast.anna)
    (need,) = classes(any_cast, 1)
    other = service.invite(need, offer, slot, by=any_cast.bram)
    visits = {v.proposal_id: v for v in db.session.scalars(select(Visit))}
    visits[other.id].video_url = "https://eigen.example.nl"
    db.session.flush()
    offers.update(offer, {"join_url": LINK}, by=any_cast.carla)
    for visit in visits.values():
        db.session.refresh(visit)
    assert visits[mine.id].video_url == LINK
    assert visits[mine.id].calendar_sequence == 1
    assert visits[other.id].video_url == "https://eigen.example.nl"


def _sees(client: FlaskClient, path: str, canary: str) -> bool:
    page = client.get(path)
    assert page.status_code == 200, path
    return canary in page.text


def _school_pages(school_id: int) -> tuple[str, ...]:
    """What colleagues read too."""
    here = f"/schools/{school_id}"
    return here, f"{here}/statement", f"{here}/statement.csv"


def test_the_link_shows_to_the_registered_only(cast: Cast, client: FlaskClient, sign_in) -> None:
    offer, slot = make_webinar(cast)
    seated = service.invite(cast.need, offer, slot, by=cast.anna)
    (need,) = classes(cast, 1)
    seats.wait(need, slot, by=cast.bram)
    db.session.commit()
    date, public = f"/webinars/{slot.id}", (f"/offers/{offer.id}", "/offers")
    assert [_sees(client, path, LINK) for path in public] == [False, False]
    sign_in(client, cast.bram)
    own = (
        "/needs",
        f"/needs/{need.id}",
        "/proposals",
        "/visits",
        *_school_pages(cast.vakschool.id),
    )
    for path in (*public, date, *own):
        assert not _sees(client, path, LINK), path
    assert "Klas 0" in client.get(date).text
    sign_in(client, cast.anna)
    assert _sees(client, date, LINK)
    assert _sees(client, f"/visits/{seated.id}", LINK)
    listed = ("/proposals", "/visits", f"/visits/{seated.id}/calendar.ics")
    for path in (*public, *listed, *_school_pages(cast.lorentz.id)):
        assert not _sees(client, path, LINK), path
    told = db.session.scalars(select(OutboxMail.body)).all()
    assert told and not any(LINK in body for body in told)
    for stranger in (cast.els, cast.farid, cast.hugo):
        sign_in(client, stranger)
        assert client.get(date).status_code == 404


def test_the_dates_stand_there_before_a_request_is_chosen(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    offer, _slot = make_webinar(cast, seats_=3)
    cast.anna.language = "en"
    make_need(cast.anna, cast.lorentz, title="Another of hers")
    db.session.commit()
    sign_in(client, cast.anna)
    page = client.get(f"/offers/{offer.id}").text
    assert page.count('<span class="lb-muted">3 seats left</span>') == 1
    assert "/webinars/" not in page  # nothing to press yet: for which class?


def test_who_cancelled_sees_no_link_and_no_recording(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    offer, slot = make_webinar(cast)
    seated = service.invite(cast.need, offer, slot, by=cast.anna)
    service.cancel(seated, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    db.session.commit()
    sign_in(client, cast.anna)
    assert not _sees(client, f"/webinars/{slot.id}", LINK)
    with at(slot.ends_at + timedelta(hours=1)):
        dates.set_recording(slot, FILM, by=cast.carla)
        sign_in(client, cast.anna)
        assert not _sees(client, f"/webinars/{slot.id}", FILM)


def test_recording_and_certificate_come_afterwards(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    offer, slot = make_webinar(cast, professionals=[cast.dirk_professional])
    seated = service.invite(cast.need, offer, slot, by=cast.anna)
    db.session.commit()
    date, paper = f"/webinars/{slot.id}", f"/webinars/{slot.id}/certificate"
    with pytest.raises(WrongState):
        dates.set_recording(slot, FILM, by=cast.carla)
    sign_in(client, cast.anna)
    assert client.get(paper).status_code == 404
    with at(slot.ends_at + timedelta(hours=1)):
        with pytest.raises(Invalid):
            dates.set_recording(slot, "http://10.0.0.1/opname", by=cast.carla)
        dates.set_recording(slot, FILM, by=cast.carla)
        service.deliver(seated, side=Side.SCHOOL, by=cast.anna)
        db.session.scalars(select(Visit)).one().attended = 27
        sign_in(client, cast.anna)
        assert _sees(client, date, FILM)
        mine = client.get(paper).text
        assert "Anna de Boer" in mine
        assert "Lorentz College" in mine
        sign_in(client, cast.dirk)
        his = client.get(paper).text
        assert "Dirk Jansen" in his
        assert "Anna de Boer" not in his
        assert "<dd>27</dd>" in his
        sign_in(client, cast.bram)
        assert client.get(paper).status_code == 404


FORM = {"subject": "natuurkunde", "level": "havo-bovenbouw", "group_size": "28"}


def test_a_class_without_a_request_registers_and_the_next_one_waits(
    any_cast: Cast, any_app, sign_in
) -> None:
    client = any_app.test_client()
    offer, slot = make_webinar(any_cast)
    sign_in(client, any_cast.anna)
    body = FORM | {"school": str(any_cast.lorentz.id), "slot": str(slot.id)}
    first = client.post(f"/offers/{offer.id}/class", data=body)
    made = db.session.scalars(select(Proposal)).one()
    assert (first.status_code, first.location) == (303, f"/proposals/{made.id}")
    assert (made.state, made.need.group_size) == (ProposalState.CONFIRMED, 28)
    second = client.post(f"/offers/{offer.id}/class", data=body)
    assert (second.status_code, second.location) == (303, f"/webinars/{slot.id}")
    assert states(slot)[-1] == WaitState.WAITING


def test_a_class_form_that_is_wrong_keeps_what_was_typed_and_makes_nothing(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    offer, slot = make_webinar(cast, max_group=20)
    sign_in(client, cast.anna)
    before = db.session.scalar(select(func.count()).select_from(Need))
    body = FORM | {"school": str(cast.lorentz.id), "slot": str(slot.id)}
    for wrong in ({"group_size": ""}, {"group_size": "28"}, {"subject": "x"}, {"school": "9999"}):
        page = client.post(f"/offers/{offer.id}/class", data=body | wrong)
        assert page.status_code == 422, wrong
        assert "utrecht-form-field-error-message" in page.text
    assert 'value="28"' in page.text
    assert db.session.scalar(select(func.count()).select_from(Need)) == before
    lecture = client.post(f"/offers/{cast.lecture.id}/class", data=body | {"slot": ""})
    assert lecture.status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Need)) == before


def _queries(client: FlaskClient, path: str) -> int:
    db.session.rollback()
    with counted_queries() as seen:
        assert client.get(path).status_code == 200
    return len(seen)


@pytest.mark.parametrize("who", ["anna", "carla", "bram"])
def test_pages_cost_the_same_for_one_and_three(
    cast: Cast, client: FlaskClient, sign_in, who: str
) -> None:
    offer, slot = make_webinar(cast)
    service.invite(cast.need, offer, slot, by=cast.anna)
    needs = classes(cast, 4)
    seats.wait(needs[0], slot, by=cast.bram)
    db.session.commit()
    person: Person = getattr(cast, who)
    sign_in(client, person)
    paths = [f"/webinars/{slot.id}", f"/offers/{offer.id}"]
    client.get(paths[0])
    before = [_queries(client, path) for path in paths]
    for need in needs[1:3]:
        seats.wait(need, slot, by=cast.bram)
    for days in (40, 50):
        start = in_days(days, 9)
        end = start + timedelta(hours=1)
        add(Slot(offer_id=offer.id, starts_at=start, ends_at=end, seats=5))
    db.session.commit()
    assert [_queries(client, path) for path in paths] == before
