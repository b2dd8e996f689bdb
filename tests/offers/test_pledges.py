"""The pledge of a year and "still true?": who is asked, who is written to, what is made of it."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from matcher import clock
from matcher.errors import Invalid, NotAllowed
from matcher.extensions import db
from matcher.matching import Settings, propose
from matcher.models.outbox import OutboxMail
from matcher.models.professional import Pledge
from matcher.offers import pledges
from matcher.offers.agenda import free_moments
from matcher.proposals import colleagues, fits, inputs
from tests.cast import Cast, in_days, make_professional, make_slot
from tests.proposals.scenes import ask, at


def mailed(message: str) -> list[str]:
    """The links of all mails of this name, as they are sent."""
    found = select(OutboxMail).where(OutboxMail.message == message).order_by(OutboxMail.id)
    return [re.findall(r"http://localhost(/\S+)", row.text)[0] for row in db.session.scalars(found)]


def test_a_no_is_asked_nothing_anywhere(any_app: Flask, any_cast: Cast) -> None:
    cast = any_cast
    ilse = make_professional(cast.windwerk, "Ilse Kok")
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    assert [s.slots != () for s in inputs.read_problem(cast.region).supplies] == []  # covered
    assert colleagues.colleagues_for(proposal) == [ilse]
    proposal.move("withdraw", side="system", by=None)  # type: ignore[arg-type]
    db.session.flush()
    assert len(inputs.read_problem(cast.region).supplies) == 1
    assert fits.refusals(cast.need, cast.lecture) == []
    for one in (ilse, cast.dirk_professional):
        pledges.pledge(one, Pledge.NO, pledges.months_ahead()[2], by=cast.carla)
    db.session.flush()
    assert inputs.read_problem(cast.region).supplies == ()
    assert free_moments(cast.lecture) == []
    assert fits.refusals(cast.need, cast.lecture) != []


def test_a_no_is_written_to_once_in_the_chosen_month(any_app: Flask, any_cast: Cast) -> None:
    month = pledges.months_ahead()[2]
    pledges.pledge(any_cast.dirk_professional, Pledge.NO, month, by=any_cast.dirk)
    db.session.commit()
    counted = []
    first = clock.utc(datetime(month.year, month.month, 1, 9))
    for moment in (first - timedelta(days=1), first, first, first + timedelta(days=20)):
        with at(moment):
            counted.append((pledges.ask_pledges(), pledges.ask_still_true()))
            db.session.commit()
    assert counted == [(0, 0), (1, 0), (0, 0), (0, 0)]
    assert len(mailed("pledge_asked")) == 1


def test_a_yes_is_asked_anew_when_the_next_school_year_starts(
    any_app: Flask, any_cast: Cast
) -> None:
    with at(clock.utc(datetime(2026, 11, 3, 9))):
        pledges.pledge(any_cast.dirk_professional, Pledge.YES, None, by=any_cast.dirk)
    assert any_cast.dirk_professional.ask_again_on == date(2027, 9, 1)


@pytest.mark.parametrize("answer", [Pledge.MAYBE, Pledge.NO])
@pytest.mark.parametrize("month", [None, date(2020, 1, 1), date(2099, 1, 1)])
def test_a_maybe_and_a_no_need_a_month_to_come(
    app: Flask, cast: Cast, answer: Pledge, month: date | None
) -> None:
    with pytest.raises(Invalid) as refusal:
        pledges.pledge(cast.dirk_professional, answer, month, by=cast.dirk)
    assert refusal.value.field == "ask_again"
    assert cast.dirk_professional.pledge == Pledge.YES


@pytest.mark.parametrize("who", ["anna", "els", "farid", "hugo"])
def test_strangers_pledge_for_nobody(app: Flask, cast: Cast, who: str) -> None:
    one, by = cast.dirk_professional, getattr(cast, who)
    with pytest.raises(NotAllowed):
        pledges.pledge(one, Pledge.NO, pledges.months_ahead()[0], by=by)
    with pytest.raises(NotAllowed):
        pledges.confirm_still_true(one, by=by)


def test_the_pledge_by_its_mailed_link(cast: Cast, client: FlaskClient) -> None:
    one = cast.dirk_professional
    one.ask_again_on = clock.today()
    db.session.commit()
    pledges.ask_pledges()
    db.session.commit()
    (path,) = mailed("pledge_asked")
    assert client.get(path).status_code == 200
    assert one.pledged_at is None
    assert client.post(path, data={"pledge": "no", "ask_again": ""}).status_code == 422
    assert client.post(path, data={"pledge": "perhaps"}).status_code == 422
    month = pledges.months_ahead()[4].isoformat()
    assert client.post(path, data={"pledge": "maybe", "ask_again": month}).status_code == 303
    db.session.expire_all()
    assert (one.pledge, one.ask_again_on) == (Pledge.MAYBE, date.fromisoformat(month))
    assert client.get(path.replace("this-year", "still-true")).status_code == 404
    with at(clock.now() + pledges.GOOD_FOR + timedelta(days=1)):
        assert client.get(path).status_code == 410
        assert client.post(path, data={"pledge": "yes"}).status_code == 410
    db.session.expire_all()
    assert one.pledge == Pledge.MAYBE


@pytest.mark.parametrize("found", [date(2026, 8, 20), date(2027, 2, 15)])
def test_still_true_is_asked_once_a_term_of_who_has_moments(
    any_app: Flask, any_cast: Cast, found: date
) -> None:
    """Dirk has a moment to come; Els has none, and is left alone."""
    now = clock.utc(datetime(found.year, found.month, found.day, 9))
    one = any_cast.dirk_professional
    one.created_at = any_cast.els_professional.created_at = now - timedelta(days=300)
    any_cast.slot.starts_at, any_cast.slot.ends_at = (now + timedelta(days=n) for n in (20, 21))
    db.session.commit()
    counted = []
    for moment in (now - timedelta(days=13), now, now + timedelta(days=1)):
        with at(moment):
            counted.append(pledges.ask_still_true())
            db.session.commit()
    assert counted == [0, 1, 0]
    (path,) = mailed("still_true_asked")
    client = any_app.test_client()
    with at(now + timedelta(hours=1)):
        client.get(path)
        assert one.confirmed_at is None
        assert client.post(path).status_code == 303
        db.session.expire_all()
        assert one.confirmed_at == now + timedelta(hours=1)
        assert not pledges.is_due_to_confirm(one)


def test_freshness_follows_the_word_of_who_gives_it(any_app: Flask, any_cast: Cast) -> None:
    any_cast.lecture.confirmed_at = clock.now() - timedelta(days=100)
    db.session.flush()
    assert inputs.read_problem(any_cast.region).supplies[0].days_since_confirmed == 100
    pledges.confirm_still_true(any_cast.dirk_professional, by=any_cast.dirk)
    db.session.flush()
    assert inputs.read_problem(any_cast.region).supplies[0].days_since_confirmed == 0


def test_a_maybe_is_second_to_a_firm_yes_and_better_than_nobody(cast: Cast) -> None:
    """Two who give the same lesson at the same time; which is proposed turns with the pledge."""
    ilse = make_professional(cast.windwerk, "Ilse Kok")
    cast.lecture.professionals.append(ilse)
    make_slot(ilse, in_days(30, 9))
    db.session.flush()
    chosen = {}
    for maybes in ((cast.dirk_professional,), (ilse,), (cast.dirk_professional, ilse)):
        for one in (cast.dirk_professional, ilse):
            one.pledge = Pledge.MAYBE if one in maybes else Pledge.YES
        db.session.flush()
        problem = inputs.read_problem(cast.region)
        result = propose(problem.demands, problem.supplies, problem.people, Settings())
        (pairing,) = result.proposals
        facts = next(r.facts for r in pairing.reasons if r.part == "freshness")
        chosen[len(maybes), maybes[0].name] = (pairing.professional, "maybe" in facts)
    assert chosen[1, "Dirk Jansen"] == (str(ilse.id), False)
    assert chosen[1, "Ilse Kok"] == (str(cast.dirk_professional.id), False)
    assert chosen[2, "Dirk Jansen"][1] is True


def test_the_year_page_saves_and_shows_it(cast: Cast, client: FlaskClient, sign_in) -> None:
    sign_in(client, cast.dirk)
    path = f"/company/professionals/{cast.dirk_professional.id}"
    month = pledges.months_ahead()[1].isoformat()
    assert client.post(f"{path}/year", data={"pledge": "maybe"}).status_code == 422
    saved = client.post(f"{path}/year", data={"pledge": "maybe", "ask_again": month})
    assert (saved.status_code, saved.location) == (303, f"{path}/year")
    page = client.get(f"{path}/year").text
    assert f'<option selected value="{month}">' in page
    sign_in(client, cast.els)
    assert client.get(f"{path}/year").status_code == 404
    assert client.post(f"{path}/still-true").status_code == 404
