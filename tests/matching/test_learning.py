"""Weights learnt from answers: bounded, monotone, drawn to what stands, honest about too little."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from matcher.matching.learning import (
    FOLDS,
    HIGHEST,
    LOWEST,
    Answer,
    TooFewAnswers,
    _folds,
    learn,
)

WEIGHTS = {"text": 0.5, "distance": 0.3, "time": 0.2}


def _answers(count: int, matters: str, seed: int = 1) -> list[Answer]:
    """Answers in which only one part decides."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        values = {part: chance.random() for part in WEIGHTS}
        yes = chance.random() < 0.1 + 0.8 * (values[matters] > 0.5)
        made.append(Answer(f"p{number}", f"n{number // 2}", values, yes))
    return made


def _noise(count: int) -> list[Answer]:
    chance = random.Random(3)
    return [
        Answer(f"p{n}", f"n{n}", {part: chance.random() for part in WEIGHTS}, chance.random() < 0.5)
        for n in range(count)
    ]


def _by_the_score(count: int) -> list[Answer]:
    """Answers that go by the weights as they are."""
    chance = random.Random(7)
    made = []
    for n in range(count):
        values = {part: chance.random() for part in WEIGHTS}
        score = sum(WEIGHTS[part] * value for part, value in values.items())
        yes = chance.random() < 1 / (1 + math.exp(-10 * (score - 0.5)))
        made.append(Answer(f"p{n}", f"n{n}", values, yes))
    return made


def test_answers_that_go_by_the_weights_leave_them_as_they_are() -> None:
    learned = learn(_by_the_score(2000), WEIGHTS)
    assert learned.weights == pytest.approx(WEIGHTS, abs=0.05)


def test_part_that_decides_gains_and_the_sum_stays() -> None:
    learned = learn(_answers(400, "distance"), WEIGHTS)
    assert learned.weights["distance"] > WEIGHTS["distance"]
    assert learned.weights["text"] < WEIGHTS["text"]
    assert sum(learned.weights.values()) == pytest.approx(1.0)
    assert learned.is_better
    assert (learned.answers, learned.needs) == (400, 200)


@pytest.mark.parametrize("part", sorted(WEIGHTS))
def test_more_answers_that_say_the_same_move_a_weight_further(part: str) -> None:
    few, many = (learn(_answers(n, part), WEIGHTS).multipliers[part] for n in (120, 480))
    assert 1 < few < many <= HIGHEST


def test_no_multiplier_leaves_its_bounds_whatever_the_answers_say() -> None:
    perverse = [
        Answer(f"p{n}", f"n{n}", {"text": n % 2, "distance": 1 - n % 2, "time": 0.5}, n % 2 == 0)
        for n in range(400)
    ]
    learned = learn(perverse, WEIGHTS, pull=0.001)
    assert learned.multipliers["text"] == LOWEST
    assert learned.multipliers["distance"] == HIGHEST
    assert all(LOWEST <= m <= HIGHEST for m in learned.multipliers.values())
    assert all(weight > 0 for weight in learned.weights.values())


def test_noise_leaves_the_weights_nearly_as_they_were() -> None:
    learned = learn(_noise(300), WEIGHTS)
    assert {part: round(learned.weights[part], 1) for part in WEIGHTS} == WEIGHTS


def test_order_of_answers_does_not_matter() -> None:
    answers = _answers(120, "time")
    assert learn(answers, WEIGHTS) == learn(answers[::-1], WEIGHTS)


def test_a_no_that_names_a_part_counts_for_that_part_alone() -> None:
    """Fifty times "too far", where it was far; of all else these pairs had the best."""
    answers = _by_the_score(300)
    far = {"text": 1.0, "distance": 0.1, "time": 1.0}
    nos = [
        Answer(f"q{n}", f"m{n}", far, yes=False, about=frozenset({"distance"})) for n in range(50)
    ]
    plain, named = learn(answers, WEIGHTS).multipliers, learn([*answers, *nos], WEIGHTS).multipliers
    whole = learn([*answers, *(replace(no, about=None) for no in nos)], WEIGHTS).multipliers
    assert named["distance"] > plain["distance"] + 0.05
    assert named["text"] > whole["text"] + 0.05
    assert named["time"] > whole["time"] + 0.05


def test_a_part_that_was_named_though_it_fitted_well_is_not_held_against_its_weight() -> None:
    answers = _by_the_score(300)
    near = {"text": 0.5, "distance": 1.0, "time": 0.5}
    nos = [
        Answer(f"q{n}", f"m{n}", near, yes=False, about=frozenset({"distance"})) for n in range(50)
    ]
    named = learn([*answers, *nos], WEIGHTS).multipliers["distance"]
    whole = learn([*answers, *(replace(no, about=None) for no in nos)], WEIGHTS)
    assert named > whole.multipliers["distance"] + 0.05


def test_answers_about_one_need_are_left_out_together() -> None:
    needs = [f"n{n % 50}" for n in range(400)]
    folds = _folds(needs)
    assert {need: set(folds[[n == need for n in needs]].tolist()) for need in needs} == {
        need: {int(folds[needs.index(need)])} for need in needs
    }
    assert [int((folds == fold).sum()) for fold in range(FOLDS)] == [80] * FOLDS


def test_better_means_by_more_than_chance() -> None:
    learned = learn(_answers(400, "distance"), WEIGHTS)
    gain = learned.loss_before - learned.loss_after
    assert 0 < learned.gain_error < gain
    assert not replace(learned, gain_error=1.01 * gain).is_better
    doubled = [
        replace(a, key=f"{a.key}-{n}") for a in _answers(400, "distance") for n in range(2)
    ]  # the same needs again are no more chances
    assert learn(doubled, WEIGHTS).gain_error > learned.gain_error / 2**0.5


@pytest.mark.parametrize(
    "answers", [[], _answers(20, "text"), [Answer(f"p{n}", "n", {}, True) for n in range(200)]]
)
def test_too_few_answers_are_refused(answers: list[Answer]) -> None:
    with pytest.raises(TooFewAnswers):
        learn(answers, WEIGHTS)


def test_how_many_are_enough_can_be_set() -> None:
    answers = _answers(100, "text")
    assert learn(answers, WEIGHTS, least=100).answers == 100
    with pytest.raises(TooFewAnswers):
        learn(answers, WEIGHTS, least=101)
