"""The work queue: each count is that of its list; what no longer fits says why; costs stay even."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from matcher import clock
from matcher.coordination import queue
from matcher.coordination.telling import BROKEN, NEXT_STEPS, QUEUES
from matcher.extensions import db
from matcher.models.moves import Side
from matcher.models.need import PlaceKind
from matcher.models.offer import OfferState
from matcher.models.organisation import Region
from matcher.models.proposal import Origin, Proposal
from matcher.models.visit import Visit
from matcher.proposals import broken, run, service
from tests.cast import Cast, in_days, make_offer, make_person, make_slot
from tests.proposals.scenes import another_need, ask, at, confirm, suggest
from tests.proposals.test_inputs import counted

ALL = [*queue.PROPOSALS, "broken"]


def listed(region: Region, name: str) -> list[Proposal]:
    return list(db.session.scalars(queue.listed(region, name)).unique())


# ---- what no longer fits ------------------------------------------------------------------------
def _change(path: str, value: object) -> Callable[[Proposal], None]:
    def change(proposal: Proposal) -> None:
        thing: object = proposal
        *way, name = path.split(".")
        for step in way:
            thing = getattr(thing, step)
        setattr(thing, name, value)

    return change


def _no_window(proposal: Proposal) -> None:
    for window in proposal.need.windows:
        window.starts_at, window.ends_at = in_days(60, 8), in_days(60, 15)


BREAKS = {
    "away": _change("offer.state", OfferState.PAUSED),
    "guest": _change("professional.is_active", False),
    "moment": _change("slot.withdrawn_at", clock.now()),
    "group": _change("need.group_size", 33),
    "duration": _change("offer.minutes", 51),
    "language": _change("need.languages", ["de"]),
    "place": _change("need.place", PlaceKind.ONLINE),
    "time": _no_window,
}


@pytest.mark.parametrize("rule", list(BREAKS))
def test_what_breaks_a_rule_since_is_told_with_the_rule(any_cast: Cast, rule: str) -> None:
    proposal = suggest(any_cast.need, any_cast.lecture, any_cast.slot)
    db.session.flush()
    assert listed(any_cast.region, "broken") == []
    BREAKS[rule](proposal)
    db.session.flush()
    assert listed(any_cast.region, "broken") == [proposal]
    assert broken.broken_by([proposal.id]) == {proposal.id: [rule]}
    assert queue.queue_of(any_cast.region).broken == 1
    assert queue.queue_of(any_cast.other_region).broken == 0


def test_every_rule_has_a_case_and_words(cast: Cast) -> None:
    assert set(broken.rules()) == set(BREAKS) | {"forbidden"} == set(BROKEN)


def test_what_was_chosen_knowingly_breaks_no_rule_of_fitting(cast: Cast) -> None:
    proposal = suggest(cast.need, cast.lecture, cast.slot)
    cast.need.group_size = 33
    proposal.origin = Origin.INVITATION
    db.session.flush()
    assert broken.broken_by([proposal.id]) == {proposal.id: []}
    cast.lecture.state = OfferState.WITHDRAWN
    db.session.flush()
    assert broken.broken_by([proposal.id]) == {proposal.id: ["away"]}


def test_what_a_run_suggests_breaks_no_rule(any_cast: Cast) -> None:
    any_cast.need.levels = ["vwo-onderbouw"]  # near enough for the matcher
    any_cast.region.settings = {"text_floor": 0.0}
    run.run_region(any_cast.region)
    assert queue.queue_of(any_cast.region).suggested == 1
    assert listed(any_cast.region, "broken") == []


def test_another_time_both_talked_about_is_no_broken_rule(cast: Cast) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    late = make_slot(cast.dirk_professional, in_days(30, 14))
    service.offer_other_time(proposal, late, side=Side.COMPANY, by=cast.dirk)
    _no_window(proposal)
    db.session.flush()
    assert listed(cast.region, "broken") == []


def test_what_is_past_or_ended_is_not_looked_at(cast: Cast) -> None:
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    cast.lecture.state = OfferState.PAUSED
    db.session.flush()
    assert listed(cast.region, "broken") == [proposal]
    with at(in_days(60)):
        assert listed(cast.region, "broken") == []


# ---- the other lists ----------------------------------------------------------------------------
@pytest.mark.parametrize(("days", "told"), [(6, 1), (8, 0)])
def test_cancelled_late_is_within_a_week_of_the_day(any_cast: Cast, days: int, told: int) -> None:
    proposal = confirm(any_cast, any_cast.need, any_cast.lecture, any_cast.slot)
    assert proposal.starts_at is not None
    with at(proposal.starts_at - timedelta(days=days)):
        service.cancel(proposal, side=Side.COMPANY, by=any_cast.dirk, reasons=["illness"])
        db.session.flush()
        assert len(listed(any_cast.region, "cancelled_late")) == told
        assert queue.queue_of(any_cast.region).cancelled_late == told


def test_a_visit_whose_pupils_nobody_counted(any_cast: Cast) -> None:
    proposal = confirm(any_cast, any_cast.need, any_cast.lecture, any_cast.slot)
    with at(in_days(60)):
        service.deliver(proposal, side=Side.COORDINATOR, by=any_cast.gea)
        db.session.flush()
        assert listed(any_cast.region, "attendance") == [proposal]
        db.session.query(Visit).one().attended = 25
        db.session.flush()
        assert queue.queue_of(any_cast.region).attendance == 0


def test_an_offer_nobody_confirmed_for_half_a_year(any_cast: Cast) -> None:
    any_cast.lecture.confirmed_at = clock.now() - timedelta(days=181)
    older = make_offer(any_cast.printlab, confirmed_at=clock.now() - timedelta(days=300))
    make_offer(any_cast.zuivel, confirmed_at=clock.now() - timedelta(days=300))
    db.session.flush()
    found = list(db.session.scalars(queue.stale_offers(any_cast.region)))
    assert found == [older, any_cast.lecture]
    assert queue.queue_of(any_cast.region).stale_offers == 2


def test_every_count_is_that_of_its_list(any_cast: Cast) -> None:
    cast = any_cast
    for hour, deed in enumerate((suggest, lambda *a: ask(cast, *a), lambda *a: confirm(cast, *a))):
        slot = make_slot(cast.dirk_professional, in_days(60, 8 + hour))
        deed(another_need(cast), cast.lecture, slot)
    ask(cast, another_need(cast), cast.lecture, cast.slot).answer_by = clock.now()
    db.session.flush()
    counts = queue.queue_of(cast.region)
    assert {name: len(listed(cast.region, name)) for name in ALL} == {
        name: getattr(counts, name) for name in ALL
    }
    assert (counts.suggested, counts.waiting, counts.nearly_late, counts.confirmed) == (1, 2, 1, 1)
    assert (counts.unmatched, queue.queue_of(cast.other_region)) == (1, queue.Queue())


def test_the_counts_of_all_regions_cost_as_much_as_those_of_one(cast: Cast) -> None:
    suggest(cast.need, cast.lecture, cast.slot)
    db.session.commit()
    regions = list(db.session.query(Region).order_by(Region.id))
    with counted() as one:
        queue.queues_of(regions[:1])
    with counted() as two:
        both = queue.queues_of(regions)
    assert len(one) == len(two)
    assert queue.together(list(both.values())) == both[cast.region.id]


# ---- pages --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", [*queue.PROPOSALS, "broken", "cancelled", "ended", "held"])
def test_a_list_opens_for_its_coordinator_alone(
    cast: Cast, client: FlaskClient, sign_in, name: str
) -> None:
    proposal = suggest(cast.need, cast.lecture, cast.slot)
    cast.lecture.minutes = 51
    db.session.commit()
    path = f"/coordination/regions/{cast.region.id}/proposals/{name}"
    sign_in(client, cast.gea)
    page = client.get(path)
    assert page.status_code == 200
    shown = f"/proposals/{proposal.id}" in page.text
    assert shown == (name in {"suggested", "broken"})
    assert (str(BROKEN["duration"]) in page.text) == (name == "broken")
    sign_in(client, cast.hugo)
    assert client.get(path).status_code == 404


def test_lists_with_a_next_step_are_those_of_the_queue() -> None:
    assert set(NEXT_STEPS) | {"suggested", "stale_offers"} == set(queue.TO_DO) == set(QUEUES)


def test_only_an_administrator_sees_all_regions(cast: Cast, client: FlaskClient, sign_in) -> None:
    suggest(cast.need, cast.lecture, cast.slot)
    make_offer(cast.zuivel)
    chief = make_person("Ada Beheer", administrator=True)
    db.session.commit()
    sign_in(client, cast.gea)
    assert client.get("/coordination/programme").status_code == 403
    sign_in(client, chief)
    page = client.get("/coordination/programme").text
    assert [name in page for name in (cast.region.name, cast.other_region.name)] == [True, True]


def test_an_unknown_narrowing_of_a_list_is_not_there(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)
    region = f"/coordination/regions/{cast.region.id}"
    assert client.get(f"{region}/unmatched?which=waiting_long").status_code == 200
    assert client.get(f"{region}/unmatched?which=nothing").status_code == 404
    assert client.get(f"{region}/proposals/nothing").status_code == 404
