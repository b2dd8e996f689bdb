"""The class-profile course: the types, a self-test that keeps nothing, what it says."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from matcher.guide.selftest import MOST, questions, reach
from matcher.reference import programme
from tests.guide.reading import filled_in, links_of
from tests.house.test_doors import _count_rows

TYPES = programme("nl").kinds_of_profile
ALL = questions(TYPES)
RESULT = "/guide/class-profile/test/result"


def test_each_type_has_three_statements_and_tips_in_each_language() -> None:
    assert len(ALL) == len(set(ALL)) == 15
    for kind in TYPES:
        for text in (*kind.statements, *kind.tips, kind.tip, kind.who):
            assert set(text) == {"nl", "en"}


def test_the_least_reached_stands_first_and_shares_are_of_the_most_there_can_be() -> None:
    answers = dict.fromkeys(ALL, MOST) | {"doer-1": 0, "doer-2": 1, "explorer-3": 1}
    found = [(row.type.code, round(row.share, 3)) for row in reach(TYPES, answers)]
    assert found[:2] == [("doer", 0.444), ("explorer", 0.778)]
    assert {share for _code, share in found[2:]} == {1.0}
    assert {row.share for row in reach(TYPES, dict.fromkeys(ALL, 0))} == {0.0}
    with pytest.raises(KeyError):
        reach(TYPES, {"doer-1": 1})


def test_the_result_tells_the_shares_and_keeps_nothing(client: FlaskClient, app: Flask) -> None:
    before = _count_rows()
    answers = dict.fromkeys(ALL, "3") | {"creative_maker-2": "0"}
    page = client.get(RESULT, query_string=answers, headers={"Accept-Language": "nl"})
    shown = [page.text.index(str(escape(kind.name("nl"))) + "</h2>") for kind in TYPES]
    assert shown.index(min(shown)) == [kind.code for kind in TYPES].index("creative_maker")
    assert page.text.count("67%") == 1
    assert _count_rows() == before
    again = next(
        link for link in links_of(page.text) if link.startswith("/guide/class-profile/test?")
    )
    assert filled_in(client.get(again).text, RESULT) == {k: [v] for k, v in answers.items()}


@pytest.mark.parametrize("wrong", [{"doer-1": "4"}, {"doer-1": ""}, {"doer-1": "x" * 999}])
def test_an_answer_that_is_none_is_asked_again_and_the_rest_kept(
    client: FlaskClient, app: Flask, wrong: dict[str, str]
) -> None:
    answers = dict.fromkeys(ALL, "1")
    page = client.get(RESULT, query_string=answers | wrong)
    assert page.status_code == 422
    assert page.text.count('href="#doer-1-0"') == 1
    del answers["doer-1"]
    assert filled_in(page.text, RESULT) == {k: [v] for k, v in answers.items()}
    assert client.get(RESULT).location == "/guide/class-profile/test"


def test_the_course_names_the_types_and_prints_no_share_that_was_not_found(
    client: FlaskClient, app: Flask
) -> None:
    page = client.get("/guide/class-profile", headers={"Accept-Language": "nl"}).text
    for kind in TYPES:
        assert str(escape(kind.names["nl"])) in page
        assert all(str(escape(tip["nl"])) in page for tip in (kind.tip, *kind.tips))
    assert page.count("30%") == 1
    assert page.count("%") - page.count("%7B") == 1
