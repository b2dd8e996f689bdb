"""At which time of a free moment a visit would be."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import Side
from matcher.models.need import NeedWindow
from matcher.models.offer import OfferKind
from matcher.models.professional import Slot
from matcher.proposals import heal, service, times
from tests.cast import Cast, add, in_days, make_offer, make_slot
from tests.proposals.scenes import alternate, ask


def later(hour: int, minute: int = 0) -> datetime:
    """A moment on a school day after that of the cast's need."""
    days = (in_days(30).date() - clock.today()).days
    return in_days(days + 1, hour, minute)


@pytest.fixture
def morning(cast: Cast) -> Slot:
    """Dirk is free a whole morning; Anna's class has one lesson in it."""
    slot = make_slot(cast.dirk_professional, later(7), 240)
    cast.need.windows.append(
        NeedWindow(starts_at=later(8, 25), ends_at=later(8, 25) + timedelta(minutes=70))
    )
    db.session.flush()
    return slot


def test_a_visit_lies_in_the_lesson_and_starts_on_a_quarter(cast: Cast, morning: Slot) -> None:
    first, second = times.meetings_for(cast.need, cast.lecture)
    assert first.slot == cast.slot
    assert (second.slot, second.starts_at, second.ends_at) == (
        morning,
        later(8, 30),
        later(9, 20),
    )


def test_a_lesson_too_short_for_it_is_no_time(cast: Cast, morning: Slot) -> None:
    cast.lecture.minutes = 70  # from half past it would end after the bell
    assert [m.slot for m in times.meetings_for(cast.need, cast.lecture)] == []


def test_a_webinar_is_when_it_is(cast: Cast) -> None:
    webinar = make_offer(cast.windwerk, OfferKind.WEBINAR)
    inside = add(Slot(offer_id=webinar.id, starts_at=in_days(30, 13), ends_at=in_days(30, 14)))
    add(Slot(offer_id=webinar.id, starts_at=in_days(30, 14, 30), ends_at=in_days(30, 15, 30)))
    (only,) = times.meetings_for(cast.need, webinar)
    assert (only.slot, only.starts_at) == (inside, in_days(30, 13))


def test_an_invitation_and_another_time_are_at_the_lessons_time(cast: Cast, morning: Slot) -> None:
    invited = service.invite(cast.need, cast.lecture, morning, by=cast.anna)
    assert invited.starts_at == later(8, 30)
    service.offer_other_time(invited, cast.slot, side=Side.SCHOOL, by=cast.anna)
    assert invited.starts_at == in_days(30, 9)
    service.offer_other_time(invited, morning, side=Side.SCHOOL, by=cast.anna)
    assert (invited.starts_at, invited.ends_at) == (later(8, 30), later(9, 20))


def test_an_alternate_is_asked_inside_the_class_s_days_or_not_at_all(
    cast: Cast, morning: Slot
) -> None:
    other = make_offer(cast.windwerk, title="Ander", professionals=[cast.dirk_professional])
    asked = ask(cast, cast.need, cast.lecture, cast.slot)
    alternate(cast.need, other, morning)
    service.decline(asked, side=Side.COMPANY, by=cast.dirk, reasons=["date"])
    healed = heal.go_on(asked, asked.moves[-1])
    assert healed is None  # the first answer has healed it already
    from matcher.proposals.queries import standing_for

    (standing,) = standing_for(cast.need)
    assert (standing.offer, standing.starts_at) == (other, later(8, 30))
    cast.need.windows = cast.need.windows[:1]
    third = make_offer(cast.windwerk, title="Derde", professionals=[cast.dirk_professional])
    alternate(cast.need, third, make_slot(cast.dirk_professional, later(12)), rank=2)
    service.decline(standing, side=Side.COMPANY, by=cast.dirk, reasons=["date"])
    assert standing_for(cast.need) == []
