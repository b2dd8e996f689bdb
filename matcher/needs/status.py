"""How a need stands, in plain words: what happens now, who has to act until when, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from matcher import clock
from matcher.models.moves import ProposalState, Side
from matcher.models.need import Need, NeedState
from matcher.models.proposal import Proposal
from matcher.proposals.view import answers_awaited
from matcher.web.filters import day, moment

STAGES = (
    _l("Posted"),
    _l("Something found"),
    _l("Both answer"),
    _l("Agreed"),
)


class Turn(StrEnum):
    """Who has to act."""

    YOU = "you"
    COMPANY = "company"
    COORDINATOR = "coordinator"
    SERVICE = "service"
    NOBODY = "nobody"


class Action(StrEnum):
    """What the reader can do now; the page knows where each leads."""

    FINISH = "finish"
    ANSWER = "answer"
    VISIT = "visit"
    REUSE = "reuse"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Status:
    """One need's state for its page; ``stage`` counts STAGES that are behind or at hand."""

    headline: str
    sentence: str
    turn: Turn
    stage: int
    action: Action = Action.NONE
    proposal: Proposal | None = None  # what the action is about
    until: datetime | None = None


def status_of(need: Need, proposals: Sequence[Proposal], suggested: int) -> Status:
    """From the need, its proposals that live and those the coordinator still looks at."""
    told = {
        NeedState.DRAFT: _draft,
        NeedState.WITHDRAWN: _withdrawn,
        NeedState.CLOSED: _closed,
        NeedState.FILLED: _filled,
    }
    if need.state in told:
        return told[need.state](need, proposals)
    open_now = [p for p in proposals if answers_awaited(p)]
    waiting = sorted(open_now, key=lambda p: (p.answer_by or clock.now(), p.id))
    mine = [p for p in waiting if Side.SCHOOL in answers_awaited(p)]
    if mine:
        return _my_turn(mine)
    if waiting:
        return _their_turn(waiting[0])
    return _searching(need, proposals, suggested)


def _draft(_need: Need, _proposals: Sequence[Proposal]) -> Status:
    return Status(
        _("This is a draft."),
        _("Nobody else sees it. Finish it, and publish it with one click."),
        Turn.YOU,
        0,
        Action.FINISH,
    )


def _withdrawn(_need: Need, _proposals: Sequence[Proposal]) -> Status:
    return Status(
        _("You withdrew this request."),
        _("Whoever was asked has been told. You can use the text again for a new request."),
        Turn.NOBODY,
        0,
        Action.REUSE,
    )


def _closed(_need: Need, _proposals: Sequence[Proposal]) -> Status:
    return Status(
        _("All days have passed."),
        _("We stopped looking. Use the text again and choose new days."),
        Turn.NOBODY,
        0,
        Action.REUSE,
    )


def _filled(_need: Need, proposals: Sequence[Proposal]) -> Status:
    agreed = [p for p in proposals if p.state == ProposalState.CONFIRMED]
    coming = min(agreed, key=lambda p: (p.starts_at or clock.now(), p.id), default=None)
    if coming is None:
        return Status(
            _("The visit is behind you."),
            _("Look back in a minute on the visit's page, and use the text again when you like."),
            Turn.NOBODY,
            4,
            Action.REUSE,
        )
    return Status(
        _agreed_with(coming),
        _("On the visit's page stand contacts, a checklist and the calendar file."),
        Turn.YOU,
        4,
        Action.VISIT,
        coming,
    )


def _agreed_with(proposal: Proposal) -> str:
    company = proposal.offer.company.name
    if proposal.starts_at is None:
        return _("It is agreed with %(company)s, for a time you choose.", company=company)
    return _("It is agreed: %(company)s, %(when)s.", company=company, when=day(proposal.starts_at))


def _my_turn(mine: Sequence[Proposal]) -> Status:
    first = mine[0]
    assert first.answer_by is not None
    return Status(
        ngettext("It is your turn.", "It is your turn, for %(num)d proposals.", len(mine)),
        _(
            "Answer %(company)s before %(moment)s. Without an answer we ask somebody else.",
            company=first.offer.company.name,
            moment=moment(first.answer_by),
        ),
        Turn.YOU,
        3,
        Action.ANSWER,
        first,
        first.answer_by,
    )


def _their_turn(first: Proposal) -> Status:
    assert first.answer_by is not None
    return Status(
        _("You said yes. Now %(company)s answers.", company=first.offer.company.name),
        _(
            "They have until %(moment)s. If they say no or nothing, we ask the next by ourselves."
            " You need not do anything.",
            moment=moment(first.answer_by),
        ),
        Turn.COMPANY,
        3,
        proposal=first,
        until=first.answer_by,
    )


def _searching(need: Need, proposals: Sequence[Proposal], suggested: int) -> Status:
    if need.matched_at is None:
        return Status(
            _("We are looking now."),
            _("We compare your request with all offers. This takes some seconds."),
            Turn.SERVICE,
            1,
        )
    if suggested:
        return Status(
            _("We found something that fits."),
            _(
                "The coordinator of %(region)s looks at it first. Then you and the company are"
                " asked, and you get a mail.",
                region=need.region.name,
            ),
            Turn.COORDINATOR,
            2,
        )
    agreed = sum(p.state == ProposalState.CONFIRMED for p in proposals)
    if agreed:
        told = ngettext("%(num)d visit is agreed.", "%(num)d visits are agreed.", agreed)
        return Status(told, _("You asked for more.") + " " + _goes_on(need), Turn.SERVICE, 3)
    return Status(_("Nothing fits yet."), _goes_on(need), Turn.SERVICE, 1)


def _goes_on(need: Need) -> str:
    last = max((window.ends_at for window in need.windows), default=None)
    if last is None:
        return _("We look again every night and whenever something new is offered.")
    return _(
        "We look again every night and whenever something new is offered, until %(day)s.",
        day=day(last),
    )
