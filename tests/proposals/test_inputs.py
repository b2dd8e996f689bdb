"""Rows into the matcher's words: what is let in, what is left out, and at what cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from matcher import clock
from matcher.extensions import db
from matcher.matching.types import Demand, Pin, Place, Supply
from matcher.models.moves import Side
from matcher.models.need import NeedState, PlaceKind
from matcher.models.offer import OfferKind, OfferState, TourForm
from matcher.models.organisation import Partnership, PartnershipState
from matcher.models.professional import Slot
from matcher.models.visit import Feedback, Visit
from matcher.proposals import service
from matcher.proposals.inputs import Problem, read_problem
from tests.cast import Cast, add, in_days, make_need, make_offer, make_slot
from tests.proposals.scenes import another_need, ask, at, confirm, suggest


def demand(problem: Problem) -> Demand:
    (only,) = problem.demands
    return only


def supply(problem: Problem, key: int) -> Supply:
    return next(s for s in problem.supplies if s.key == str(key))


def keys(problem: Problem) -> list[int]:
    return [int(s.key) for s in problem.supplies]


# ---- needs --------------------------------------------------------------------------------------
def test_a_need_as_the_matcher_sees_it(cast: Cast) -> None:
    cast.need.class_profile = {"doener": 60, "denker": 40}
    cast.need.published_at = clock.now() - timedelta(days=10)
    found = demand(read_problem(cast.region))
    assert (found.key, found.subjects, found.levels) == (
        str(cast.need.id),
        ("natuurkunde",),
        ("havo-bovenbouw",),
    )
    assert found.text.title == cast.need.title
    assert found.text.body == f"{cast.need.goal}\n{cast.need.hook}"
    assert (found.group_size, found.minutes, found.place) == (28, 50, "both")
    assert (found.kinds, found.languages) == (
        frozenset({"lecture", "tour"}),
        frozenset({"nl", "en"}),
    )
    assert found.location == Place(51.44, 5.48, "Eindhoven")
    assert [(w.start, w.end) for w in found.windows] == [(in_days(30, 8), in_days(30, 15))]
    assert found.class_profile == {"denker": 0.4, "doener": 0.6}
    assert (found.waiting_days, found.visits_wanted, found.visits_last_year) == (10, 1, 0)
    assert (found.region, found.school, found.open_on) == (
        "NL-NB",
        str(cast.lorentz.id),
        clock.today(),
    )


@pytest.mark.parametrize("state", [s for s in NeedState if s != NeedState.OPEN])
def test_only_open_needs_of_the_region_are_read(cast: Cast, state: NeedState) -> None:
    assert read_problem(cast.other_region).demands == ()
    cast.need.state = state
    assert read_problem(cast.region).demands == ()


def test_windows_lose_holidays_and_what_has_passed(cast: Cast) -> None:
    """Christmas 2026 in the south: 19 December to 3 January; the Friday before is a school day."""
    start, end = datetime(2026, 12, 17, 7), datetime(2027, 1, 5, 16)
    window = (start.replace(tzinfo=clock.UTC), end.replace(tzinfo=clock.UTC))
    need = make_need(cast.anna, cast.lorentz, windows=[window])
    cast.need.state = NeedState.WITHDRAWN
    with at(datetime(2026, 12, 18, 9, tzinfo=clock.UTC)):
        found = demand(read_problem(cast.region))
    spans = [(clock.local(w.start), clock.local(w.end)) for w in found.windows]
    assert found.key == str(need.id)
    local = [f"{start:%d/%m %H}-{end:%d/%m %H}" for start, end in spans]
    assert local == ["18/12 10-19/12 00", "04/01 00-05/01 17"]


def test_a_need_whose_windows_are_all_holidays_is_left_out(cast: Cast) -> None:
    day = datetime(2026, 12, 22, 8, tzinfo=clock.UTC)
    make_need(cast.anna, cast.lorentz, windows=[(day, day + timedelta(hours=7))])
    cast.need.state = NeedState.WITHDRAWN
    with at(datetime(2026, 11, 1, 9, tzinfo=clock.UTC)):
        assert read_problem(cast.region).demands == ()


def test_what_is_asked_or_agreed_already_is_not_wanted_again(cast: Cast) -> None:
    cast.need.visits_wanted = 2
    ask(cast, cast.need, cast.lecture, cast.slot)
    assert demand(read_problem(cast.region)).visits_wanted == 1
    cast.need.visits_wanted = 1
    assert read_problem(cast.region).demands == ()


# ---- offers -------------------------------------------------------------------------------------
def test_an_offer_as_the_matcher_sees_it(cast: Cast) -> None:
    cast.windwerk.term_cap = 12
    cast.lecture.angles = ["doener"]
    cast.lecture.confirmed_at = clock.now() - timedelta(days=40)
    found = supply(read_problem(cast.region), cast.lecture.id)
    assert (found.kind, found.place, found.minutes, found.max_group) == (
        "lecture",
        "onsite",
        50,
        32,
    )
    assert (found.company, found.employees, found.company_term_cap) == (
        str(cast.windwerk.id),
        800,
        12,
    )
    assert (found.on_demand, found.angles, found.days_since_confirmed) == (
        False,
        {"doener": 1.0},
        40,
    )
    assert [(s.key, s.start, s.end, s.professional, s.seats) for s in found.slots] == [
        (
            str(cast.slot.id),
            cast.slot.starts_at,
            cast.slot.ends_at,
            str(cast.dirk_professional.id),
            1,
        )
    ]


def test_only_free_slots_to_come_are_read(cast: Cast) -> None:
    host = cast.dirk_professional
    make_slot(host, clock.now() - timedelta(days=1))
    make_slot(host, in_days(120, 8)).withdrawn_at = clock.now()
    given = make_slot(host, in_days(120, 10))
    asked = make_slot(host, in_days(120, 12))
    confirm(cast, another_need(cast), cast.lecture, given)
    ask(cast, another_need(cast), cast.lecture, asked)
    found = supply(read_problem(cast.region), cast.lecture.id)
    assert [slot.key for slot in found.slots] == [str(cast.slot.id)]


def test_paused_people_and_companies_and_unpublished_offers_are_left_out(cast: Cast) -> None:
    today = clock.today()
    cast.dirk_professional.paused_until = today
    assert keys(read_problem(cast.region)) == []
    cast.dirk_professional.paused_until = today - timedelta(days=1)
    assert keys(read_problem(cast.region)) == [cast.lecture.id]
    cast.windwerk.paused_until = today
    assert keys(read_problem(cast.region)) == []
    cast.windwerk.paused_until = None
    cast.lecture.state = OfferState.PAUSED
    assert keys(read_problem(cast.region)) == []


def test_neighbours_come_in_by_distance_and_anybody_online(cast: Cast) -> None:
    """Groningen is 200 km from Eindhoven: its lectures stay out, its online offers do not."""
    host_values = {"professionals": []}
    far = make_offer(cast.zuivel, title="ver", **host_values)
    film = make_offer(
        cast.zuivel,
        OfferKind.TOUR,
        tour_form=TourForm.FILM,
        film_url="https://example.nl/f",
        lesson_sheet="Kijk.",
    )
    webinar = make_offer(cast.zuivel, OfferKind.WEBINAR)
    start = in_days(30, 13)
    end = start + timedelta(hours=1)
    add(Slot(offer_id=webinar.id, starts_at=start, ends_at=end, seats=25, taken=5))
    make_slot(cast.dirk_professional, in_days(120, 9))
    far.professionals = [cast.dirk_professional]
    near = make_offer(cast.zuivel, title="dichtbij", latitude=51.6, longitude=5.3)
    near.professionals = [cast.dirk_professional]
    problem = read_problem(cast.region)
    assert keys(problem) == sorted([cast.lecture.id, film.id, webinar.id, near.id])
    assert [s.seats for s in supply(problem, webinar.id).slots] == [20]
    assert supply(problem, webinar.id).place == PlaceKind.ONLINE
    assert (supply(problem, film.id).on_demand, supply(problem, film.id).slots) == (True, ())


def test_an_offer_without_a_free_moment_is_no_supply(cast: Cast) -> None:
    make_offer(cast.printlab, professionals=[cast.els_professional])
    assert keys(read_problem(cast.region)) == [cast.lecture.id]


# ---- people -------------------------------------------------------------------------------------
def test_a_persons_limits_count_what_is_confirmed_and_what_is_asked(cast: Cast) -> None:
    first, second = (make_slot(cast.dirk_professional, in_days(120, hour)) for hour in (9, 12))
    confirm(cast, another_need(cast), cast.lecture, first)
    ask(cast, another_need(cast), cast.lecture, second)
    problem = read_problem(cast.region)
    (dirk,) = problem.people
    day = clock.local(first.starts_at).date()
    assert (dirk.month_cap, dirk.term_cap, dirk.radius_km) == (2, 4, 60.0)
    assert dirk.taken == {clock.month(day): 2, clock.term(day): 2}
    assert [(w.start, place.name if place else None) for w, place in dirk.busy] == [
        (first.starts_at, "Breda"),
        (second.starts_at, "Breda"),
    ]
    assert supply(problem, cast.lecture.id).company_taken == {clock.term(day): 2}


# ---- pairs --------------------------------------------------------------------------------------
def test_rules_and_refusals_become_pins(cast: Cast) -> None:
    cast.need.visits_wanted = 3
    other = make_offer(cast.windwerk, title="tweede", professionals=[cast.dirk_professional])
    third = make_offer(cast.windwerk, title="derde", professionals=[cast.dirk_professional])
    service.pin(cast.need, other, by=cast.gea, reason="past")
    service.forbid(cast.need, third, by=cast.gea, reason="nee")
    declined = ask(cast, cast.need, cast.lecture, cast.slot)
    service.decline(declined, side=Side.COMPANY, by=cast.dirk, reasons=["topic"])
    need = str(cast.need.id)
    assert read_problem(cast.region).pins == (
        Pin(need, str(cast.lecture.id), forbid=True),
        Pin(need, str(other.id), forbid=False),
        Pin(need, str(third.id), forbid=True),
    )


def test_year_plans_and_good_visits_make_partners(cast: Cast) -> None:
    signed = clock.now()
    add(
        Partnership(
            school_id=cast.lorentz.id,
            company_id=cast.zuivel.id,
            state=PartnershipState.ACTIVE,
            starts_on=clock.today(),
            school_signed_at=signed,
            company_signed_at=signed,
        )
    )
    past = make_need(cast.anna, cast.lorentz)
    held = confirm(cast, past, cast.lecture, cast.slot)
    held.move("deliver", side=Side.SCHOOL, by=cast.anna)
    db.session.flush()
    visit = db.session.query(Visit).one()
    add(Feedback(visit_id=visit.id, side=Side.SCHOOL, by_id=cast.anna.id, marks={}, again=True))
    found = demand(read_problem(cast.region))
    assert found.partners == frozenset({str(cast.zuivel.id), str(cast.windwerk.id)})
    assert found.visits_last_year == 1


def test_suggestions_stand_for_a_run_and_are_given_away_for_a_new_need(cast: Cast) -> None:
    other = another_need(cast)
    suggest(other, cast.lecture, cast.slot)
    whole = read_problem(cast.region)
    assert whole.standing == ((str(other.id), str(cast.lecture.id), str(cast.slot.id)),)
    assert [d.key for d in whole.demands] == [str(cast.need.id), str(other.id)]
    assert keys(whole) == [cast.lecture.id]
    alone = read_problem(cast.region, need_ids=[cast.need.id])
    assert ([d.key for d in alone.demands], keys(alone)) == ([str(cast.need.id)], [])


def test_what_another_region_suggests_is_given_away_and_own_suggestions_are_not(cast: Cast) -> None:
    suggestion = suggest(another_need(cast), cast.lecture, cast.slot)
    assert keys(read_problem(cast.region)) == [cast.lecture.id]
    suggestion.region_id = cast.other_region.id
    assert keys(read_problem(cast.region)) == []


# ---- cost ---------------------------------------------------------------------------------------
@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_region_is_read_in_a_constant_number_of_queries(cast: Cast) -> None:
    def cost() -> int:
        db.session.commit()
        db.session.expire_all()
        region = cast.region
        assert region.code == "NL-NB"
        with counted() as seen:
            read_problem(region)
        return len(seen)

    before = cost()
    for number in range(5):
        make_need(cast.anna, cast.lorentz, title=str(number))
        offer = make_offer(cast.printlab, title=str(number))
        offer.professionals = [cast.els_professional, cast.dirk_professional]
        make_slot(cast.els_professional, in_days(30, 8 + number))
    assert cost() == before
