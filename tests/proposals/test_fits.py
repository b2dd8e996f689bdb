"""What a need's rules let through, against the matcher's own constraints, on both databases."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from matcher import clock
from matcher.extensions import db
from matcher.matching.settings import Settings
from matcher.models.need import Need, NeedWindow, PlaceKind
from matcher.models.offer import Offer, OfferKind, TourForm
from matcher.models.professional import Slot
from matcher.proposals.fits import LEAD_DAYS, Fits, fits_of, passes_on_its_days
from tests.cast import (
    BREDA,
    GRONINGEN,
    Cast,
    add,
    in_days,
    make_need,
    make_offer,
    make_professional,
    make_slot,
)
from tests.offers.test_catalogue import counted_queries
from tests.proposals.scenes import another_need, confirm


def test_lead_is_the_matchers() -> None:
    assert Settings().lead_days == LEAD_DAYS


def test_the_casts_lecture_fits_on_its_day(any_cast: Cast) -> None:
    assert fits_of(any_cast.need) == Fits(1, 1)
    any_cast.need.windows = []
    assert fits_of(any_cast.need) == Fits(1, None)


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": ["tour"]},
        {"languages": ["en"]},
        {"place": PlaceKind.ONLINE},
        {"group_size": 33},
        {"lesson_minutes": 45},
        {"levels": ["vmbo-b", "pro"]},
        {"subject": "engels"},
    ],
)
def test_one_rule_is_enough_to_keep_an_offer_out(any_cast: Cast, change: dict) -> None:
    for name, value in change.items():
        setattr(any_cast.need, name, value)
    assert fits_of(any_cast.need) == Fits(0, 0)


def test_one_of_several_levels_is_enough_and_none_said_excludes_none(any_cast: Cast) -> None:
    any_cast.need.levels = ["pro", "vwo-bovenbouw"]
    assert fits_of(any_cast.need).offers == 1
    any_cast.need.levels = ["pro"]
    any_cast.lecture.levels, any_cast.lecture.subjects = [], []
    assert fits_of(any_cast.need).offers == 1


def test_people_come_as_far_as_they_said(any_cast: Cast) -> None:
    far = make_professional(
        any_cast.windwerk, "Gert", latitude=GRONINGEN[0], longitude=GRONINGEN[1]
    )
    make_offer(any_cast.windwerk, professionals=[far])
    assert fits_of(any_cast.need) == Fits(1, 1)
    far.radius_km = 250
    assert fits_of(any_cast.need) == Fits(2, 1)


def test_a_moment_counts_when_it_is_free_and_long_enough_in_the_window(any_cast: Cast) -> None:
    need, slot = any_cast.need, any_cast.slot
    (window,) = need.windows
    window.starts_at, window.ends_at = slot.starts_at, slot.starts_at + timedelta(minutes=49)
    assert fits_of(need) == Fits(1, 0)
    window.ends_at = slot.starts_at + timedelta(minutes=50)
    assert fits_of(need) == Fits(1, 1)
    slot.withdrawn_at = clock.now()
    assert fits_of(need) == Fits(1, 0)
    slot.withdrawn_at = None
    any_cast.dirk_professional.paused_until = clock.today() + timedelta(days=9)
    assert fits_of(need) == Fits(0, 0)


def test_a_moment_given_away_does_not_count(any_cast: Cast) -> None:
    start = any_cast.slot.starts_at
    beside = make_slot(any_cast.dirk_professional, start + timedelta(minutes=30))
    any_cast.need.windows = [
        NeedWindow(starts_at=beside.starts_at, ends_at=beside.ends_at + timedelta(hours=1))
    ]
    assert fits_of(any_cast.need).on_days == 1
    other = another_need(any_cast)
    other.windows = [NeedWindow(starts_at=start, ends_at=start + timedelta(hours=2))]
    confirm(any_cast, other, any_cast.lecture, any_cast.slot)
    assert fits_of(any_cast.need).on_days == 0  # Dirk is elsewhere until half past


def test_what_needs_no_moment_is_there_on_every_day(any_cast: Cast) -> None:
    film = {"tour_form": TourForm.FILM, "film_url": "https://x.nl/a.mp4", "lesson_sheet": "x"}
    make_offer(any_cast.windwerk, OfferKind.TOUR, minutes=200, **film)
    any_cast.need.windows = [NeedWindow(starts_at=in_days(40, 8), ends_at=in_days(40, 9))]
    assert fits_of(any_cast.need) == Fits(2, 1)
    any_cast.need.place = PlaceKind.ONLINE  # the lecture is on site, a film can be seen anywhere
    assert fits_of(any_cast.need) == Fits(1, 1)


def test_a_webinar_fits_with_its_own_date_whole_inside_a_window(any_cast: Cast) -> None:
    need = any_cast.need
    need.kinds = ["webinar"]
    webinar = make_offer(any_cast.windwerk, OfferKind.WEBINAR, place=PlaceKind.ONLINE)
    date = add(
        Slot(offer_id=webinar.id, starts_at=in_days(30, 14), ends_at=in_days(30, 15), seats=5)
    )
    assert fits_of(need) == Fits(1, 1)
    date.ends_at += timedelta(minutes=30)  # the class has to leave before it ends
    assert fits_of(need) == Fits(1, 0)
    need.place = PlaceKind.ONSITE
    assert fits_of(need) == Fits(0, 0)


def _market(cast: Cast, dice: random.Random) -> list[Offer]:
    offers = []
    for number in range(40):
        at = dice.choice([BREDA, (51.44, 5.48), GRONINGEN])
        host = make_professional(
            cast.windwerk,
            f"Gast{number}",
            latitude=at[0],
            longitude=at[1],
            radius_km=dice.choice([10, 60, 200]),
        )
        kind = dice.choice([OfferKind.LECTURE, OfferKind.TOUR, OfferKind.CHALLENGE])
        offers.append(
            make_offer(
                cast.windwerk,
                kind,
                professionals=[host],
                tour_form=TourForm.LIVE if kind == OfferKind.TOUR else None,
                lesson_sheet="x",
                brief="x",
                place=dice.choice(list(PlaceKind)),
                minutes=dice.choice([30, 50, 90]),
                max_group=dice.choice([None, 15, 32]),
                languages=dice.sample(["nl", "en"], dice.randint(1, 2)),
            )
        )
        taken: set[datetime] = set()
        for _slot in range(3):
            start = in_days(dice.randint(8, 40), dice.randint(7, 14), dice.choice([0, 15, 30]))
            if start not in taken:
                make_slot(host, start, dice.choice([45, 60, 120]))
            taken.add(start)
    return offers


def _needs(cast: Cast, dice: random.Random) -> list[Need]:
    return [
        make_need(
            dice.choice([cast.anna, cast.bram]),
            dice.choice([cast.lorentz, cast.vakschool]),
            kinds=dice.sample(["lecture", "tour", "challenge"], dice.randint(1, 3)),
            place=dice.choice(list(PlaceKind)),
            languages=dice.sample(["nl", "en"], dice.randint(1, 2)),
            group_size=dice.choice([12, 28, 60]),
            lesson_minutes=dice.choice([45, 60, 100]),
            windows=[
                (in_days(day, 7), in_days(day, dice.choice([9, 11, 15])))
                for day in sorted(dice.sample(range(9, 40), 6))
            ],
        )
        for _need in range(12)
    ]


def test_the_count_is_that_of_the_matchers_own_rules(any_cast: Cast) -> None:
    """Without subjects and levels, which the matcher weighs, both let the same offers through."""
    from matcher.matching.constraints import RULES, meetings
    from matcher.matching.engine import make_field
    from matcher.matching.inputs import Inputs
    from matcher.matching.side import make_side
    from matcher.proposals.inputs import read_problem

    dice = random.Random(5)
    _market(any_cast, dice)
    needs = _needs(any_cast, dice)
    db.session.flush()
    problem = read_problem(any_cast.region)
    inputs = Inputs(problem.demands, problem.supplies, problem.people)
    field = make_field(inputs, Settings(), make_side(inputs.supplies, inputs.people))
    import numpy as np

    offers = np.arange(len(inputs.supplies))
    seen = []
    for row, demand in enumerate(inputs.demands):
        d = np.full(len(offers), row)
        refused = np.zeros(len(offers), dtype=bool)
        for name in RULES:
            refused |= RULES[name](field, d, offers)
        left = np.nonzero(~refused)[0]
        found = meetings(field, d[left], left)
        fitting = {int(inputs.supplies[left[pair]].key) for pair in found.pair}
        need = db.session.get_one(Need, int(demand.key))
        asked = set(db.session.scalars(select(Offer.id).where(passes_on_its_days(need))))
        assert asked == fitting, demand.key
        assert fits_of(need).on_days == len(fitting)
        seen.append(len(fitting))
    assert len(needs) + 1 == len(seen)
    assert 0 < min(n for n in seen if n) < max(seen)


def test_the_count_is_one_query(any_cast: Cast) -> None:
    fits_of(any_cast.need)
    with counted_queries() as seen:
        fits_of(any_cast.need)
    assert len(seen) == 1
