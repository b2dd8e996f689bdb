"""The table of moves: every way a proposal may change its state, who may do it, what it mails."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ProposalState(StrEnum):
    SUGGESTED = "suggested"
    ASKED = "asked"
    SCHOOL_YES = "school_yes"
    COMPANY_YES = "company_yes"
    CONFIRMED = "confirmed"
    DELIVERED = "delivered"
    NOT_HELD = "not_held"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


_S = ProposalState
WAITING = frozenset({_S.ASKED, _S.SCHOOL_YES, _S.COMPANY_YES})
LIVE = WAITING | {_S.SUGGESTED, _S.CONFIRMED}
ENDED = frozenset(_S) - LIVE
HELD = frozenset({_S.CONFIRMED, _S.DELIVERED, _S.NOT_HELD, _S.CANCELLED})  # has a visit


class Side(StrEnum):
    """Who makes a move."""

    SCHOOL = "school"
    COMPANY = "company"
    COORDINATOR = "coordinator"
    SYSTEM = "system"  # the clock, or a consequence of somebody else's move


@dataclass(frozen=True, slots=True)
class Move:
    """One edge: from any of ``sources`` to ``target`` by one of ``sides``."""

    name: str
    sources: frozenset[ProposalState]
    target: ProposalState
    sides: frozenset[Side]
    needs_reasons: bool = False
    mails: tuple[str, ...] = ()  # message names of templates/mail


_ALL = frozenset(Side)
_SCHOOL = frozenset({Side.SCHOOL, Side.COORDINATOR})
_COMPANY = frozenset({Side.COMPANY, Side.COORDINATOR})
_BOTH = _SCHOOL | _COMPANY
_SYSTEM = frozenset({Side.SYSTEM})


def _move(
    name: str,
    sources: set[ProposalState] | frozenset[ProposalState],
    target: ProposalState,
    sides: frozenset[Side],
    *,
    needs_reasons: bool = False,
    mails: tuple[str, ...] = (),
) -> Move:
    return Move(name, frozenset(sources), target, sides, needs_reasons, mails)


MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        _move(
            "release",
            {_S.SUGGESTED},
            _S.ASKED,
            frozenset({Side.COORDINATOR, Side.SYSTEM}),
            mails=("school_asked", "company_asked"),
        ),
        _move("invite", {_S.SUGGESTED}, _S.SCHOOL_YES, _SCHOOL, mails=("company_invited",)),
        _move("school_accept", {_S.ASKED}, _S.SCHOOL_YES, _SCHOOL, mails=("company_other_yes",)),
        _move("company_accept", {_S.ASKED}, _S.COMPANY_YES, _COMPANY, mails=("school_other_yes",)),
        _move(
            "school_confirm",
            {_S.COMPANY_YES},
            _S.CONFIRMED,
            _SCHOOL,
            mails=("school_confirmed", "company_confirmed"),
        ),
        _move(
            "company_confirm",
            {_S.SCHOOL_YES},
            _S.CONFIRMED,
            _COMPANY | {Side.SYSTEM},
            mails=("school_confirmed", "company_confirmed"),
        ),
        _move(
            "offer_other_time",
            WAITING,
            _S.ASKED,
            _BOTH,
            mails=("school_other_time", "company_other_time"),
        ),
        _move(
            "pass_on",
            {_S.ASKED, _S.COMPANY_YES},
            _S.ASKED,
            _COMPANY,
            mails=("company_passed_on",),
        ),
        _move(
            "pass_on_agreed",  # the school's yes stands
            {_S.SCHOOL_YES},
            _S.SCHOOL_YES,
            _COMPANY,
            mails=("company_passed_on",),
        ),
        _move(
            "school_decline",
            WAITING,
            _S.DECLINED,
            _SCHOOL,
            needs_reasons=True,
            mails=("company_declined",),
        ),
        _move(
            "company_decline",
            WAITING,
            _S.DECLINED,
            _COMPANY,
            needs_reasons=True,
            mails=("school_declined",),
        ),
        _move(
            "drop",
            {_S.SUGGESTED},
            _S.DECLINED,
            frozenset({Side.COORDINATOR}),
            needs_reasons=True,
        ),
        _move("expire", WAITING, _S.EXPIRED, _SYSTEM, mails=("school_expired", "company_expired")),
        _move(
            "withdraw",
            WAITING | {_S.SUGGESTED},
            _S.WITHDRAWN,
            _ALL,
            mails=("other_withdrawn",),
        ),
        _move(
            "take_back",  # a release is undone: the suggestion stands again as a new proposal
            {_S.ASKED},
            _S.WITHDRAWN,
            frozenset({Side.COORDINATOR}),
        ),
        _move("supersede", {_S.SUGGESTED}, _S.SUPERSEDED, _SYSTEM),
        _move(
            "cancel",
            {_S.CONFIRMED},
            _S.CANCELLED,
            _ALL,
            needs_reasons=True,
            mails=("school_cancelled", "company_cancelled"),
        ),
        _move(
            "move_visit",
            {_S.CONFIRMED},
            _S.ASKED,
            _BOTH,
            needs_reasons=True,
            mails=("school_moved_other_time", "company_moved_other_time"),
        ),
        _move("deliver", {_S.CONFIRMED}, _S.DELIVERED, _ALL, mails=("feedback_asked",)),
        _move("not_held", {_S.CONFIRMED}, _S.NOT_HELD, _BOTH, needs_reasons=True),
    )
}


class DeclineReason(StrEnum):
    """Structured reasons; several at once are fine."""

    DATE = "date"
    DISTANCE = "distance"
    LEVEL = "level"
    TOPIC = "topic"
    GROUP = "group"
    FULL = "full"  # has enough visits already
    KIND = "kind"
    KNOWN = "known"  # already arranged elsewhere
    ILLNESS = "illness"
    PLAN = "plan"  # the lesson plan has changed
    SLOW = "slow"  # it took too long
    OTHER = "other"


_R = DeclineReason
ANSWER_REASONS = tuple(reason for reason in _R if reason not in {_R.PLAN, _R.SLOW})
WITHDRAW_REASONS = (_R.KNOWN, _R.PLAN, _R.DATE, _R.GROUP, _R.SLOW, _R.ILLNESS, _R.OTHER)
MOVE_REASONS = (_R.DATE, _R.PLAN, _R.ILLNESS, _R.OTHER)


def as_markdown() -> str:
    """The table as the page docs/states.md."""
    lines = [
        "# States of a proposal",
        "",
        "Written from `matcher/models/moves.py` by `make docs`; a test compares the two.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> suggested",
    ]
    for move in MOVES.values():
        for source in sorted(move.sources):
            lines.append(f"    {source} --> {move.target}: {move.name}")
    lines += ["```", "", "| move | from | to | who | reasons | mail |", "|---|---|---|---|---|---|"]
    for move in MOVES.values():
        cells = (
            f"`{move.name}`",
            ", ".join(sorted(move.sources)),
            str(move.target),
            ", ".join(sorted(move.sides)),
            "asked for" if move.needs_reasons else "",
            ", ".join(f"`{mail}`" for mail in move.mails),
        )
        lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        "`system` is the clock, or the consequence of somebody else's move. A coordinator may act",
        "for either side; the journal says so. Contact details show only from `confirmed` on.",
        "",
    ]
    return "\n".join(lines)
