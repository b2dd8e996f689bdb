"""What a region's answers say, and the coordinator's verbs on it: ask, use, undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock, policies
from matcher.coordination import settings
from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.learnt import LearntWeights
from matcher.models.organisation import Region
from matcher.models.run import Question, QuestionKind, RunState
from matcher.proposals import heard, questions, weighing
from matcher.proposals.explain import LABELS

LEAST, MOST = 20, 1000  # of the answers a region may ask for before it learns


# ---- reads --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Reason:
    """Why people said no: how often, and what it counts against; no parts: nothing, or all."""

    code: str
    number: int
    parts: list[object]
    counts: bool


@dataclass(frozen=True)
class Row:
    """One part of the score: its share of the whole by hand, now and then, in parts of 1."""

    label: object
    by_hand: float
    now: float
    then: float
    largest: float

    @property
    def by_hand_differs(self) -> bool:
        return abs(self.by_hand - self.now) > 0.0005

    @property
    def gain(self) -> float:
        """In hundredths of the whole."""
        return 100 * (self.then - self.now)


def reasons_of(tally: heard.Tally) -> list[Reason]:
    return [
        Reason(
            code,
            number,
            [LABELS[part] for part in LABELS if part in heard.PARTS.get(code, ())],
            code not in heard.EXCUSES,
        )
        for code, number in tally.reasons.items()
    ]


def rows_of(answer: Mapping[str, Any]) -> list[Row]:
    """What changes most first."""
    shares = {name: _shares(answer[name]) for name in ("by_hand", "now", "then")}
    largest = max(max(column.values()) for column in shares.values())
    rows = [
        Row(
            label,
            shares["by_hand"][part],
            shares["now"][part],
            shares["then"][part],
            largest=largest,
        )
        for part, label in LABELS.items()
    ]
    return sorted(rows, key=lambda row: -abs(row.gain))


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values()) or 1.0
    return {part: weights.get(part, 0.0) / total for part in LABELS}


def latest(region: Region) -> Question | None:
    """The last time somebody asked what the answers say."""
    asked = select(Question).where(
        Question.kind == QuestionKind.LEARN, Question.region_id == region.id
    )
    return db.session.scalars(asked.order_by(Question.id.desc()).limit(1)).first()


def stands(question: Question, region: Region) -> bool:
    """Whether the weights it started from are still those of the region."""
    return weighing.is_same(question.answer["now"], weighing.weights_of(region))


def is_better(answer: Mapping[str, Any]) -> bool:
    """Better on answers left out, by more than chance, and something to change."""
    return bool(answer["is_better"]) and not weighing.is_same(answer["now"], answer["then"])


# ---- verbs --------------------------------------------------------------------------------------
def ask(region: Region, *, by: Person) -> Question:
    """Leave the question; nothing changes by it."""
    _check(region, by)
    if any(weighing.lacking(region, heard.tally(heard.words(region)))):
        raise Invalid(_l("There are not enough answers yet to learn from."))
    return questions.ask(QuestionKind.LEARN, region, by=by)


def use(question: Question, region: Region, *, by: Person) -> LearntWeights:
    """Match by the weights that were worked out, from the next run on."""
    _check(region, by)
    if question.kind != QuestionKind.LEARN or question.state != RunState.DONE:
        raise WrongState(_l("This has not been worked out yet."))
    if not stands(question, region):
        raise WrongState(_l("The settings have changed since. Have it worked out anew first."))
    found = question.answer
    if not is_better(found):
        raise Invalid(_l("These weights would not have done better; there is nothing to use."))
    made = LearntWeights(
        region_id=region.id,
        by_hand=found["by_hand"],
        before=dict(region.settings.get("weights") or {}),
        weights=found["then"],
        answers=found["answers"],
        loss_before=found["loss_before"],
        loss_after=found["loss_after"],
        used_by_id=by.id,
    )
    db.session.add(made)
    _write(region, {"weights": found["then"]}, by=by)
    return made


def undo(region: Region, *, by: Person) -> None:
    """Back to the weights from before the learnt ones."""
    _check(region, by)
    used = weighing.in_use(region)
    if used is None:
        raise WrongState(_l("No learnt weights are in use."))
    used.undone_at = clock.now()
    used.undone_by_id = by.id
    _write(region, {"weights": used.before}, by=by)


def set_least(region: Region, number: int, *, by: Person) -> None:
    """From how many answers on the region learns."""
    _check(region, by)
    if not LEAST <= number <= MOST:
        message = _l("Enter a number from %(min)s to %(max)s.", min=LEAST, max=MOST)
        raise Invalid(message, field="least")
    _write(region, {"learn_from": number}, by=by)


def _check(region: Region, by: Person) -> None:
    if not policies.may_coordinate(by, region):
        raise NotAllowed(_l("Only a coordinator of this region can do this."))


def _write(region: Region, changes: Mapping[str, Any], *, by: Person) -> None:
    """Through the one door to settings, which writes down who changed what."""
    settings.update_settings(region, {"settings": dict(changes)}, by=by)
    db.session.flush()
