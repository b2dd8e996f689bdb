"""Another time for what was agreed: given back at once, asked anew, agreed again or lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matcher import clock
from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.moves import ProposalState, Side
from matcher.models.need import NeedState
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.proposals import consistency, service
from tests.cast import Cast, in_days, make_slot
from tests.proposals.scenes import another_need, at, claimed, confirm, loads, mails, taken


def agreed(cast: Cast) -> tuple[Proposal, Slot]:
    """Anna and Dirk have agreed; Dirk has another moment on the same day."""
    other = make_slot(cast.dirk_professional, in_days(30, 12))
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    mails()
    return proposal, other


def test_the_old_time_is_given_back_and_the_other_side_is_asked(any_cast: Cast) -> None:
    cast = any_cast
    proposal, other = agreed(cast)
    service.move_visit(
        proposal, other, side=Side.SCHOOL, by=cast.anna, reasons=["plan"], note="Excursie"
    )
    assert (proposal.state, proposal.slot, proposal.starts_at) == (
        ProposalState.SCHOOL_YES,
        other,
        in_days(30, 12),
    )
    assert (proposal.confirmed_at, cast.need.state) == (None, NeedState.OPEN)
    assert (taken(cast.slot), taken(other), claimed(), loads()) == (0, 0, 0, {})
    assert [(m.name, m.reasons) for m in proposal.moves[-2:]] == [
        ("move_visit", ["plan"]),
        ("school_accept", []),
    ]
    assert mails() == [("company_moved_other_time", "Dirk")]
    assert not any(consistency.check().values())


def test_the_second_yes_agrees_again_on_the_same_visit(any_cast: Cast) -> None:
    cast = any_cast
    proposal, other = agreed(cast)
    visit = db.session.scalars(select(Visit)).one()
    visit.room, visit.reminded = "12", {"tomorrow": "x"}
    before = visit.calendar_sequence
    service.move_visit(proposal, other, side=Side.COMPANY, by=cast.dirk, reasons=["illness"])
    assert proposal.state == ProposalState.COMPANY_YES
    assert mails() == [("school_moved_other_time", "Anna")]
    service.accept(proposal, side=Side.SCHOOL, by=cast.anna)
    assert (proposal.state, cast.need.state) == (ProposalState.CONFIRMED, NeedState.FILLED)
    again = db.session.scalars(select(Visit)).one()
    assert (again.id, again.room, again.reminded) == (visit.id, "12", {})
    assert again.calendar_sequence > before
    assert (taken(cast.slot), taken(other), claimed()) == (0, 1, 4)
    assert not any(consistency.check().values())


def test_a_no_to_the_new_time_ends_it(cast: Cast) -> None:
    proposal, other = agreed(cast)
    service.move_visit(proposal, other, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    service.decline(proposal, side=Side.COMPANY, by=cast.dirk, reasons=["date"])
    assert (proposal.state, cast.need.state) == (ProposalState.DECLINED, NeedState.OPEN)
    assert not any(consistency.check().values())


def test_what_cannot_be_moved(cast: Cast) -> None:
    proposal, other = agreed(cast)
    elsewhere = make_slot(cast.els_professional, in_days(30, 12))
    move = {"side": Side.SCHOOL, "by": cast.anna, "reasons": ["date"]}
    with pytest.raises(Invalid):
        service.move_visit(proposal, other, **(move | {"reasons": []}))
    with pytest.raises(NotAllowed):
        service.move_visit(proposal, other, **(move | {"by": cast.bram}))
    with pytest.raises(Invalid), db.session.begin_nested():
        service.move_visit(proposal, elsewhere, **move)
    db.session.refresh(proposal)
    assert proposal.starts_at is not None
    with at(proposal.starts_at + timedelta(minutes=5)), pytest.raises(WrongState):
        service.move_visit(proposal, other, **move)
    asked = another_need(cast)
    assert asked.state == NeedState.OPEN
    service.cancel(proposal, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    with pytest.raises(WrongState):
        service.move_visit(proposal, other, **move)


def test_the_freed_time_goes_to_whoever_waits(cast: Cast) -> None:
    from tests.proposals.scenes import alternate

    proposal, other = agreed(cast)
    waiting = another_need(cast)
    alternate(waiting, cast.lecture, cast.slot)
    service.move_visit(proposal, other, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    asked = db.session.scalars(select(Proposal).where(Proposal.need_id == waiting.id)).one()
    assert (asked.state, asked.slot) == (ProposalState.ASKED, cast.slot)


def test_the_visits_page_moves_it_and_loses_nothing(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    proposal, other = agreed(cast)
    cast.anna.language = "en"
    db.session.commit()
    sign_in(client, cast.anna)
    path = f"/visits/{proposal.id}"
    assert f'<option value="{other.id}">' in client.get(path).text
    for wrong in ({"new_slot": other.id}, {"why": "date"}, {"why": "date", "new_slot": "x"}):
        page = client.post(f"{path}/move", data=wrong | {"move_note": "Bewaar dit"})
        assert page.status_code == 422
        assert "Bewaar dit" in page.text
        assert "-error" in page.text
    good = {"why": "date", "new_slot": other.id}
    assert client.post(f"{path}/move", data=good).location == f"/proposals/{proposal.id}"
    db.session.expire_all()
    assert proposal.state == ProposalState.SCHOOL_YES
    assert client.get(path).status_code == 404
    page = client.get(f"/needs/{cast.need.id}").text
    assert "You said yes. Now Windwerk answers." in page
    assert clock.now() < in_days(30, 12)
