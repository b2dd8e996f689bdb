"""Moments: single ones, series with their preview, a webinar's dates, taking one back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from matcher import clock
from matcher.errors import Invalid, NotAllowed, Taken, WrongState
from matcher.extensions import db
from matcher.models.moves import ProposalState, Side
from matcher.models.offer import OfferKind
from matcher.models.professional import Professional, Slot, SlotSeries
from matcher.models.proposal import Proposal
from matcher.offers import slots
from matcher.offers.agenda import SlotStatus, dates_of, weeks_of
from matcher.offers.availability import Recurrence, Verdict
from tests.cast import Cast, in_days, make_offer, make_slot


def next_monday(weeks: int = 3) -> date:
    day = clock.today() + timedelta(weeks=weeks)
    return day - timedelta(days=day.weekday())


def stored(professional: Professional) -> list[Slot]:
    return list(
        db.session.scalars(
            select(Slot).where(Slot.professional_id == professional.id).order_by(Slot.starts_at)
        )
    )


def propose(cast: Cast, slot: Slot, *moves: tuple[str, Side]) -> Proposal:
    proposal = Proposal(
        need=cast.need,
        offer=cast.lecture,
        region_id=cast.region.id,
        slot_id=slot.id,
        professional_id=slot.professional_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
    )
    db.session.add(proposal)
    for name, side in moves:
        proposal.move(name, side=side, by=None, answer_by=in_days(7))
    db.session.flush()
    return proposal


ASKED = ("release", Side.SYSTEM)
CONFIRMED = (ASKED, ("school_accept", Side.SCHOOL), ("company_confirm", Side.COMPANY))


def test_add_slot_reads_the_wall_clock(cast: Cast) -> None:
    day = next_monday()
    slot = slots.add_slot(cast.els_professional, day, time(9, 30), time(11), by=cast.els)
    zone = slots.zone_of(cast.printlab)
    assert zone.key == "Europe/Amsterdam"
    assert slot.starts_at == datetime.combine(day, time(9, 30), zone).astimezone(UTC)
    assert slot.ends_at - slot.starts_at == timedelta(minutes=90)


def test_add_slot_refuses_the_past_and_what_is_too_far(cast: Cast) -> None:
    for day in (clock.today() - timedelta(days=1), clock.today() + timedelta(days=700)):
        with pytest.raises(Invalid) as refusal:
            slots.add_slot(cast.els_professional, day, time(9), time(10), by=cast.els)
        assert refusal.value.field == "day"
    assert stored(cast.els_professional) == []


def test_add_slot_refuses_overlap_but_not_touching_ends(cast: Cast) -> None:
    day, who = next_monday(), cast.els_professional
    slots.add_slot(who, day, time(9), time(10), by=cast.els)
    for starts, ends in ((9, 10), (8, 11)):
        with pytest.raises(Taken) as refusal:
            slots.add_slot(who, day, time(starts), time(ends), by=cast.els)
        assert refusal.value.field == "starts"
    with pytest.raises(Taken):
        slots.add_slot(who, day, time(9, 45), time(11), by=cast.els)
    slots.add_slot(who, day, time(10), time(11), by=cast.els)
    slots.add_slot(cast.dirk_professional, day, time(9), time(10), by=cast.dirk)
    assert len(stored(who)) == 2


def test_preview_shows_exactly_what_add_series_makes(cast: Cast) -> None:
    who, first = cast.els_professional, next_monday()
    rule = Recurrence(frozenset({1, 3}), first, first + timedelta(days=120), time(10), time(11, 30))
    third = [slot for slot in slots.preview(who, rule) if slot.is_made][2]
    slots.add_slot(who, clock.local(third.starts_at).date(), time(11), time(12), by=cast.els)
    before = [slot.id for slot in stored(who)]
    planned = slots.preview(who, rule)
    assert [slot.id for slot in stored(who)] == before
    assert {slot.verdict for slot in planned} == {Verdict.MADE, Verdict.HOLIDAY, Verdict.CLASH}
    assert all(slot.holiday for slot in planned if slot.verdict == Verdict.HOLIDAY)
    series = slots.add_series(who, rule, by=cast.els, seen=slots.fingerprint(planned))
    made = [(slot.starts_at, slot.ends_at) for slot in stored(who) if slot.series_id == series.id]
    assert made == [(slot.starts_at, slot.ends_at) for slot in planned if slot.is_made]
    assert (series.rule, series.starts) == ("FREQ=WEEKLY;INTERVAL=1;BYDAY=TU,TH", "10:00")


def test_preview_of_a_stored_series_has_only_clashes_left(cast: Cast) -> None:
    who, first = cast.els_professional, next_monday()
    rule = Recurrence(frozenset({0}), first, first + timedelta(days=80), time(10), time(11))
    slots.add_series(who, rule, by=cast.els)
    assert Verdict.MADE not in {slot.verdict for slot in slots.preview(who, rule)}
    with pytest.raises(Invalid) as refusal:
        slots.add_series(who, rule, by=cast.els)
    assert refusal.value.field == "until"
    assert len(list(db.session.scalars(select(SlotSeries)))) == 1


def test_add_series_refuses_when_the_dates_changed_since_the_preview(cast: Cast) -> None:
    who, first = cast.els_professional, next_monday()
    rule = Recurrence(frozenset({0}), first, first + timedelta(days=80), time(10), time(11))
    planned = slots.preview(who, rule)
    day = clock.local(next(slot for slot in planned if slot.is_made).starts_at).date()
    slots.add_slot(who, day, time(10), time(10, 45), by=cast.els)
    with pytest.raises(WrongState):
        slots.add_series(who, rule, by=cast.els, seen=slots.fingerprint(planned))
    assert len(stored(who)) == 1


def test_withdrawn_moment_can_be_given_again(cast: Cast) -> None:
    who, day = cast.els_professional, next_monday()
    slot = slots.add_slot(who, day, time(9), time(10), by=cast.els)
    slots.withdraw_slot(slot, by=cast.els)
    assert weeks_of(who, slots.zone_of(cast.printlab)) == []
    with pytest.raises(WrongState):
        slots.withdraw_slot(slot, by=cast.els)
    again = slots.add_slot(who, day, time(9), time(12), by=cast.els)
    assert (again.id, again.withdrawn_at) == (slot.id, None)
    assert again.ends_at - again.starts_at == timedelta(hours=3)


@pytest.mark.parametrize("moves", [(ASKED,), CONFIRMED])
def test_withdraw_slot_refuses_while_a_school_counts_on_it(
    cast: Cast, moves: tuple[tuple[str, Side], ...]
) -> None:
    propose(cast, cast.slot, *moves)
    with pytest.raises(Taken):
        slots.withdraw_slot(cast.slot, by=cast.dirk)
    assert cast.slot.withdrawn_at is None


def test_withdraw_slot_that_was_only_suggested(cast: Cast) -> None:
    propose(cast, cast.slot)
    slots.withdraw_slot(cast.slot, by=cast.carla)
    assert cast.slot.withdrawn_at is not None


def test_weeks_of_says_what_became_of_each_moment(cast: Cast) -> None:
    who, zone = cast.dirk_professional, slots.zone_of(cast.windwerk)
    asked = make_slot(who, cast.slot.starts_at + timedelta(days=7))
    free = make_slot(who, cast.slot.starts_at + timedelta(days=14))
    make_slot(who, clock.now() - timedelta(days=2))
    agreed_on = propose(cast, cast.slot, *CONFIRMED)
    waits = propose(cast, asked, ASKED)
    assert agreed_on.state == ProposalState.CONFIRMED
    weeks = weeks_of(who, zone)
    assert [
        (moment.slot.id, moment.status, moment.proposal_id, moment.may_be_withdrawn)
        for week in weeks
        for moment in week.moments
    ] == [
        (cast.slot.id, SlotStatus.AGREED, agreed_on.id, False),
        (asked.id, SlotStatus.ASKED, waits.id, False),
        (free.id, SlotStatus.FREE, None, True),
    ]
    assert all(week.monday.weekday() == 0 for week in weeks)


def test_add_date_gives_a_webinar_its_seats(cast: Cast) -> None:
    webinar = make_offer(cast.windwerk, OfferKind.WEBINAR)
    day = next_monday()
    date_ = slots.add_date(webinar, day, time(14), time(15), seats=30, by=cast.carla)
    assert (date_.seats, date_.taken, date_.offer_id) == (30, 0, webinar.id)
    assert [moment.slot.id for moment in dates_of(webinar)] == [date_.id]
    for seats in (0, -1, 100_000):
        with pytest.raises(Invalid) as refusal:
            slots.add_date(webinar, day, time(16), time(17), seats=seats, by=cast.carla)
        assert refusal.value.field == "seats"
    with pytest.raises(Taken):
        slots.add_date(webinar, day, time(14, 30), time(16), seats=3, by=cast.carla)
    with pytest.raises(WrongState):
        slots.add_date(cast.lecture, day, time(16), time(17), seats=3, by=cast.carla)


def test_withdraw_slot_keeps_the_last_date_of_a_published_webinar(cast: Cast) -> None:
    webinar = make_offer(cast.windwerk, OfferKind.WEBINAR)
    one = slots.add_date(webinar, next_monday(), time(14), time(15), seats=3, by=cast.carla)
    with pytest.raises(WrongState):
        slots.withdraw_slot(one, by=cast.carla)
    two = slots.add_date(webinar, next_monday(5), time(14), time(15), seats=3, by=cast.carla)
    two.taken = 1
    with pytest.raises(Taken):
        slots.withdraw_slot(two, by=cast.carla)
    slots.withdraw_slot(one, by=cast.carla)
    assert [moment.slot.id for moment in dates_of(webinar)] == [two.id]


def test_nobody_else_may_touch_anothers_moments(cast: Cast) -> None:
    day = next_monday()
    rule = Recurrence(frozenset({0}), day, day + timedelta(days=30), time(10), time(11))
    for stranger in (cast.anna, cast.els, cast.farid, cast.hugo):
        with pytest.raises(NotAllowed):
            slots.add_slot(cast.dirk_professional, day, time(9), time(10), by=stranger)
        with pytest.raises(NotAllowed):
            slots.add_series(cast.dirk_professional, rule, by=stranger)
        with pytest.raises(NotAllowed):
            slots.withdraw_slot(cast.slot, by=stranger)
