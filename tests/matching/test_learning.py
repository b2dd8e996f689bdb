"""Weights learnt from answers: bounded, monotone, drawn to what stands, honest about too little."""

from __future__ import annotations

import random

import pytest

from matcher.matching.learning import HIGHEST, LOWEST, Answer, TooFewAnswers, learn

WEIGHTS = {"text": 0.5, "distance": 0.3, "time": 0.2}


def _answers(count: int, matters: str, seed: int = 1) -> list[Answer]:
    """Answers in which only one part decides."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        values = {part: chance.random() for part in WEIGHTS}
        yes = chance.random() < 0.1 + 0.8 * (values[matters] > 0.5)
        made.append(Answer(f"p{number}", values, yes))
    return made


def test_part_that_decides_gains_and_the_sum_stays() -> None:
    learned = learn(_answers(400, "distance"), WEIGHTS)
    assert learned.weights["distance"] > WEIGHTS["distance"]
    assert learned.weights["text"] < WEIGHTS["text"]
    assert sum(learned.weights.values()) == pytest.approx(1.0)
    assert learned.is_better


def test_no_multiplier_leaves_its_bounds_whatever_the_answers_say() -> None:
    perverse = [
        Answer(f"p{n}", {"text": n % 2, "distance": 0.5, "time": 0.5}, n % 2 == 0)
        for n in range(400)
    ]
    learned = learn(perverse, WEIGHTS, pull=0.001)
    assert all(LOWEST <= m <= HIGHEST for m in learned.multipliers.values())
    assert all(weight > 0 for weight in learned.weights.values())


def test_noise_leaves_the_weights_nearly_as_they_were() -> None:
    chance = random.Random(3)
    noise = [
        Answer(f"p{n}", {part: chance.random() for part in WEIGHTS}, chance.random() < 0.5)
        for n in range(300)
    ]
    learned = learn(noise, WEIGHTS)
    assert {part: round(learned.weights[part], 1) for part in WEIGHTS} == WEIGHTS


def test_order_of_answers_does_not_matter() -> None:
    answers = _answers(120, "time")
    assert learn(answers, WEIGHTS) == learn(answers[::-1], WEIGHTS)


@pytest.mark.parametrize(
    "answers", [[], _answers(20, "text"), [Answer(f"p{n}", {}, True) for n in range(200)]]
)
def test_too_few_answers_are_refused(answers: list[Answer]) -> None:
    with pytest.raises(TooFewAnswers):
        learn(answers, WEIGHTS)
