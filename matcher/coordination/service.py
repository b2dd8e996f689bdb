"""Verbs of a coordinator: ask for a run or a price, swap, set the region's rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.coordination.settings import put_back, update_settings
from matcher.models.account import Person
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.organisation import Region
from matcher.models.run import Question, QuestionKind
from matcher.proposals import questions
from matcher.proposals import service as proposals

__all__ = [
    "ask_for_run",
    "ask_swap_price",
    "ask_what_if",
    "make_swap",
    "put_back",
    "update_settings",
    "use_what_if",
]


def ask_for_run(region: Region, *, by: Person) -> None:
    """Leave the question; the jobs process answers within seconds."""
    questions.ask(QuestionKind.RUN, region, by=by)


def ask_swap_price(need: Need, offer: Offer, *, by: Person) -> Question:
    """Leave the question what this offer for this need would cost the others."""
    details = {"offer": offer.id}
    return questions.ask(QuestionKind.SWAP_PRICE, need.region, by=by, need=need, details=details)


def ask_what_if(region: Region, settings: Mapping[str, Any], *, by: Person) -> Question:
    """Leave the question what a region's proposals would be with some settings in their place."""
    return questions.ask(QuestionKind.WHAT_IF, region, by=by, details=dict(settings))


def use_what_if(region: Region, question: Question, *, by: Person) -> None:
    """Set what the question asked about, and have the region matched anew."""
    update_settings(
        region, {"settings": questions.merged(region.settings, question.details)}, by=by
    )
    ask_for_run(region, by=by)


def make_swap(need: Need, offer: Offer, *, by: Person, reason: str) -> None:
    """Pin the pair, and have the region matched anew."""
    proposals.pin(need, offer, by=by, reason=reason)
    ask_for_run(need.region, by=by)
