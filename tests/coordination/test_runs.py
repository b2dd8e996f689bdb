"""Run control: how far a run is, what it changes, what is released of it; settings put back."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from matcher.coordination import lines
from matcher.coordination.settings import history_of, put_back, update_settings
from matcher.coordination.telling import STAGES, stages_of, told_settings
from matcher.errors import NotFound
from matcher.extensions import db
from matcher.matching.match import STAGES as MATCHERS
from matcher.models.journal import write_journal
from matcher.models.moves import ProposalState
from matcher.models.proposal import Proposal
from matcher.models.run import MatchRun, QuestionKind, Release, RunState
from matcher.proposals import changes, progress, questions, run
from tests.cast import Cast, in_days, make_need, make_offer, make_slot
from tests.coordination.test_desk import suggestions
from tests.proposals.scenes import another_need, suggest
from tests.proposals.test_inputs import counted


# ---- progress -----------------------------------------------------------------------------------
def test_a_run_tells_how_far_it_is_while_it_computes(
    any_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    whole = progress.teller

    def watched(run_id: int):
        tell = whole(run_id)

        def both(stage: str) -> None:
            tell(stage)
            with db.engine.connect() as link:
                rows = link.execute(db.select(MatchRun.state, MatchRun.stage))
                told.extend((row.state, row.stage) for row in rows)

        return both

    monkeypatch.setattr(progress, "teller", watched)
    questions.ask(QuestionKind.RUN, any_cast.region, by=any_cast.gea)
    db.session.commit()
    assert run.answer_questions() == 1
    db.session.commit()
    assert told == [(RunState.RUNNING, stage) for stage in MATCHERS]
    made = db.session.query(MatchRun).one()
    assert (made.state, made.started_by_id) == (RunState.DONE, any_cast.gea.id)
    assert run.replay(made)


def test_every_stage_of_the_matcher_has_words() -> None:
    assert tuple(STAGES) == MATCHERS


def test_the_page_shows_the_stage_and_stops_asking_when_it_is_done(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    cast.gea.language = "en"
    region, gea = cast.region.id, cast.gea.id
    db.session.commit()
    key = progress.begin(region, gea)
    progress.teller(key)("vectors")
    sign_in(client, cast.gea)
    page = client.get(f"/coordination/runs/{key}").text
    now = re.findall(r'aria-current="step">([^<]+)<', page)
    assert ("hx-get" in page, now) == (True, ["finding what could fit"])
    made = db.session.get_one(MatchRun, key)
    assert [stage.state for stage in stages_of(made)] == ["done"] * 3 + ["now"] + ["later"] * 4
    assert progress.end_broken() == 1
    db.session.commit()
    page = client.get(f"/coordination/runs/{key}").text
    assert ("hx-get" in page, progress.BROKEN in page) == (False, True)


# ---- what changes -------------------------------------------------------------------------------
def test_a_run_is_compared_with_what_stood(any_cast: Cast) -> None:
    cast = any_cast
    other = make_offer(cast.printlab, title="Ander", professionals=[cast.els_professional])
    gone = another_need(cast, title="Weg", group_size=900)
    suggest(gone, other, None)
    suggest(cast.need, other, None)
    db.session.commit()
    made = run.run_region(cast.region)
    assert changes.counts(made.changes) == {"new": 0, "moved": 1, "dropped": 1, "same": 0}
    (moved,) = made.changes["moved"]
    assert (moved["need"], [m["offer"] for m in moved["after"]]) == (
        cast.need.id,
        [cast.lecture.id],
    )
    again = run.run_region(cast.region)
    assert (changes.counts(again.changes)["same"], again.changes["same"]) == (1, [cast.need.id])
    make_slot(cast.dirk_professional, in_days(30, 12))
    make_need(cast.anna, cast.lorentz, title="Nieuw")
    third = run.run_region(cast.region)
    assert changes.counts(third.changes) == {"new": 1, "moved": 0, "dropped": 0, "same": 1}


def test_lines_cost_two_queries_and_leave_out_what_is_no_more(cast: Cast) -> None:
    told = {"new": [], "dropped": [], "same": [], "moved": []}
    for number in range(3):
        need = another_need(cast, title=f"Vraag {number}")
        line = {"before": [], "after": [{"offer": cast.lecture.id, "start": None}]}
        told["new"].append({"need": need.id} | line)
    told["new"].append({"need": 999, "before": [], "after": []})
    db.session.commit()
    with counted() as statements:
        shown = lines.changed(told, most=3)
    assert len([s for s in statements if s.startswith("SELECT")]) == 2
    assert [line.need.title for line in shown.lines["new"]] == ["Vraag 0", "Vraag 1", "Vraag 2"]
    assert shown.counts["new"] == 4


@pytest.mark.parametrize("group", ["new", "same"])
def test_one_group_of_a_runs_changes_is_released(
    cast: Cast, client: FlaskClient, sign_in, group: str
) -> None:
    old, new, elsewhere = suggestions(cast, 3)
    made = MatchRun(region_id=cast.region.id, state="failed", settings={}, statistics={}, error="x")
    made.changes = {
        "new": [{"need": new.need_id, "before": [], "after": []}],
        "same": [old.need_id, elsewhere.need_id],
    }
    db.session.add(made)
    old.run = new.run = made
    db.session.commit()
    sign_in(client, cast.gea)
    client.post(
        f"/coordination/regions/{cast.region.id}/release", data={"group": group, "run": made.id}
    )
    db.session.expire_all()
    asked = [p for p in db.session.query(Proposal) if p.state == ProposalState.ASKED]
    assert asked == [new if group == "new" else old]
    assert db.session.query(Release).one().proposals == [asked[0].id]


def test_undo_on_its_page_and_for_its_region_alone(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    made = suggestions(cast, 2)
    cast.gea.language = "en"
    sign_in(client, cast.gea)
    client.post(f"/coordination/regions/{cast.region.id}/release", data={"all": "1"})
    release = db.session.query(Release).one()
    path = f"/coordination/regions/{cast.region.id}/releases"
    assert "nobody has answered" in client.get(path).text
    sign_in(client, cast.hugo)
    assert client.get(path).status_code == 404
    assert client.post(f"/coordination/releases/{release.id}/undo").status_code == 404
    sign_in(client, cast.gea)
    told = client.post(f"/coordination/releases/{release.id}/undo", follow_redirects=True).text
    assert "2 proposals are suggestions again." in told
    assert "4 mails had not gone out and were withdrawn." in told
    db.session.expire_all()
    assert {p.state for p in made} == {ProposalState.WITHDRAWN}


def test_the_list_of_releases_costs_the_same_for_one_and_for_three(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)
    costs = []
    for many in (1, 2):
        slots = [make_slot(cast.dirk_professional, in_days(60 + 10 * many, h)) for h in range(many)]
        made = [suggest(another_need(cast), cast.lecture, slot) for slot in slots]
        db.session.commit()
        for proposal in made:
            client.post(
                f"/coordination/regions/{cast.region.id}/release", data={"proposal": proposal.id}
            )
        db.session.commit()
        region = cast.region.id
        db.session.expunge_all()
        with counted() as told:
            assert client.get(f"/coordination/regions/{region}/releases").status_code == 200
        costs.append(len(told))
        for name in vars(cast):
            setattr(cast, name, db.session.merge(getattr(cast, name)))
    assert costs[0] == costs[1]


# ---- settings -----------------------------------------------------------------------------------
def test_settings_are_told_before_and_after_and_put_back(any_cast: Cast) -> None:
    cast = any_cast
    region = cast.region
    weights = {"text": 0.5, "distance": 0.1}
    update_settings(region, {"answer_days": 4, "weights": weights, "run_days": [0]}, by=cast.gea)
    update_settings(region, {"settings": {"school_bonus": 0.1}}, by=cast.gea)
    assert region.settings == {"weights": weights, "school_bonus": 0.1}
    assert not update_settings(region, {"answer_days": 4}, by=cast.gea)
    latest, first = db.session.scalars(history_of(region)).all()
    assert [(row.before, row.after) for row in told_settings(latest)] == [
        ("zoals gebruikelijk", "0.1")
    ]
    assert {(row.before, row.after) for row in told_settings(first)} >= {
        ("7", "4"),
        ("zoals gebruikelijk", "50"),
        ("zoals gebruikelijk", "10"),
    }
    assert put_back(region, first, by=cast.gea)
    assert (region.answer_days, region.run_days, region.settings) == (7, list(range(7)), {})
    assert not put_back(region, first, by=cast.gea)
    assert len(db.session.scalars(history_of(region)).all()) == 3


def test_only_an_entry_of_these_settings_can_be_put_back(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    update_settings(cast.other_region, {"answer_days": 3}, by=cast.hugo)
    (foreign,) = db.session.scalars(history_of(cast.other_region))
    write_journal("edit", cast.region, by=cast.gea, changes={"answer_days": [1, 2]})
    db.session.commit()
    with pytest.raises(NotFound):
        put_back(cast.region, foreign, by=cast.gea)
    sign_in(client, cast.gea)
    path = f"/coordination/regions/{cast.region.id}/settings"
    assert client.post(f"{path}/{foreign.id}/put-back").status_code == 404
    assert cast.region.answer_days == 7


def test_the_form_sets_when_the_region_is_matched(cast: Cast, client: FlaskClient, sign_in) -> None:
    from matcher.coordination.forms import USUAL

    sign_in(client, cast.gea)
    path = f"/coordination/regions/{cast.region.id}/settings"
    data = {"review_policy": "coordinator", "answer_days": "7", "alternates_asked": "3"}
    data |= {"ladder_after_days": "7", "ladder_before_days": "14"}
    data |= {f"weight-{part}": "10" for part in USUAL}
    refused = client.post(path, data=data | {"run_days": ["0", "7"], "run_hour": "2"})
    assert (refused.status_code, cast.region.run_hour) == (422, 5)
    client.post(path, data=data | {"run_days": ["4", "0"], "run_hour": "22"})
    db.session.expire_all()
    assert (cast.region.run_days, cast.region.run_hour) == ([0, 4], 22)
