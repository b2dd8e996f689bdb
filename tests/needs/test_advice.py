"""Advice on the need's page: told in words, kept by a click, undone by editing; the ladder."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import func, select

from matcher import clock
from matcher.errors import Invalid, WrongState
from matcher.extensions import db
from matcher.models.journal import JournalEntry
from matcher.models.moves import ProposalState
from matcher.models.need import Need, NeedState, NeedWindow, PlaceKind
from matcher.models.offer import Offer, OfferKind, TourForm
from matcher.models.professional import Slot
from matcher.models.proposal import Alternate, Proposal
from matcher.models.run import MatchRun, UnmatchedNeed
from matcher.needs import advice, ladder, service
from matcher.needs.rhythm import Lesson, Rhythm, rhythm_from
from matcher.proposals import run
from matcher.proposals.queries import unmatched_of
from matcher.reference.holidays import day_off
from tests.cast import Cast, add, in_days, make_need, make_offer, make_slot
from tests.proposals.scenes import confirm
from tests.proposals.test_inputs import counted


@pytest.fixture
def teacher(cast: Cast, client: FlaskClient, sign_in) -> FlaskClient:
    cast.anna.language = "en"
    return sign_in(client, cast.anna)


def window(start: Any, hours: float) -> NeedWindow:
    return NeedWindow(starts_at=start, ends_at=start + timedelta(hours=hours))


def another_weekday(cast: Cast) -> NeedWindow:
    """A school day of the same week as the slot's, at the same hours."""
    start = cast.slot.starts_at
    return window(start + timedelta(days=-1 if start.weekday() else 1), 2)


def weeks_early(cast: Cast) -> None:
    """On the weekday of Dirk's only moment, some school weeks before it."""
    cast.slot.withdrawn_at = clock.now()
    moment = make_slot(cast.dirk_professional, in_days(75, 9)).starts_at
    days = [moment - timedelta(weeks=n) for n in (1, 2, 3)]
    early = next(day for day in days if not day_off(clock.local(day).date(), "ZU"))
    cast.need.windows = [window(early, 2)]


def far_tour(cast: Cast) -> None:
    """Twelve kilometres away, for a class that goes five."""
    cast.lecture.latitude, cast.lecture.longitude = 51.50, 5.60
    cast.lecture.kind, cast.lecture.tour_form = OfferKind.TOUR, TourForm.LIVE
    cast.lecture.lesson_sheet, cast.need.travel_km = "Vooraf lezen.", 5


CASES: dict[str, Any] = {
    "kind": lambda cast: setattr(cast.need, "kinds", ["challenge"]),
    "language": lambda cast: setattr(cast.need, "languages", ["en"]),
    "place": lambda cast: setattr(cast.need, "place", PlaceKind.ONLINE),
    "group": lambda cast: setattr(cast.need, "group_size", 40),
    "duration": lambda cast: setattr(cast.need, "lesson_minutes", 45),
    "day": lambda cast: setattr(cast.need, "windows", [another_weekday(cast)]),
    "hours": lambda cast: setattr(
        cast.need, "windows", [window(cast.slot.starts_at + timedelta(hours=3), 2)]
    ),
    "weeks": weeks_early,
    "distance": far_tour,
}


def found_for(need: Need) -> int:
    """Offers the last run gave this need: suggested, or an alternate."""
    newest = db.session.scalar(select(func.max(MatchRun.id)))
    counts = [
        db.session.scalar(
            select(func.count()).select_from(of).where(of.run_id == newest, of.need_id == need.id)
        )
        for of in (Proposal, Alternate)
    ]
    return sum(count or 0 for count in counts)


@pytest.mark.parametrize("rule", CASES)
def test_one_click_makes_the_change_and_the_matcher_finds_what_was_promised(
    cast: Cast, teacher: FlaskClient, rule: str
) -> None:
    cast.region.settings = {"alternates": 50, "topic_floor": 0.22}
    CASES[rule](cast)
    db.session.commit()
    run.run_region(cast.region)
    db.session.commit()
    told = unmatched_of(cast.need)
    assert told is not None
    change = next(c for c in told.changes if c["rule"] == rule)
    page = teacher.get(f"/needs/{cast.need.id}").text
    assert f'name="rule" value="{rule}"' in page
    data = {"rule": rule, "to": change["to"]}
    answer = teacher.post(f"/needs/{cast.need.id}/change", data=data, follow_redirects=True)
    assert advice.step_of(rule) in answer.text[answer.text.index("You took our advice.") :]
    assert (cast.need.matched_at, run.match_new_needs()) == (None, 1)
    assert found_for(cast.need) == change["unlocks"] == 1
    assert cast.need.state == NeedState.OPEN


def test_a_level_wider_is_said_of_offers_not_of_the_class(cast: Cast, teacher: FlaskClient) -> None:
    own = list(cast.need.levels)
    _advised(cast.need, [{"rule": "level", "to": "vmbo-k", "unlocks": 1, "facts": {}}])
    teacher.post(f"/needs/{cast.need.id}/change", data={"rule": "level", "to": "vmbo-k"})
    db.session.refresh(cast.need)
    assert (cast.need.levels, cast.need.other_levels) == (own, ["vmbo-k"])
    assert cast.need.accepted_levels == [*own, "vmbo-k"]
    fields = {"title": "x", "subject": "natuurkunde", "goal": "y", "levels": own}
    teacher.post(f"/needs/{cast.need.id}/what", data=fields)  # set back by editing
    db.session.refresh(cast.need)
    assert cast.need.other_levels == []


def test_two_clicks_on_two_groups_are_one(cast: Cast) -> None:
    cast.need.group_size = 41
    _advised(cast.need, [{"rule": "group", "to": "21", "unlocks": 1, "facts": {}}])
    for _click in range(2):
        advice.apply(cast.need, "group", "21", by=cast.anna)
    assert (cast.need.group_size, cast.need.visits_wanted) == (21, 2)


def test_days_that_come_beside_leave_the_class_its_own_lessons(cast: Cast) -> None:
    first = clock.local(in_days(30)).date()
    lesson = Lesson(first.weekday(), time(10, 0), time(10, 50))
    rhythm = Rhythm((lesson,), first, first + timedelta(weeks=2))
    service.set_windows(cast.need, [], rhythm=rhythm, by=cast.anna)
    own = [(w.starts_at, w.ends_at) for w in cast.need.windows]
    extra = (in_days(31, 8), in_days(31, 9))
    windows = [[start.isoformat(), end.isoformat()] for start, end in sorted([*own, extra])]
    change = {"rule": "day", "to": "any", "unlocks": 1, "facts": {"windows": windows}}
    _advised(cast.need, [change])
    advice.apply(cast.need, "day", "any", by=cast.anna)
    assert rhythm_from(cast.need.rhythm) == rhythm
    stands = {(w.starts_at, w.ends_at): w.weekly for w in cast.need.windows}
    assert stands == dict.fromkeys(own, True) | {extra: False}


def _advised(need: Need, changes: list[dict[str, Any]], **more: Any) -> UnmatchedNeed:
    made = add(MatchRun(region_id=need.region_id, settings={}, statistics={}))
    need.matched_at = clock.now()
    told = add(UnmatchedNeed(run_id=made.id, need_id=need.id, changes=changes, on_topic=4, **more))
    db.session.commit()
    return told


def test_blockers_are_told_with_their_counts(cast: Cast, teacher: FlaskClient) -> None:
    blockers = [
        {"rule": "distance", "count": 3, "only": 2},
        {"rule": "limit", "count": 1, "only": 0},
        {"rule": "topic", "count": 90, "only": 90},
    ]
    _advised(cast.need, [], blockers=blockers)
    page = teacher.get(f"/needs/{cast.need.id}").text
    assert "4 offers are about your topic" in page
    assert "<strong>3</strong> too far away" in page
    assert "(2 for this alone)" in page
    assert "<strong>1</strong> at the limit of visits already" in page
    assert "No single change would help now." in page


@pytest.mark.parametrize(
    ("rule", "to"),
    [("kind", "dance"), ("duration", "9999"), ("x", "y"), ("kind", "webinar"), ("reach", "10")],
)
def test_a_change_nobody_advised_is_refused(
    cast: Cast, teacher: FlaskClient, rule: str, to: str
) -> None:
    _advised(
        cast.need,
        [
            {"rule": "kind", "to": "challenge", "unlocks": 1, "facts": {}},
            {"rule": "reach", "to": "10", "unlocks": 1, "facts": {}},
        ],
    )
    with pytest.raises(Invalid):
        advice.apply(cast.need, rule, to, by=cast.anna)
    page = teacher.post(
        f"/needs/{cast.need.id}/change", data={"rule": rule, "to": to}, follow_redirects=True
    )
    assert "This advice has changed." in page.text
    db.session.refresh(cast.need)
    assert (cast.need.kinds, cast.need.matched_at is None) == (["lecture", "tour"], False)


def test_every_change_and_every_blocker_has_words_in_both_languages(app: Flask) -> None:
    day = in_days(30).date().isoformat()
    changes = [
        ("day", "any"),
        ("day", day),
        ("hours", ""),
        ("weeks", "4"),
        ("duration", "90"),
        ("place", "online"),
        ("language", "en"),
        ("kind", "tour"),
        ("level", "vmbo-k"),
        ("group", "15"),
        ("distance", "15"),
        ("reach", "10"),
    ]
    assert {rule for rule, _ in changes} == advice.APPLIED | {"reach"}
    told = []
    for locale in ("nl", "en"):
        with app.test_request_context(), force_locale(locale):
            told.append([advice.change_words(*change) for change in changes])
            told[-1] += [advice.blocker_words(rule) for rule in advice.BLOCKERS]
    assert all(nl != en for nl, en in zip(*told, strict=True))


def test_looking_again_is_asked_once_and_of_an_open_need_only(
    cast: Cast, teacher: FlaskClient
) -> None:
    cast.need.matched_at = clock.now()
    db.session.commit()
    teacher.post(f"/needs/{cast.need.id}/look-again")
    db.session.refresh(cast.need)
    entry = db.session.query(JournalEntry).filter_by(deed="look_again").one()
    assert (cast.need.matched_at, entry.by_id) == (None, cast.anna.id)
    service.withdraw(cast.need, reasons=["other"], by=cast.anna)
    with pytest.raises(WrongState):
        service.look_again(cast.need, by=cast.anna)


@pytest.mark.parametrize("deed", ["change", "instead", "look-again"])
@pytest.mark.parametrize("who", ["bram", "hugo"])
def test_strangers_change_nothing(
    cast: Cast, client: FlaskClient, sign_in, who: str, deed: str
) -> None:
    cast.need.matched_at = clock.now()
    db.session.commit()
    sign_in(client, getattr(cast, who))
    data = {"rule": "kind", "to": "webinar", "offer": cast.lecture.id}
    assert client.post(f"/needs/{cast.need.id}/{deed}", data=data).status_code == 404
    assert cast.need.matched_at is not None


# ---- the ladder ---------------------------------------------------------------------------------
def film(cast: Cast, **more: Any) -> Offer:
    values = {"tour_form": TourForm.FILM, "film_url": "https://x.nl/a.mp4", "lesson_sheet": "x"}
    return make_offer(cast.windwerk, OfferKind.TOUR, title="Op het platform", **values, **more)


def webinar(cast: Cast, seats: int = 3) -> tuple[Offer, Slot]:
    offer = make_offer(
        cast.printlab, OfferKind.WEBINAR, title="Wind online", place=PlaceKind.ONLINE
    )
    date = Slot(offer_id=offer.id, starts_at=in_days(45, 9), ends_at=in_days(45, 10), seats=seats)
    return offer, add(date)


def test_the_run_keeps_the_best_tour_challenge_and_webinar_and_the_page_shows_them(
    cast: Cast, teacher: FlaskClient
) -> None:
    cast.need.group_size, cast.region.settings = 33, {"topic_floor": 0.22}
    cast.need.kinds = ["lecture"]
    tour = film(cast, max_group=None)
    paper = make_offer(
        cast.printlab, OfferKind.CHALLENGE, title="Bouw een molen", brief="x", max_group=None
    )
    online, date = webinar(cast)
    online.max_group = 200
    make_slot(cast.dirk_professional, in_days(30, 11))
    run.run_region(cast.region)
    db.session.commit()
    told = unmatched_of(cast.need)
    assert told is not None
    assert [(r["kind"], r["offer"], r["slot"]) for r in told.instead] == [
        ("tour", tour.id, None),
        ("challenge", paper.id, None),
        ("webinar", online.id, date.id),
    ]
    page = teacher.get(f"/needs/{cast.need.id}").text
    shown = [page.index(offer.title) for offer in (tour, paper, online)]
    assert shown == sorted(shown)
    assert "3 places left" in page


def _rung(offer: Offer, slot: Slot | None = None) -> dict[str, Any]:
    topics = {"nl": ["wind"], "en": ["wind"]}
    slot_id = slot.id if slot else None
    return {"offer": offer.id, "slot": slot_id, "kind": offer.kind, "fit": 0.8, "topics": topics}


def test_what_has_gone_since_is_left_out(cast: Cast) -> None:
    tour, (online, date) = film(cast), webinar(cast, seats=1)
    told = _advised(cast.need, [], instead=[_rung(tour), _rung(online, date)])
    assert [rung.offer for rung in ladder.rungs(cast.need, told)] == [tour, online]
    date.taken = 1
    db.session.flush()
    assert [rung.offer for rung in ladder.rungs(cast.need, told)] == [tour]
    tour.state = "paused"
    db.session.flush()
    assert ladder.rungs(cast.need, told) == []


def test_a_click_takes_it_and_the_search_goes_on_if_asked(cast: Cast, teacher: FlaskClient) -> None:
    tour = film(cast, ask_first=False)
    _advised(cast.need, [], instead=[_rung(tour)])
    path = f"/needs/{cast.need.id}/instead"
    answer = teacher.post(path, data={"offer": tour.id, "keep": "1"})
    made = db.session.query(Proposal).one()
    assert answer.location == f"/visits/{made.id}"
    assert (made.state, made.offer_id) == (ProposalState.CONFIRMED, tour.id)
    assert (cast.need.state, cast.need.visits_wanted) == (NeedState.OPEN, 2)
    assert cast.need.matched_at is None


def test_only_this_ends_the_search(cast: Cast, teacher: FlaskClient) -> None:
    tour = film(cast, ask_first=False)
    _advised(cast.need, [], instead=[_rung(tour)])
    teacher.post(f"/needs/{cast.need.id}/instead", data={"offer": tour.id})
    assert (cast.need.state, cast.need.visits_wanted) == (NeedState.FILLED, 1)


def test_a_place_in_a_webinar_is_asked_for_with_its_date(cast: Cast, teacher: FlaskClient) -> None:
    online, date = webinar(cast)
    _advised(cast.need, [], instead=[_rung(online, date)])
    data = {"offer": online.id, "slot": date.id, "keep": "1"}
    answer = teacher.post(f"/needs/{cast.need.id}/instead", data=data)
    made = db.session.query(Proposal).one()
    assert answer.location == f"/needs/{cast.need.id}"
    assert (made.state, made.slot_id, made.starts_at) == (
        ProposalState.SCHOOL_YES,
        date.id,
        date.starts_at,
    )


def test_a_place_given_away_meanwhile_is_told_and_nothing_is_changed(
    cast: Cast, teacher: FlaskClient
) -> None:
    online, date = webinar(cast, seats=1)
    _advised(cast.need, [], instead=[_rung(online, date)])
    confirm(cast, make_need(cast.bram, cast.vakschool, kinds=["webinar"]), online, date)
    db.session.commit()
    data = {"offer": online.id, "slot": date.id, "keep": "1"}
    page = teacher.post(f"/needs/{cast.need.id}/instead", data=data, follow_redirects=True)
    assert "This date is full." in page.text
    db.session.refresh(cast.need)
    assert (cast.need.visits_wanted, cast.need.matched_at is None) == (1, False)


def test_the_page_costs_the_same_for_one_rung_and_for_three(
    cast: Cast, teacher: FlaskClient
) -> None:
    costs = []
    rungs = [_rung(film(cast)) for _ in range(3)]
    for many in (1, 3):
        _advised(cast.need, [], instead=rungs[:many])
        with counted() as told:
            page = teacher.get(f"/needs/{cast.need.id}").text
        assert page.count('class="lb-ladder"') == 1
        costs.append(len(told))
    assert costs[0] == costs[1]
