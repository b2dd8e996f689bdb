"""Verbs after a visit: each side says whether it took place, and then looks back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import lazy_gettext as _l

from matcher import clock
from matcher.errors import Invalid, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.moves import DeclineReason, ProposalState, Side
from matcher.models.proposal import Proposal
from matcher.models.visit import SMALLEST_CLASS, Feedback, Report, Visit
from matcher.proposals import service as proposals
from matcher.proposals import steps

ALONE_AFTER = timedelta(days=3)  # from then on one side's word is enough
QUESTIONS = {
    "organisation": _l("Organisation"),
    "level_fit": _l("It fitted the level"),
    "content_fit": _l("It fitted the lesson"),
    "interaction": _l("Pupils took part"),
}


@dataclass(frozen=True, slots=True)
class Word:
    """What one side says: held or not, how many pupils, how many hands, or why not."""

    held: bool
    attended: int | None = None
    hands_before: int | None = None
    hands_after: int | None = None
    reasons: Sequence[str] = ()
    note: str = ""


def report(visit: Visit, word: Word, *, side: Side, by: Person) -> None:
    """One side's word, or a better one. When both say the same, the visit is closed.

    The coordinator's word closes it at once, whatever the two sides said.
    """
    proposal = visit.proposal
    steps.hold(proposal)
    steps.actor_of(proposal, side, by)
    _check(proposal, word, side)
    db.session.expire(visit, ["reports"])
    row = next((r for r in visit.reports if r.side == side), None)
    if row is None:
        row = Report(side=side)
        visit.reports.append(row)
    row.by_id, row.held, row.at = by.id, word.held, clock.now()
    row.attended = word.attended if word.held else None
    row.reasons, row.note = list(word.reasons) if not word.held else [], word.note
    _count(visit, word, side)
    db.session.flush()
    write_journal("report", visit, by=by, changes={"held": word.held, "side": side.value})
    if side == Side.COORDINATOR:
        _close(visit, row, by=by)
    else:
        settle_if_clear(visit)


def settle_if_clear(visit: Visit) -> bool:
    """Close the visit when both sides agree, or one has waited long enough for the other."""
    if visit.proposal.state != ProposalState.CONFIRMED or not visit.reports:
        return False
    words = {row.held for row in visit.reports}
    if len(words) > 1:
        return False  # the coordinator's
    first = min(visit.reports, key=lambda row: (row.at, row.id))
    if len(visit.reports) == 1 and first.at > clock.now() - ALONE_AFTER:
        return False
    _close(visit, next((r for r in visit.reports if r.side == Side.SCHOOL), first), by=None)
    return True


def is_disputed(visit: Visit) -> bool:
    """Whether the two sides say different things; the coordinator decides."""
    return len({row.held for row in visit.reports}) > 1


def may_look_back(visit: Visit, side: Side) -> bool:
    """Once it was held, or once this side has said that it was."""
    if side not in {Side.SCHOOL, Side.COMPANY}:
        return False
    said = any(row.held for row in visit.reports if row.side == side)
    state = visit.proposal.state
    return state == ProposalState.DELIVERED or (state == ProposalState.CONFIRMED and said)


def look_back(
    visit: Visit, *, side: Side, marks: Mapping[str, int], again: bool, words: str, by: Person
) -> None:
    """One side's feedback; the second time it replaces the first."""
    if not may_look_back(visit, side):
        raise WrongState(_l("You can look back once the visit has been held."))
    row = next((f for f in visit.feedback if f.side == side), None)
    if row is None:
        row = Feedback(side=side)
        visit.feedback.append(row)
    row.marks, row.again, row.words = dict(marks), again, words
    row.by_id, row.at = by.id, clock.now()


def _check(proposal: Proposal, word: Word, side: Side) -> None:
    if proposal.state != ProposalState.CONFIRMED:
        raise WrongState(_l("This visit has been closed already."))
    if proposal.starts_at is not None and proposal.starts_at > clock.now():
        raise WrongState(_l("This visit is still to come."))
    if word.held and word.attended is None and side != Side.COMPANY:
        raise Invalid(_l("Say how many pupils were there."), field="attended")
    if not word.held and not word.reasons:
        raise Invalid(_l("Choose at least one reason."), field="reasons")
    for name in ("hands_before", "hands_after"):
        hands = getattr(word, name)
        if word.held and hands is not None and hands > (word.attended or 0):
            raise Invalid(_l("No more than there were pupils."), field=name)


def _count(visit: Visit, word: Word, side: Side) -> None:
    """The school counts; of a class under eight a show of hands is not even kept."""
    if side == Side.COMPANY:
        return
    visit.attended = word.attended if word.held else None
    enough = (visit.attended or 0) >= SMALLEST_CLASS
    visit.hands_before = word.hands_before if enough else None
    visit.hands_after = word.hands_after if enough else None


def _close(visit: Visit, row: Report, *, by: Person | None) -> None:
    if row.held:
        counted = [r.attended for r in visit.reports if r.attended is not None]
        if visit.attended is None and counted:
            visit.attended = counted[0]
        proposals.deliver(visit.proposal, side=row.side, by=by)
        return
    reasons = row.reasons or [DeclineReason.OTHER.value]
    proposals.not_held(visit.proposal, side=row.side, by=by, reasons=reasons, note=row.note)
