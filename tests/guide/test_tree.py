"""Every path of the guide ends in something useful: the whole table is walked."""

from __future__ import annotations

import itertools

import pytest

from matcher.guide.tree import FEWEST_FITS, MOST_FITS, Advice, Answers, advise
from matcher.reference.taking_part import Action, guide_table

TABLE = guide_table()
ISSUES = tuple(issue.code for issue in TABLE.issues)
COMMITMENTS = [
    (hours.code, means.code, horizon.code)
    for hours, means, horizon in itertools.product(TABLE.hours, TABLE.means, TABLE.horizon)
]


def asks(action: Action) -> tuple[int, ...]:
    return place(action.hours, action.means, action.horizon)


def place(*codes: str) -> tuple[int, ...]:
    steps = (TABLE.hours, TABLE.means, TABLE.horizon)
    return tuple(
        [choice.code for choice in step].index(code)
        for step, code in zip(steps, codes, strict=True)
    )


def is_within(action: Action, commitment: tuple[str, str, str]) -> bool:
    return all(a <= g for a, g in zip(asks(action), place(*commitment), strict=True))


def told(advice: Advice) -> list[str]:
    return [fit.action.activity for fit in advice.fits]


@pytest.mark.parametrize("commitment", COMMITMENTS, ids="/".join)
def test_every_path_ends_in_actions_within_reach_that_help_with_all_that_can_be_helped(
    commitment: tuple[str, str, str],
) -> None:
    within = [action for action in TABLE.actions if is_within(action, commitment)]
    helpable = {issue for action in within for issue in action.issues}
    for size in range(1, len(ISSUES) + 1):
        for issues in itertools.combinations(ISSUES, size):
            advice = advise(Answers(*commitment, issues), TABLE)
            assert FEWEST_FITS <= len(advice.fits) <= MOST_FITS
            assert all(fit.action in within for fit in advice.fits)
            helped = {issue for fit in advice.fits for issue in fit.issues}
            assert helped == set(issues) & helpable
            assert advice.is_start == (not helped)
            assert [row.issue for row in advice.beyond] == [i for i in issues if i not in helpable]
            assert all(row.issue in row.action.issues for row in advice.beyond)
            assert not any(is_within(row.action, commitment) for row in advice.beyond)


def test_who_gives_more_reads_first_of_what_takes_more() -> None:
    little = advise(Answers("up_to_4", "none", "once", ("teachers",)), TABLE)
    much = advise(Answers("up_to_80", "none", "once", ("teachers",)), TABLE)
    assert told(little) == ["online_guest_lesson", "webinar", "guest_lesson"]
    assert told(much) == ["teacher_internship", "teacher_day", "online_guest_lesson", "webinar"]


def test_what_is_out_of_reach_is_told_with_the_smallest_action_that_helps() -> None:
    advice = advise(Answers("up_to_4", "none", "once", ("retraining", "image")), TABLE)
    assert told(advice) == ["guest_lesson", "online_guest_lesson", "career_day", "webinar"]
    assert [(row.issue, row.action.activity) for row in advice.beyond] == [
        ("retraining", "retraining")
    ]


def test_nothing_that_helps_still_gives_a_way_to_begin() -> None:
    advice = advise(Answers("up_to_4", "none", "once", ("innovation",)), TABLE)
    assert advice.is_start
    assert told(advice)[0] == "guest_lesson"
    assert [row.action.activity for row in advice.beyond] == ["challenge"]


def test_an_answer_the_table_does_not_know_is_refused() -> None:
    with pytest.raises(KeyError):
        advise(Answers("much", "none", "once", ("image",)), TABLE)
