"""What the clock does for open requests: alerts once per offer and once a day, the ladder's day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from matcher import clock
from matcher.extensions import db
from matcher.models.need import Need, NeedAlert, NeedState
from matcher.models.offer import Offer, OfferKind
from matcher.models.outbox import OutboxMail
from matcher.models.run import MatchRun, RunState, UnmatchedNeed
from matcher.needs import service, standing
from matcher.needs.standing import is_ladder_open, ladder_day
from tests.cast import Cast, add, make_need, make_offer
from tests.proposals.scenes import ask, at


def publish(cast: Cast, title: str, **more: object) -> Offer:
    """Something new, by Dirk, after the cast's request."""
    assert cast.need.published_at is not None
    cast.lecture.published_at = cast.need.published_at - timedelta(days=1)
    host, later = [cast.dirk_professional], clock.now() + timedelta(minutes=1)
    return make_offer(cast.windwerk, title=title, professionals=host, published_at=later, **more)


def alerts() -> list[tuple[str, str]]:
    rows = db.session.scalars(
        select(OutboxMail).where(OutboxMail.message == "need_alerts").order_by(OutboxMail.id)
    )
    return [(row.to_address, row.body) for row in rows]


# ---- alerts -------------------------------------------------------------------------------------
def test_what_is_new_and_fits_is_told_once(any_cast: Cast) -> None:
    cast = any_cast
    cast.lecture.published_at = cast.need.published_at
    assert standing.tell_of_new_offers() == 0  # the lecture was there before
    new = publish(cast, "Nieuwe turbine")
    publish(cast, "Ander vak", subjects=["engels"])
    publish(cast, "Te klein", max_group=5)
    assert standing.tell_of_new_offers() == 1
    ((address, body),) = alerts()
    assert address == "anna@example.nl"
    assert "- Nieuwe turbine (gastles, Windwerk)" in body
    assert "Ander vak" not in body
    assert f"/offers?fits={cast.need.id}" in body
    told = db.session.execute(select(NeedAlert.need_id, NeedAlert.offer_id)).all()
    assert [tuple(row) for row in told] == [(cast.need.id, new.id)]
    with at(clock.now() + timedelta(days=1)):
        assert standing.tell_of_new_offers() == 0


def test_one_mail_a_day_and_nothing_is_lost(any_cast: Cast) -> None:
    cast = any_cast
    second = make_need(cast.anna, cast.lorentz, title="Nog een vraag")
    publish(cast, "Eerste")
    assert standing.tell_of_new_offers() == 1
    assert "Nog een vraag" in alerts()[0][1]
    assert cast.need.title in alerts()[0][1]
    publish(cast, "Tweede")
    assert standing.tell_of_new_offers() == 0
    with at(clock.now() + timedelta(days=1)):
        assert standing.tell_of_new_offers() == 1
    assert "Tweede" in alerts()[1][1]
    assert "Eerste" not in alerts()[1][1]
    assert db.session.scalar(select(func.count()).where(NeedAlert.need_id == second.id)) == 2


def test_a_day_without_a_free_moment_is_no_fit(cast: Cast) -> None:
    publish(cast, "Andere dag")
    cast.slot.withdrawn_at = clock.now()
    assert standing.tell_of_new_offers() == 0


@pytest.mark.parametrize("why", ["off", "withdrawn", "draft", "blocked", "asked"])
def test_who_is_not_told(cast: Cast, why: str) -> None:
    new = publish(cast, "Nieuw")
    if why == "off":
        service.switch_alerts(cast.need, False, by=cast.anna)
    elif why == "withdrawn":
        service.withdraw(cast.need, by=cast.anna, reasons=["plan"])
    elif why == "draft":
        cast.need.state = NeedState.DRAFT
    elif why == "blocked":
        cast.anna.blocked_at = clock.now()
    else:
        ask(cast, cast.need, new, cast.slot)
    assert standing.tell_of_new_offers() == 0
    assert db.session.scalar(select(func.count()).select_from(NeedAlert)) == 0


def test_a_mail_names_some_and_counts_the_rest(cast: Cast) -> None:
    for number in range(7):
        publish(cast, f"Nieuw {number}")
    assert standing.tell_of_new_offers() == 1
    body = alerts()[0][1]
    assert body.count("- Nieuw ") == 5
    assert "2" in body.split("- Nieuw")[-1]


# ---- the ladder ---------------------------------------------------------------------------------
def leave_empty(cast: Cast, need: Need) -> Offer:
    """A run found nobody for this request, and a challenge on its topic."""
    challenge = make_offer(
        cast.windwerk, OfferKind.CHALLENGE, title="Bouw een windmolen", brief="x", ask_first=False
    )
    run = add(
        MatchRun(
            region_id=cast.region.id,
            state=RunState.DONE,
            finished_at=clock.now(),
            settings={},
            statistics={},
        )
    )
    told = {"offer": challenge.id, "slot": None, "topics": {}}
    add(UnmatchedNeed(run_id=run.id, need_id=need.id, instead=[told], on_topic=1))
    need.matched_at = clock.now()
    db.session.commit()
    return challenge


def test_the_day_is_the_regions_after_publishing_or_before_the_first_day(cast: Cast) -> None:
    need = cast.need
    first = clock.local(need.windows[0].starts_at).date()
    assert ladder_day(need) == clock.today() + timedelta(days=7)
    cast.region.ladder_before_days = (first - clock.today()).days - 3
    assert ladder_day(need) == clock.today() + timedelta(days=3)
    cast.region.ladder_before_days = 365
    assert is_ladder_open(need)
    need.windows = []
    assert ladder_day(need) == clock.today() + timedelta(days=7)
    need.published_at = None
    assert (ladder_day(need), is_ladder_open(need)) == (None, False)


def test_the_teacher_is_told_once_and_not_before_the_day(any_cast: Cast) -> None:
    cast = any_cast
    leave_empty(cast, cast.need)
    assert standing.open_ladders() == 0
    with at(clock.now() + timedelta(days=7)):
        assert [standing.open_ladders(), standing.open_ladders()] == [1, 0]
    (row,) = db.session.scalars(select(OutboxMail).where(OutboxMail.message == "need_ladder")).all()
    assert row.to_address == "anna@example.nl"
    assert "- Bouw een windmolen (opdracht, Windwerk)" in row.body
    assert f"/needs/{cast.need.id}" in row.body
    assert cast.need.ladder_at is not None


@pytest.mark.parametrize("why", ["asked", "suggested", "nothing", "closed", "unseen"])
def test_no_ladder_for_who_has_somebody_or_for_whom_there_is_nothing(cast: Cast, why: str) -> None:
    from tests.proposals.scenes import suggest

    challenge = leave_empty(cast, cast.need)
    if why == "asked":
        ask(cast, cast.need, cast.lecture, cast.slot)
    elif why == "suggested":
        suggest(cast.need, cast.lecture, cast.slot)
    elif why == "nothing":
        challenge.state = "paused"
    elif why == "closed":
        cast.need.state = NeedState.CLOSED
    else:
        cast.need.matched_at = None
    with at(clock.now() + timedelta(days=8)):
        assert standing.open_ladders() == 0
    assert cast.need.ladder_at is None


def test_the_page_keeps_it_folded_until_the_day(cast: Cast, client: FlaskClient, sign_in) -> None:
    leave_empty(cast, cast.need)
    cast.anna.language = "en"
    db.session.commit()
    sign_in(client, cast.anna)
    page = client.get(f"/needs/{cast.need.id}").text
    assert "See now what your class can do anyway" in page
    assert "Bouw een windmolen" in page
    cast.region.ladder_after_days = 0
    db.session.commit()
    page = client.get(f"/needs/{cast.need.id}").text
    assert "See now what your class can do anyway" not in page
    assert page.index("Bouw een windmolen") < page.index("What you asked")


def test_the_region_sets_the_days(cast: Cast, client: FlaskClient, sign_in) -> None:
    sign_in(client, cast.gea)
    path = f"/coordination/regions/{cast.region.id}/settings"
    page = client.get(path).text
    assert 'id="ladder_after_days"' in page
    assert client.post(path, data={"ladder_after_days": "-1"}).status_code == 422
    assert (cast.region.ladder_after_days, cast.region.ladder_before_days) == (7, 14)


# ---- tidy ---------------------------------------------------------------------------------------
def test_drafts_in_which_nothing_was_written_go_after_a_week(any_cast: Cast) -> None:
    cast = any_cast
    blank = service.draft(cast.lorentz, by=cast.anna)
    key = blank.id
    begun = service.draft(cast.vakschool, by=cast.bram)
    service.save(begun, {"title": "Begonnen"}, by=cast.bram)
    db.session.commit()
    assert standing.forget_blank_drafts() == 0
    with at(clock.now() + timedelta(days=8)):
        assert standing.forget_blank_drafts() == 1
    db.session.expire_all()
    assert db.session.get(Need, key) is None
    assert db.session.get(Need, begun.id) is not None
