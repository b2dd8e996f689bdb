"""What one reader sees of a proposal: which side they are on, and what is disclosed by now."""

from __future__ import annotations

from dataclasses import dataclass

from matcher import policies
from matcher.models.account import Person
from matcher.models.moves import WAITING, ProposalState, Side
from matcher.models.proposal import Proposal
from matcher.policies import Shown
from matcher.proposals.masking import masked, parts_of

BANDS = (5, 10, 25, 50, 100)
TOO_COMMON = {"school", "college", "lyceum", "gymnasium", "openbare", "christelijk", "stedelijk"}


@dataclass(frozen=True)
class View:
    """The page's facts about who reads and what may be shown."""

    sides: frozenset[Side]
    side: Side
    waits_for: frozenset[Side]
    must_answer: bool
    other_must_answer: bool
    may_withdraw: bool
    shown: frozenset[Shown]
    school: str
    teacher: str
    professional: str
    band: int


def side_of(proposal: Proposal, person: Person) -> Side:
    """On which side somebody reads a proposal: their own before the coordinator's."""
    sides = policies.sides_of(person, proposal)
    return next((s for s in (Side.SCHOOL, Side.COMPANY) if s in sides), Side.COORDINATOR)


def view_of(proposal: Proposal, person: Person) -> View:
    """Own things are always shown; of the other side what policies.shown says."""
    sides = policies.sides_of(person, proposal)
    return _view(proposal, sides, side_of(proposal, person), policies.shown(proposal))


def view_by_link(proposal: Proposal, side: Side) -> View:
    """What a mailed link shows: never more than first names, whoever has got hold of it."""
    shown = policies.shown(proposal) - {Shown.FULL_NAMES, Shown.CONTACTS}
    return _view(proposal, frozenset({side}), side, shown)


def _view(proposal: Proposal, sides: frozenset[Side], side: Side, shown: frozenset[Shown]) -> View:
    sees_all = Side.COORDINATOR in sides
    mine = {
        Side.SCHOOL: Side.SCHOOL in sides or sees_all,
        Side.COMPANY: Side.COMPANY in sides or sees_all,
    }
    waits_for = answers_awaited(proposal)
    school = proposal.need.school
    professional = proposal.professional
    return View(
        sides=sides,
        side=side,
        waits_for=waits_for,
        must_answer=side in waits_for,
        other_must_answer=bool(waits_for - {side}) and side not in waits_for,
        may_withdraw=any(proposal.may_move("withdraw", one) for one in sides)
        and proposal.state in WAITING | {ProposalState.SUGGESTED},
        shown=shown,
        school=f"{school.name}, {school.town}"
        if mine[Side.SCHOOL] or Shown.SCHOOL_NAME in shown
        else "",
        teacher=name_shown(proposal.need.teacher.name, shown, own=mine[Side.SCHOOL]),
        professional=name_shown(professional.name, shown, own=mine[Side.COMPANY])
        if professional
        else "",
        band=_band(proposal),
    )


def relayed(words: str, proposal: Proposal, writer: Person | None = None) -> str:
    """A word to the other side: names and addresses in it wait until they are shown."""
    shown = policies.shown(proposal)
    return words if Shown.CONTACTS in shown else masked(words, _untold(proposal, shown, writer))


def _untold(proposal: Proposal, shown: frozenset[Shown], writer: Person | None) -> list[str]:
    """Names of people and school that the two sides do not know of each other yet."""
    host, school = proposal.professional, proposal.need.school
    people = {proposal.need.teacher.name, host.name if host else "", writer.name if writer else ""}
    names = []
    if Shown.FULL_NAMES not in shown:
        first = Shown.FIRST_NAMES not in shown
        names = [part for name in people if name for part in parts_of(name, first=first)]
    if Shown.SCHOOL_NAME not in shown:
        word = school.name.split()[0]
        names += [school.name, *([word] if word.lower() not in TOO_COMMON else [])]
        names += [school.town] if school.town != proposal.offer.company.town else []
    return names


def answers_awaited(proposal: Proposal) -> frozenset[Side]:
    """The sides whose answer this proposal waits for."""
    awaited = {
        ProposalState.ASKED: {Side.SCHOOL, Side.COMPANY},
        ProposalState.SCHOOL_YES: {Side.COMPANY},
        ProposalState.COMPANY_YES: {Side.SCHOOL},
    }
    return frozenset(awaited.get(proposal.state, ()))


def name_shown(name: str, shown: frozenset[Shown], *, own: bool) -> str:
    if own or Shown.FULL_NAMES in shown:
        return name
    return name.split(maxsplit=1)[0] if name and Shown.FIRST_NAMES in shown else ""


def _band(proposal: Proposal) -> int:
    """The distance in bands of kilometres; the school cannot be told from it."""
    facts = [r["facts"] for r in proposal.reasons if r["part"] == "distance" and r.get("facts")]
    km = float(facts[0].get("km", 0)) if facts else 0.0
    return next((band for band in BANDS if km <= band), BANDS[-1] * 2)
