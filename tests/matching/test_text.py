"""Texts: senses by context, compounds, two languages, similarity in bounds."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from matcher.matching import fitting
from matcher.matching.counting import read
from matcher.matching.text import STRONGEST_CONCEPTS, default_space
from matcher.matching.thesaurus import Thesaurus
from matcher.matching.types import Text
from matcher.reference.concepts import Concept, concepts


def concept(key: str, nl: str, en: str, **more: tuple[str, ...]) -> Concept:
    values = {"broader": (), "related": (), "subjects": ()} | more
    return Concept(key, {"nl": tuple(nl.split("|")), "en": tuple(en.split("|"))}, **values)


SMALL = (
    concept("stroomnet", "stroomnet|netwerk", "power grid|network", related=("energie",)),
    concept("computernetwerk", "netwerk|router", "network|router", subjects=("informatica",)),
    concept("energie", "energie|vermogen", "energy|power", subjects=("natuurkunde",)),
    concept("ict", "server|software", "server|software", subjects=("informatica",)),
)


@cache
def small() -> Thesaurus:
    return Thesaurus(SMALL)


def test_sense_of_an_ambiguous_label_follows_the_rest_of_the_text() -> None:
    energy = small().mentions(Text("Het netwerk en energie", "vermogen", "nl"))
    computing = small().mentions(Text("Het netwerk en de server", "software", "nl"))
    assert energy["stroomnet"] > energy["computernetwerk"]
    assert computing["computernetwerk"] > computing["stroomnet"]


FIELD = "netbeheerder, transformator en hoogspanning"
SENSES = [  # words of the field that mean several things, each told apart by its neighbours
    ("nl", "Het netwerk", FIELD, "elektriciteitsnet", "computernetwerken"),
    ("nl", "Het netwerk", "router, wifi en server", "computernetwerken", "elektriciteitsnet"),
    ("nl", "Spanning", "volt, weerstand en schakeling", "elektrische-spanning", "sterkteleer"),
    ("nl", "Spanning", "trekproef, treksterkte en rek", "sterkteleer", "elektrische-spanning"),
    ("nl", "De cel", "celkern, mitochondriën en celdeling", "cell-biology", "batterij"),
    ("nl", "De cel", "accu, lithium en elektroden", "batterij", "cell-biology"),
    ("nl", "De cel", "zonnepaneel en silicium", "zonne-energie", "cell-biology"),
    ("nl", "Druk", "manometer, vacuüm en gaswet", "gassen-en-druk", "grafische-techniek"),
    ("nl", "Druk", "offset, inkt en drukpers", "grafische-techniek", "gassen-en-druk"),
    ("nl", "Hoge druk", "hart, bloedvaten en cholesterol", "blood-pressure", "gassen-en-druk"),
    ("nl", "De golf", "frequentie, amplitude en trilling", "golven", "elektromagnetische-golven"),
    ("nl", "De golf", "zender, radiogolven en antenne", "elektromagnetische-golven", "golven"),
    ("nl", "Het veld", "spoel, magneet en inductie", "elektromagnetisme", "agriculture"),
    ("nl", "Het veld", "boer, gewas en trekker", "agriculture", "elektromagnetisme"),
    ("nl", "De bank", "lening, rente en sparen", "finance", "furniture"),
    ("nl", "De bank", "meubelmaker, hout en zagen", "furniture", "finance"),
    ("en", "The current", "volt, resistor and circuit", "elektriciteit", "river-landscape"),
    ("en", "The current", "river, delta and meander", "river-landscape", "elektriciteit"),
    ("en", "The plant", "refinery and process operator", "procesindustrie", "plants"),
    ("en", "The plant", "photosynthesis, leaves and seeds", "plants", "procesindustrie"),
    ("en", "The cell", "cytoplasm, mitochondria and mitosis", "cell-biology", "batterij"),
    ("en", "The cell", "lithium battery and electrode", "batterij", "cell-biology"),
    ("en", "The bridge", "steel structure, beam and load", "bridges", "dental-tech"),
    ("en", "The bridge", "crowns, dentures and dental technician", "dental-tech", "bridges"),
    (
        "en",
        "Tension",
        "tensile strength, strain and fracture",
        "sterkteleer",
        "elektrische-spanning",
    ),
    ("en", "Tension", "voltage, volt and socket", "elektrische-spanning", "sterkteleer"),
]


@cache
def field() -> Thesaurus:
    return Thesaurus()


@pytest.mark.parametrize(("language", "word", "rest", "meant", "other"), SENSES)
def test_the_fields_own_words_are_told_apart_by_context(
    language: str, word: str, rest: str, meant: str, other: str
) -> None:
    alone = field().mentions(Text("", word, language))
    found = field().mentions(Text("", f"{word}: {rest}", language))
    assert {meant, other} <= set(alone)  # the word itself may mean both
    assert found[meant] > 2 * found[other]


def test_ambiguous_words_explain_each_other() -> None:
    """Neither word is sure, yet one pair of senses belongs together."""
    entries = (
        concept("geld", "geld|bank|rente", "money|bank|interest"),
        concept("meubel", "meubel|bank", "furniture|bench"),
        concept("lenen", "lenen|rente", "borrowing|interest", broader=("geld",)),
    )
    found = Thesaurus(entries).mentions(Text("", "bank en rente", "nl"))
    assert found["geld"] > found["meubel"] + found["lenen"]


def test_a_label_that_stands_in_every_text_says_nothing() -> None:
    bees = Thesaurus((concept("bijen", "bijen|bij", "bees|bee"),))
    assert bees.mentions(Text("", "Kom bij ons kijken", "nl")) == {}
    assert bees.mentions(Text("", "Honing van bijen", "nl")) == {"bijen": 1.0}


def test_a_single_foreign_word_counts_only_where_it_is_no_word_of_the_text() -> None:
    law = Thesaurus((concept("recht", "wet|wet van ohm", "law|rule of law"),))
    assert law.mentions(Text("", "The leaves are wet", "en")) == {}
    assert law.mentions(Text("", "Ohm noemt men de rule of law", "nl")) == {
        "recht": pytest.approx(0.9 * 2)
    }


def test_label_inside_a_compound_counts_half() -> None:
    whole = small().mentions(Text("", "software", "nl"))
    part = small().mentions(Text("", "softwarebedrijf", "nl"))
    assert (whole, part) == ({"ict": 1.0}, {"ict": 0.5})


def test_title_counts_three_times_and_spread_reaches_neighbours_both_ways() -> None:
    for title, neighbour in (("stroomnet", "energie"), ("energie", "stroomnet")):
        rows = small().table(read([Text(title, "", "nl")])) @ small().spreading
        found = {small().keys[c]: w for c, w in zip(rows.indices, rows.data, strict=True)}
        assert found == {title: 3.0, neighbour: pytest.approx(0.9)}


def test_added_synonym_is_understood() -> None:
    plain, added = Thesaurus(SMALL), Thesaurus(SMALL, extra=[("energie", "nl", "prik")])
    assert plain.mentions(Text("", "prik", "nl")) == {}
    assert added.mentions(Text("", "prik", "nl")) == {"energie": 1.0}


def test_added_label_moves_a_text_towards_its_concept_without_another_fit() -> None:
    plain = default_space()
    added = plain.with_labels([("windenergie", "nl", "wiekenwonder")])
    texts = [Text("Een wiekenwonder", "", "nl"), Text("Wind turbines", "", "en")]
    before, after = (
        space.all_pairs(*(space.encode([t]) for t in texts)) for space in (plain, added)
    )
    assert before[0, 0] < 0.1 < after[0, 0]
    assert plain.with_labels([]) is plain
    assert plain.with_labels([("windenergie", "nl", "wiekenwonder")]) is added
    assert added.shared(*texts)[0] == "windenergie"


def test_words_of_a_concept_count_though_none_of_its_labels_stands_there_whole() -> None:
    space = default_space()
    text = Text("", "de snelheid van moleculen en van de omzetting bij een botsing", "nl")
    near = space.encode([text, Text("Reactiesnelheid", "", "nl"), Text("Brood", "", "nl")])
    table = space.all_pairs(near, near)
    assert table[0, 1] > 3 * table[0, 2]


def test_the_same_story_in_two_languages_is_nearer_than_another_story() -> None:
    space = default_space()
    texts = [
        Text("Hoe een windturbine stroom maakt", "vermogen, rotorbladen en generator", "nl"),
        Text("How a wind turbine makes power", "blades, generator and wind farm", "en"),
        Text("Brood bakken", "gist, deeg en oven", "nl"),
    ]
    table = space.all_pairs(space.encode(texts), space.encode(texts))
    assert table[0, 1] > table[0, 2] + 0.1
    assert table.min() >= 0
    assert table.max() <= 1
    rows = np.array([0, 1])
    pairs = space.pairwise(space.encode(texts), space.encode(texts), rows, np.array([1, 2]))
    assert pairs == pytest.approx([table[0, 1], table[1, 2]], abs=1e-5)
    assert "windenergie" in space.shared(texts[0], texts[1]) or space.shared(texts[0], texts[1])


def test_a_vector_depends_on_its_own_text_alone() -> None:
    space = default_space()
    texts = [
        Text("De cel", "accu, lithium, laden en spanning", "nl"),
        Text("", "", "nl"),
        Text("Robots in de kas", "plukrobot, gewas, teelt en precisielandbouw", "nl"),
        Text("Cell and network", "current, tension, bridge and plant", "en"),
    ]
    together = space.encode(texts)
    for number, text in enumerate(texts):
        alone, one = space.encode([text]), together.take([number])
        for view in ("concepts", "words", "letters", "mentioned"):
            assert getattr(alone, view).indices.tolist() == getattr(one, view).indices.tolist()
            assert getattr(alone, view).data.tobytes() == getattr(one, view).data.tobytes()
        assert alone.dense.tobytes() == one.dense.tobytes()


def test_long_text_keeps_its_strongest_words_and_letters_only() -> None:
    labels = [label for concept in concepts()[:120] for label in concept.labels["nl"]]
    long = default_space().encode([Text("Alles", ", ".join(labels), "nl")])
    assert np.diff(long.letters.indptr).tolist() == [fitting.STRONGEST_LETTERS]
    assert long.topic.nnz <= STRONGEST_CONCEPTS + fitting.STRONGEST_WORDS


def test_empty_text_is_like_nothing() -> None:
    space = default_space()
    texts = space.encode([Text("", "", "nl"), Text("Windenergie", "", "nl")])
    assert space.all_pairs(texts, texts)[0, 1] == 0.0


def test_every_concept_is_whole_and_no_two_share_a_key() -> None:
    known = concepts()
    assert len({c.key for c in known}) == len(known)
    assert all(c.labels["nl"] and c.labels["en"] for c in known)
