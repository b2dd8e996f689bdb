"""Verbs of a coordinator: ask for a run, release many, set the region's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from matcher.errors import DomainError, Invalid
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.organisation import Region
from matcher.models.proposal import Proposal
from matcher.models.run import Question, QuestionKind
from matcher.proposals import questions
from matcher.proposals import service as proposals


def ask_for_run(region: Region, *, by: Person) -> None:
    """Leave the question; the jobs process answers within seconds."""
    questions.ask(QuestionKind.RUN, region, by=by)


def ask_swap_price(need: Need, offer: Offer, *, by: Person) -> Question:
    """Leave the question what this offer for this need would cost the others."""
    details = {"offer": offer.id}
    return questions.ask(QuestionKind.SWAP_PRICE, need.region, by=by, need=need, details=details)


def make_swap(need: Need, offer: Offer, *, by: Person, reason: str) -> None:
    """Pin the pair, and have the region matched anew."""
    proposals.pin(need, offer, by=by, reason=reason)
    ask_for_run(need.region, by=by)


def release_many(chosen: Sequence[Proposal], *, by: Person) -> tuple[int, list[str]]:
    """Release each that still can be; how many were, and what the others said."""
    released, refusals = 0, []
    for proposal in chosen:
        try:
            with db.session.begin_nested():
                proposals.release(proposal, by=by)
                db.session.flush()
            released += 1
        except DomainError as refusal:
            refusals.append(f"{proposal.need.title}: {refusal}")
    return released, refusals


def update_settings(region: Region, values: Mapping[str, Any], *, by: Person) -> None:
    """The region's policy, days to answer, limits and weights; every change is written down."""
    weights = values.get("weights") or {}
    if weights and not any(weights.values()):
        raise Invalid(_l("At least one part must count."), field="text")
    settings = dict(region.settings) | {"weights": weights}
    new = {
        "review_policy": values["review_policy"],
        "answer_days": values["answer_days"],
        "alternates_asked": values["alternates_asked"],
        "ladder_after_days": values["ladder_after_days"],
        "ladder_before_days": values["ladder_before_days"],
        "settings": settings,
    }
    changes = {}
    for name, value in new.items():
        before = getattr(region, name)
        if before != value:
            changes[name] = [_plain(before), _plain(value)]
            setattr(region, name, value)
    if changes:
        write_journal("settings", region, by=by, changes=changes)


def _plain(value: object) -> object:
    return value if isinstance(value, int | dict) else str(value)
