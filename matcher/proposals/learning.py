"""What the answers would make of a region's weights: read, fitted in the jobs process, told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.moves import ProposalState
from matcher.models.organisation import Region
from matcher.models.proposal import Alternate, Proposal
from matcher.proposals import heard, queries
from matcher.proposals.heard import Word
from matcher.proposals.weighing import Weights, by_hand, least_answers, weights_of

if TYPE_CHECKING:
    from matcher.matching.learning import Answer

Values = dict[str, float]
MOST_SUGGESTIONS = 2_000


# ---- in the jobs process ------------------------------------------------------------------------
def prepare(region: Region) -> Callable[[], dict[str, Any]]:
    """Read all that is needed; the result computes without the database."""
    from matcher.matching.learning import TooFewAnswers, learn

    answers = _answers(heard.words(region))
    hand, now, least = by_hand(region), weights_of(region), least_answers(region)
    contests = _contests(region)

    def compute() -> dict[str, Any]:
        try:
            found = learn(answers, hand, least=least)
        except TooFewAnswers as error:
            raise Invalid(_l("There are not enough answers yet to learn from.")) from error
        then = {part: round(weight, 4) for part, weight in found.weights.items()}
        return {
            "answers": found.answers,
            "needs": found.needs,
            "yes_share": round(found.yes_share, 4),
            "by_hand": hand,
            "now": now,
            "then": then,
            "loss_before": round(found.loss_before, 5),
            "loss_after": round(found.loss_after, 5),
            "is_better": found.is_better,
            "suggestions": len(contests),
            "overtaken": sum(
                _is_overtaken(contest, then) and not _is_overtaken(contest, now)
                for contest in contests
            ),
        }

    return compute


def _answers(words: Sequence[Word]) -> list[Answer]:
    from matcher.matching.learning import Answer

    counted = [word for word in words if word.counts]
    values: dict[int, Values] = {}
    ids = sorted({word.proposal_id for word in counted})
    for start in range(0, len(ids), queries.MANY_IDS):
        part = select(Proposal.id, Proposal.reasons).where(
            Proposal.id.in_(ids[start : start + queries.MANY_IDS])
        )
        values |= {key: _values(reasons) for key, reasons in db.session.execute(part)}
    return [
        Answer(
            key=f"{word.proposal_id}-{word.side}",
            need=str(word.need_id),
            values=values[word.proposal_id],
            yes=word.yes,
            about=word.about,
        )
        for word in counted
        if values[word.proposal_id]
    ]


def _values(reasons: Sequence[Mapping[str, Any]]) -> Values:
    return {reason["part"]: float(reason["value"]) for reason in reasons}


def _contests(region: Region) -> list[tuple[Values, list[Values]]]:
    """Each suggestion that waits, and the next best offers that its run kept beside it."""
    waiting = (
        select(Proposal.need_id, Proposal.run_id, Proposal.reasons)
        .where(
            Proposal.region_id == region.id,
            Proposal.state == ProposalState.SUGGESTED,
            Proposal.run_id.is_not(None),
        )
        .order_by(Proposal.id)
        .limit(MOST_SUGGESTIONS)
    )
    chosen = {(n, r): _values(reasons) for n, r, reasons in db.session.execute(waiting)}
    beside: dict[tuple[int, int], list[Values]] = {key: [] for key in chosen}
    runs = sorted({run for _, run in chosen})
    kept = select(Alternate.need_id, Alternate.run_id, Alternate.reasons).where(
        Alternate.run_id.in_(runs)
    )
    for need, run, reasons in db.session.execute(kept.order_by(Alternate.id)):
        if (need, run) in beside:
            beside[need, run].append(_values(reasons))
    return [(chosen[key], beside[key]) for key in chosen]


def _is_overtaken(contest: tuple[Values, list[Values]], weights: Weights) -> bool:
    """Whether one of the next best would score above the suggestion."""
    first, others = contest

    def score(values: Values) -> float:
        return sum(weights[part] * value for part, value in values.items())

    return any(score(other) > score(first) + 1e-9 for other in others)
