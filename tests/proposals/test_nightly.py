"""The run of all regions: nothing given twice, what is left given after all, the same anywhere."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from matcher import clock
from matcher.extensions import Workers, db, workers
from matcher.models.moves import ProposalState
from matcher.models.need import Need
from matcher.models.organisation import Region
from matcher.models.proposal import Proposal
from matcher.models.run import MatchRun, RunScope, RunState
from matcher.proposals import nightly, run
from tests.cast import Cast, in_days, make_need, make_offer, make_professional, make_slot

TOLD = ("gap", "gini", "small_company_share", "price_of_fairness", "unmatched_by_blocker")


def suggested() -> list[Proposal]:
    found = select(Proposal).where(Proposal.state == ProposalState.SUGGESTED)
    return list(db.session.scalars(found.order_by(Proposal.id)))


def move_to_other_region(cast: Cast, need: Need) -> Need:
    """Schools of two regions, in one town."""
    need.region_id = cast.other_region.id
    need.school.region_id = cast.other_region.id
    return need


@pytest.fixture
def border(any_cast: Cast) -> Cast:
    """Three classes in each of two regions, and six people all of them could have."""
    for _ in range(2):
        make_need(any_cast.anna, any_cast.lorentz)
    for _ in range(3):
        move_to_other_region(any_cast, make_need(any_cast.bram, any_cast.vakschool))
    any_cast.vakschool.latitude, any_cast.vakschool.longitude = 51.44, 5.48
    for number in range(5):
        person = make_professional(
            any_cast.windwerk, f"Gast {number}", email=f"gast{number}@example.nl"
        )
        make_offer(any_cast.windwerk, professionals=[person])
        make_slot(person, in_days(30, 9))
    db.session.commit()
    return any_cast


def test_no_moment_is_given_twice_and_every_need_gets_what_is_left(border: Cast) -> None:
    night = nightly.run_all_regions()
    db.session.commit()
    assert sorted(night.regions) == ["NL-GR", "NL-NB"]
    while run.match_new_needs() > 0:
        db.session.commit()
    made = suggested()
    assert max(Counter(p.slot_id for p in made).values()) == 1
    assert len({p.need_id for p in made}) == 6
    kept = db.session.scalars(select(MatchRun).where(MatchRun.scope == RunScope.REGION)).all()
    assert all(run.replay(one) for one in kept)


def test_needs_a_share_left_empty_are_looked_at_again_and_others_are_not(border: Cast) -> None:
    """A region alone has nothing to share: what it could not place waits for the next night."""
    nightly.run_all_regions()
    placed = {p.need_id for p in suggested()}
    new = set(db.session.scalars(select(Need.id).where(Need.matched_at.is_(None))))
    assert new == set(db.session.scalars(select(Need.id))) - placed
    for need in db.session.scalars(select(Need).where(Need.region_id == border.other_region.id)):
        need.state = "withdrawn"
    crowd = make_need(border.anna, border.lorentz, group_size=900)
    db.session.commit()
    nightly.run_all_regions()
    assert crowd.matched_at is not None


def test_region_that_cannot_be_matched_leaves_the_others_alone(border: Cast) -> None:
    border.other_region.settings = {"no_such_setting": 1}
    db.session.commit()
    night = nightly.run_all_regions()
    assert list(night.regions) == ["NL-NB"]
    assert "no_such_setting" in night.failed["NL-GR"]
    assert night.as_json()["failed"] == night.failed
    found = select(MatchRun.state, Region.code).join(Region)
    assert {row.code: row.state for row in db.session.execute(found)} == {
        "NL-NB": RunState.DONE,
        "NL-GR": RunState.FAILED,
    }


def without_seconds(night: nightly.Night) -> dict[str, Any]:
    for figures in night.regions.values():
        figures.pop("seconds")
        figures.pop("texts")
    return night.as_json()


def test_over_processes_the_same_comes_out(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    move_to_other_region(cast, make_need(cast.bram, cast.vakschool))
    db.session.commit()
    here = without_seconds(nightly.dry_run_all())
    monkeypatch.setattr(workers, "engine", "processes")
    assert without_seconds(nightly.dry_run_all()) == here
    assert (here["needs"], sorted(here["regions"])) == (2, ["NL-GR", "NL-NB"])
    assert suggested() == []


def test_figures_of_all_regions_are_those_of_the_whole(border: Cast) -> None:
    make_need(border.anna, border.lorentz, group_size=900)
    db.session.commit()
    night = nightly.dry_run_all()
    parts = list(night.regions.values())
    whole = night.together
    assert set(TOLD) <= set(whole)
    assert (whole["needs"], whole["offers"]) == (7, 6)
    assert whole["proposals"] == sum(part["proposals"] for part in parts)
    assert whole["unmatched_by_blocker"]["group"] == 1
    assert whole["objective"] == pytest.approx(sum(part["objective"] for part in parts))
    assert (whole["gap"], whole["gini"], whole["small_company_share"]) == (0.0, 0.0, 0.0)


def test_without_needs_all_figures_are_nothing(any_cast: Cast) -> None:
    any_cast.need.state = "withdrawn"
    db.session.commit()
    whole = nightly.dry_run_all().as_json()
    assert {name: whole[name] for name in TOLD} == dict.fromkeys(TOLD, 0.0) | {
        "unmatched_by_blocker": {}
    }
    assert whole["regions"] == {}


# ---- the operator's door ------------------------------------------------------------------------
def printed(app: Flask, *args: str) -> dict[str, Any]:
    result = app.test_cli_runner().invoke(args=["match", *args, "--json"])
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def test_match_prints_the_figures_of_all_regions_and_of_each(
    any_app: Flask, any_cast: Cast
) -> None:
    make_need(any_cast.bram, any_cast.vakschool, group_size=900)
    db.session.commit()
    figures = printed(any_app, "--dry-run")
    for part in (figures, figures["regions"]["NL-NB"]):
        assert {name: part[name] for name in TOLD} == {
            "gap": 0.0,
            "gini": 0.0,
            "small_company_share": 0.0,
            "price_of_fairness": 0.0,
            "unmatched_by_blocker": {"group": 1},
        }
    assert db.session.scalars(select(MatchRun)).all() == []
    alone = printed(any_app, "--dry-run", "--region", "NL-NB")
    how = {"seconds": {}, "texts": {}}  # it was done; the second time all texts are kept
    assert alone | how == figures["regions"]["NL-NB"] | how


def test_match_keeps_what_it_finds(any_app: Flask, any_cast: Cast) -> None:
    figures = printed(any_app)
    assert (figures["matched"], [p.need_id for p in suggested()]) == (1, [any_cast.need.id])
    assert any_cast.need.matched_at <= clock.now()


def test_match_of_a_region_that_is_not_there_is_refused(any_app: Flask, any_cast: Cast) -> None:
    result = any_app.test_cli_runner().invoke(args=["match", "--region", "XX"])
    assert (result.exit_code, result.stderr) == (1, "Error: there is no region XX\n")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"MATCH_ENGINE": "spark"}, "not 'spark'"),
        ({"MATCH_ENGINE": "dask"}, "needs DASK_SCHEDULER"),
        ({"MATCH_WORKERS": 0}, "at least 1"),
    ],
)
def test_settings_that_make_no_sense_are_refused_at_the_start(
    settings: dict[str, Any], told: str
) -> None:
    app = Flask("x")
    app.config.update({"MATCH_ENGINE": "here", "MATCH_WORKERS": 2, "DASK_SCHEDULER": ""} | settings)
    with pytest.raises(ValueError, match=told):
        Workers().init_app(app)
