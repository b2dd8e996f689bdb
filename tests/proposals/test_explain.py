"""Reasons told to each reader: they add up, name the topic, and give nothing away too early."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import Side
from matcher.models.proposal import Proposal
from matcher.proposals import run, service
from matcher.proposals.explain import FEWEST, MOST, OF_THE_SCHOOL, Explanation, explain, explained
from matcher.proposals.view import view_of
from matcher.proposals.wording import SENTENCES, Reader
from tests.cast import Cast, add, in_days, make_need, make_offer, make_slot
from tests.proposals.scenes import ask

LANGUAGES = ("nl", "en")
READERS = ("anna", "dirk", "gea")


@pytest.fixture
def stored(cast: Cast) -> list[Proposal]:
    """What the matcher itself suggests and stores, released: a lecture and a challenge."""
    make_need(cast.bram, cast.vakschool, kinds=["challenge"], visits_wanted=2)
    make_offer(
        cast.printlab,
        "challenge",
        title="Ontwerp een windmolen",
        brief="Duurzame energie: bouw een windmolen die stroom levert.",
        angles=["doer"],
    )
    make_slot(cast.dirk_professional, in_days(30, 11))
    run.run_region(cast.region)
    made = list(db.session.query(Proposal).order_by(Proposal.id))
    for proposal in made:
        service.release(proposal, by=cast.gea)
    db.session.commit()
    assert {p.offer.kind.value for p in made} == {"lecture", "challenge"}
    return made


def told(app: Flask, proposal: Proposal, person: Person, language: str) -> Explanation:
    with app.test_request_context(), force_locale(language):
        return explain(proposal, view_of(proposal, person))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", READERS)
def test_the_parts_of_stored_proposals_add_up_for_each_reader(
    app: Flask, cast: Cast, stored: list[Proposal], who: str, language: str
) -> None:
    for proposal in stored:
        why = told(app, proposal, getattr(cast, who), language)
        assert sum(row.points for row in why.parts) == pytest.approx(proposal.score, abs=1e-9)
        assert sum(row.shown for row in why.parts) == why.shown == round(1000 * proposal.score)
        for row in why.parts:
            if row.value is not None and row.weight is not None:
                assert row.points == pytest.approx(row.value * row.weight)
                assert row.length == pytest.approx(100 * row.points)
        assert FEWEST <= len(why.sentences) <= MOST
        assert len(set(why.sentences)) == len(why.sentences)
        assert why.weak
        assert why.weak not in why.sentences


def test_the_shared_topic_is_named_in_the_readers_language(
    app: Flask, cast: Cast, stored: list[Proposal]
) -> None:
    lecture = stored[0]
    (text,) = [r["facts"] for r in lecture.reasons if r["part"] == "text"]
    assert text["nl"] != text["en"]
    for language in LANGUAGES:
        why = told(app, lecture, cast.anna, language)
        said = " ".join([*why.sentences, why.weak])
        assert all(topic in said for topic in text[language])
        other = set(text["en" if language == "nl" else "nl"]) - set(text[language])
        assert not any(f" {topic}," in said or f" {topic}." in said for topic in other)


def test_each_side_is_spoken_to_as_itself(app: Flask, cast: Cast, stored: list[Proposal]) -> None:
    said = {
        who: " ".join(told(app, stored[0], getattr(cast, who), "en").sentences) for who in READERS
    }
    assert len(set(said.values())) == 3
    assert ("Your lesson" in said["anna"], "You " in said["gea"], "your " in said["gea"]) == (
        True,
        False,
        False,
    )


def _changed(reasons: list[dict[str, Any]], part: str, **facts: Any) -> list[dict[str, Any]]:
    changed = copy.deepcopy(reasons)
    (reason,) = [r for r in changed if r["part"] == part]
    reason["value"] = reason.pop("value") / 2
    reason["facts"] |= facts
    return changed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("part", "facts"),
    [("distance", {"km": 4}), ("novelty", {"visits": 3}), ("partner", {"known": True})],
)
def test_nothing_that_tells_which_school_it_is_reaches_the_company_before_a_yes(
    app: Flask, cast: Cast, stored: list[Proposal], part: str, facts: dict, language: str
) -> None:
    """Two schools in one band of distance read alike, in sentences and figures, but for one sum."""
    before, after = Reader(Side.COMPANY, knows_school=False, band=5), Reader(Side.COMPANY)
    reasons = stored[0].reasons
    changed = _changed(reasons, part, **facts)
    with app.test_request_context(), force_locale(language):
        here, there = (explained(r, part, before) for r in (reasons, changed))
        assert (here.sentences, here.weak) == (there.sentences, there.weak)
        assert {row.part for row in here.parts} & OF_THE_SCHOOL == set()
        figures = [[replace(row, shown=0) for row in why.parts[:-1]] for why in (here, there)]
        assert figures[0] == figures[1]
        assert (here.parts[-1].part, here.parts[-1].value) == ("school", None)
        later = [explained(r, part, after) for r in (reasons, changed)]
        assert later[0].weak != later[1].weak
        assert {row.part for row in later[0].parts} >= OF_THE_SCHOOL


def test_after_a_yes_the_company_reads_the_whole(
    app: Flask, cast: Cast, stored: list[Proposal]
) -> None:
    lecture = stored[0]
    parts = [{row.part for row in told(app, lecture, cast.dirk, "en").parts}]
    service.accept(lecture, side=Side.SCHOOL, by=cast.anna)
    parts.append({row.part for row in told(app, lecture, cast.dirk, "en").parts})
    assert [OF_THE_SCHOOL & names for names in parts] == [set(), OF_THE_SCHOOL]


def test_every_part_has_something_to_say_to_everybody_however_well_it_fits(app: Flask) -> None:
    facts: dict[str, Any] = {
        "nl": ["energie"],
        "en": ["energy"],
        "wanted": ["natuurkunde"],
        "given": ["techniek"],
        "kind": "webinar",
        "km": 12,
        "margin": 15,
        "days": 30,
        "mix": {"doer": 0.6},
        "angles": ["doer"],
        "visits": 2,
    }
    for language in LANGUAGES:
        with app.test_request_context(), force_locale(language):
            for part in SENTENCES:
                for value in (0.0, 0.3, 0.5, 0.8, 1.0):
                    reasons = [{"part": part, "value": value, "weight": 1.0, "facts": facts}]
                    assert all(explained(reasons, part, Reader(side)).weak for side in Side)


def test_a_pair_chosen_by_hand_says_so_instead_of_a_score(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    cast.anna.language = "en"
    proposal = service.invite(cast.need, cast.lecture, cast.slot, by=cast.anna)
    db.session.commit()
    page = sign_in(client, cast.anna).get(f"/proposals/{proposal.id}").text
    assert "You chose this offer yourself." in page
    assert "lb-figures" not in page


def test_pages_of_all_three_show_the_same_score(cast: Cast, client: FlaskClient, sign_in) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    proposal.reasons = [
        {"part": "text", "value": 0.8, "weight": 0.5, "facts": {"nl": ["energie"]}},
        {"part": "level", "value": 1.0, "weight": 0.3, "facts": {"wanted": ["havo-bovenbouw"]}},
        {"part": "distance", "value": 0.5, "weight": 0.2, "facts": {"km": 30.4}},
    ]
    proposal.weak_point = "distance"
    add(proposal)
    db.session.commit()
    for who in READERS:
        page = sign_in(client, getattr(cast, who)).get(f"/proposals/{proposal.id}").text
        figures = page[page.index("lb-figures") :]
        assert '<td class="lb-num">80,0</td>' in figures[: figures.index("</table>")]
