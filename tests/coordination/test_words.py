"""A region's own words: looked up, added, refused, read by the next run and by its replay."""

from __future__ import annotations

import gzip
import json

import pytest
from flask.testing import FlaskClient

from matcher.coordination import synonyms, words
from matcher.errors import Invalid, NotAllowed, NotFound
from matcher.extensions import db
from matcher.models.journal import JournalEntry
from matcher.models.proposal import Proposal
from matcher.models.synonym import Synonym
from matcher.proposals import run
from tests.cast import Cast, make_need, make_offer, make_school
from tests.proposals.test_inputs import counted

WORD = "wiekenwonder"  # no label, and no part of one


def add(cast: Cast, label: str = WORD, **more: object) -> Synonym:
    values: dict = {"concept": "windenergie", "language": "nl", "sure": False} | more
    made = synonyms.add(cast.region, label=label, by=cast.gea, **values)
    db.session.commit()
    return made


# ---- what the matcher makes of it ---------------------------------------------------------------
def test_a_word_changes_the_next_run_and_its_replay_and_taking_it_away_brings_the_old_back(
    any_cast: Cast,
) -> None:
    cast = any_cast
    cast.need.title, cast.need.goal, cast.need.hook = f"Het {WORD}", f"Een {WORD} van dichtbij.", ""
    cast.lecture.title = "Windturbines op zee"
    cast.lecture.description = "Hoe een windpark met rotorbladen stroom maakt."
    cast.region.settings = {"text_floor": 0.3}
    db.session.commit()
    before = run.run_region(cast.region)
    assert (before.statistics["proposals"], db.session.query(Proposal).count()) == (0, 0)
    word = add(cast)
    after = run.run_region(cast.region)
    (proposal,) = db.session.query(Proposal).all()
    assert (proposal.need_id, proposal.offer_id) == (cast.need.id, cast.lecture.id)
    (topic,) = [r for r in proposal.reasons if r["part"] == "text"]
    assert "windenergie" in topic["facts"]["concepts"]
    assert after.inputs is not None
    stored = json.loads(gzip.decompress(after.inputs))
    assert stored["synonyms"] == [["windenergie", "nl", WORD]]
    assert after.fingerprint != before.fingerprint
    synonyms.remove(word, by=cast.gea)
    db.session.commit()
    assert run.replay(after)
    again = run.run_region(cast.region)
    assert again.statistics["proposals"] == 0
    assert run.replay(before)


def test_a_word_counts_in_its_own_region_alone(cast: Cast) -> None:
    add(cast)
    make_need(cast.farid, make_school("Ver Weg", cast.other_region))
    assert run.read(cast.region).synonyms == (("windenergie", "nl", WORD),)
    assert run.read(cast.region, [cast.need.id]).synonyms == run.read(cast.region).synonyms
    assert run.read(cast.other_region).synonyms == ()


# ---- verbs --------------------------------------------------------------------------------------
def test_adding_and_taking_away_are_written_down(any_cast: Cast) -> None:
    cast = any_cast
    word = add(cast, "  wieken   wonder ")
    assert (word.label, word.by_id) == ("wieken wonder", cast.gea.id)
    synonyms.remove(word, by=cast.gea)
    db.session.commit()
    told = {"concept": "windenergie", "language": "nl", "label": "wieken wonder"}
    last, first = words.changes_of(cast.region)
    assert (first.deed, first.changes, first.by_id) == (
        "add_synonym",
        {"synonym": [None, told]},
        cast.gea.id,
    )
    assert (last.deed, last.changes) == ("remove_synonym", {"synonym": [told, None]})
    assert db.session.query(Synonym).count() == 0


@pytest.mark.parametrize(
    ("label", "language", "field"),
    [
        ("", "nl", "label"),
        ("   ", "nl", "label"),
        ("x" * 81, "nl", "label"),
        ("een twee drie vier vijf zes", "nl", "label"),
        ("school", "nl", "label"),
        ("7", "nl", "label"),
        (WORD, "de", "language"),
        ("WINDENERGIE", "nl", "label"),  # known already, however it is written
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    cast: Cast, label: str, language: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        add(cast, label, language=language)
    assert refused.value.field == field
    assert db.session.query(Synonym).count() == db.session.query(JournalEntry).count() == 0


def test_a_word_stands_once_for_a_concept_and_only_surely_for_two(cast: Cast) -> None:
    add(cast)
    with pytest.raises(Invalid) as again:
        add(cast, WORD.upper())
    assert again.value.field == "label"
    with pytest.raises(Invalid) as other:
        add(cast, concept="zonne-energie")
    assert other.value.field == "sure"
    assert synonyms.name_of("windenergie", "nl") in str(other.value)
    add(cast, concept="zonne-energie", sure=True)
    add(cast, language="en")  # the same letters in another language are another word
    assert db.session.query(Synonym).count() == 3


def test_another_regions_coordinator_and_an_unknown_concept_are_refused(cast: Cast) -> None:
    word = add(cast)
    with pytest.raises(NotAllowed):
        synonyms.add(cast.region, "windenergie", "nl", "molentje", by=cast.hugo)
    with pytest.raises(NotAllowed):
        synonyms.remove(word, by=cast.hugo)
    with pytest.raises(NotFound):
        add(cast, concept="nergens")
    assert db.session.query(Synonym).count() == 1


# ---- looking up ---------------------------------------------------------------------------------
def test_whole_labels_come_first_in_either_language_and_own_words_are_found(cast: Cast) -> None:
    for word in ("windenergie", "WIND ENERGY"):
        found, _many = words.find(word)
        assert found[0].concept.key == "windenergie"
    assert words.find(WORD) == ([], 0)
    found, many = words.find("wonder", [add(cast)])
    assert ("windenergie", WORD) in {(hit.concept.key, hit.label) for hit in found}
    assert words.find("  ") == ([], 0)
    found, many = words.find("e")
    assert (len(found), many > 1000) == (words.MOST_FOUND, True)


def test_where_it_is_named_counts_beginnings_of_words_and_short_ones_whole(any_cast: Cast) -> None:
    cast = any_cast
    make_need(cast.anna, cast.lorentz, title="Windmolens", goal="", hook="")
    make_need(cast.anna, cast.lorentz, title="Excellente bacteriën", goal="In de CEL", hook="")
    make_offer(cast.windwerk, title="Een windmolen", description="")
    make_offer(cast.zuivel, title="Een windmolen", description="")  # another region's
    texts = words.Texts(cast.region, ["windmolen", "cel", "Bacteriën", "molen"])
    assert texts.named(["windmolen"]) == words.Named(1, 1)
    assert texts.named(["molen"]) == words.Named(0, 0)
    assert texts.named(["cel"]) == words.Named(1, 0)
    assert texts.named(["bacteriën", "windmolen"]) == words.Named(2, 1)
    assert words.Texts(cast.region, [""]).named([""]) == words.Named(0, 0)


# ---- pages --------------------------------------------------------------------------------------
def test_the_page_adds_asks_again_where_it_is_not_sure_and_takes_away(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    cast.gea.language = "en"
    sign_in(client, cast.gea)
    path = f"/coordination/regions/{cast.region.id}/words"
    assert "wind energy" in client.get(f"{path}?q=windenergie").text.casefold()
    page = f"{path}/windenergie"
    told = client.post(page, data={"label": "zonnepaneel", "language": "nl"})
    assert told.status_code == 422
    assert 'value="zonnepaneel"' in told.text
    assert 'name="sure"' in told.text
    assert db.session.query(Synonym).count() == 0
    client.post(page, data={"label": "zonnepaneel", "language": "nl", "sure": "y"})
    word = db.session.query(Synonym).one()
    assert (word.label, word.concept, word.region_id) == (
        "zonnepaneel",
        "windenergie",
        cast.region.id,
    )
    assert "zonnepaneel" in client.get(path).text
    answer = client.post(f"/coordination/synonyms/{word.id}/remove")
    assert answer.location == page
    assert db.session.query(Synonym).count() == 0


def test_another_regions_coordinator_finds_no_words(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    word = add(cast)
    sign_in(client, cast.hugo)
    path = f"/coordination/regions/{cast.region.id}/words"
    data = {"label": "molentje", "language": "nl"}
    assert {client.get(p).status_code for p in (path, f"{path}/windenergie")} == {404}
    assert client.post(f"{path}/windenergie", data=data).status_code == 404
    assert client.post(f"/coordination/synonyms/{word.id}/remove").status_code == 404
    assert db.session.query(Synonym).one().label == WORD


def test_the_lists_cost_the_same_for_one_word_and_for_three(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    sign_in(client, cast.gea)
    path = f"/coordination/regions/{cast.region.id}/words"

    def costs() -> list[int]:
        found = []
        for address in (f"{path}?q=wieken", f"{path}/windenergie"):
            db.session.commit()
            db.session.expunge_all()
            with counted() as told:
                assert client.get(address).status_code == 200
            found.append(len(told))
        return found

    add(cast)
    one = costs()
    for name in vars(cast):
        setattr(cast, name, db.session.merge(getattr(cast, name)))
    add(cast, "wiekenmolen")
    add(cast, "wiekenkracht")
    assert costs() == one
