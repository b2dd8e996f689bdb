"""Topics of requests: concepts of the subject that titles name."""

from __future__ import annotations

from matcher.figures.topics import topics_of
from matcher.models.need import Need


def needs(*titles: str) -> list[Need]:
    return [Need(title=title, groups=1) for title in titles]


def test_the_most_named_concept_stands_first_in_the_readers_language() -> None:
    found = needs("Chromatografie in een echt lab", "Chromatography at work", "Polymeren")
    assert topics_of(found, "scheikunde", "nl", least=2)[0] == "chromatografie"
    assert topics_of(found, "scheikunde", "en", least=2)[0] == "chromatography"


def test_what_too_few_name_is_left_out() -> None:
    found = needs("Chromatografie in een echt lab", "Iets anders")
    assert topics_of(found, "scheikunde", "nl", least=2) == []
    assert topics_of(found, "scheikunde", "nl", least=1) != []


def test_concepts_of_another_subject_are_no_topic() -> None:
    assert topics_of(needs("Chromatografie in een echt lab"), "geschiedenis", "nl", least=1) == []


def test_classes_that_come_together_count_each() -> None:
    (need,) = needs("Chromatografie in een echt lab")
    need.groups = 3
    assert topics_of([need], "scheikunde", "nl", least=3)[0] == "chromatografie"
