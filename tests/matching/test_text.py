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


@pytest.mark.parametrize(
    ("text", "meant", "other"),
    [
        (Text("De cel", "celkern, mitochondrie en celdeling", "nl"), "cell-biology", "batterij"),
        (Text("De cel", "accu, lithium en laden", "nl"), "batterij", "cell-biology"),
        (
            Text("Spanning", "volt, stroom en weerstand", "nl"),
            "elektrische-spanning",
            "sterkteleer",
        ),
        (Text("Spanning", "trekproef, treksterkte en balk", "nl"), "sterkteleer", "zonne-energie"),
        (Text("The plant", "refinery and process operator", "en"), "procesindustrie", "plants"),
        (Text("The plant", "photosynthesis, leaves and seeds", "en"), "plants", "procesindustrie"),
    ],
)
def test_the_fields_own_words_are_told_apart_by_context(text: Text, meant: str, other: str) -> None:
    found = Thesaurus().mentions(text)
    assert found.get(meant, 0.0) > found.get(other, 0.0)


def test_label_inside_a_compound_counts_half() -> None:
    whole = small().mentions(Text("", "software", "nl"))
    part = small().mentions(Text("", "softwarebedrijf", "nl"))
    assert (whole, part) == ({"ict": 1.0}, {"ict": 0.5})


def test_title_counts_double_and_spread_reaches_related() -> None:
    title = read([Text("stroomnet", "", "nl")])
    rows = small().table(title) @ small().spreading
    found = {small().keys[c]: w for c, w in zip(rows.indices, rows.data, strict=True)}
    assert found == {"stroomnet": 2.0, "energie": pytest.approx(0.6)}


def test_added_synonym_is_understood() -> None:
    plain, added = Thesaurus(SMALL), Thesaurus(SMALL, extra=[("energie", "nl", "prik")])
    assert plain.mentions(Text("", "prik", "nl")) == {}
    assert added.mentions(Text("", "prik", "nl")) == {"energie": 1.0}


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
        for view in ("topic", "letters", "mentioned"):
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
