"""What was answered to the matcher's own proposals, and how each answer counts for learning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Select, select

from matcher.extensions import db
from matcher.models.moves import DeclineReason, Side
from matcher.models.organisation import Region
from matcher.models.proposal import Origin, Proposal, ProposalMove

MOST = 5_000  # the newest answers; older ones speak of other times
BY_THE_MATCHER = (Origin.RUN, Origin.NEW_NEED, Origin.ALTERNATE)
YES = {
    "school_accept": Side.SCHOOL,
    "school_confirm": Side.SCHOOL,
    "company_accept": Side.COMPANY,
    "company_confirm": Side.COMPANY,
}
NO = {"school_decline": Side.SCHOOL, "company_decline": Side.COMPANY}
_R = DeclineReason
PARTS: Mapping[str, frozenset[str]] = {
    _R.TOPIC: frozenset({"text", "subject"}),
    _R.LEVEL: frozenset({"level"}),
    _R.KIND: frozenset({"kind"}),
    _R.DISTANCE: frozenset({"distance"}),
    _R.DATE: frozenset({"time"}),
}
# A good match, and still a no: nothing that another weight would have seen.
EXCUSES = frozenset({_R.FULL, _R.KNOWN, _R.ILLNESS, _R.GROUP, _R.PLAN, _R.SLOW})


@dataclass(frozen=True)
class Word:
    """One side's last word about a proposal; ``about`` as in matching.learning."""

    proposal_id: int
    need_id: int
    side: Side
    yes: bool
    reasons: tuple[str, ...]

    @property
    def about(self) -> frozenset[str] | None:
        """The parts its reasons name; None where it speaks of the whole."""
        named = [PARTS[reason] for reason in self.reasons if reason in PARTS]
        return frozenset().union(*named) if named else None

    @property
    def counts(self) -> bool:
        return self.yes or self.about is not None or not EXCUSES.intersection(self.reasons)


@dataclass(frozen=True)
class Tally:
    """Answers as a page counts them; a no with several reasons stands under each of them."""

    yes: int
    no: int
    left_out: int
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def counted(self) -> int:
        return self.yes + self.no


def words(region: Region) -> list[Word]:
    """The last word of each side about each proposal of the matcher's, the newest first."""
    found: dict[tuple[int, Side], Word] = {}
    for proposal_id, need_id, name, side, reasons in db.session.execute(_answers(region)):
        if side == Side.SYSTEM:  # an offer that need not be asked
            continue
        of = YES.get(name) or NO[name]
        word = Word(proposal_id, need_id, of, name in YES, tuple(sorted(reasons)))
        found.setdefault((proposal_id, of), word)
    return list(found.values())


def _answers(region: Region) -> Select[int, int, str, Side, list[str]]:
    return (
        select(
            ProposalMove.proposal_id,
            Proposal.need_id,
            ProposalMove.name,
            ProposalMove.side,
            ProposalMove.reasons,
        )
        .join(Proposal, Proposal.id == ProposalMove.proposal_id)
        .where(
            Proposal.region_id == region.id,
            Proposal.origin.in_(BY_THE_MATCHER),
            Proposal.weak_point != "",  # else it was never scored: there is nothing to learn from
            ProposalMove.name.in_(sorted(YES | NO)),
        )
        .order_by(ProposalMove.id.desc())
        .limit(MOST)
    )


def tally(heard: list[Word]) -> Tally:
    """How many said yes and no, how many nos say nothing of the fit, and why."""
    counted = [word for word in heard if word.counts]
    reasons = Counter(reason for word in heard if not word.yes for reason in word.reasons)
    return Tally(
        yes=sum(word.yes for word in counted),
        no=sum(not word.yes for word in counted),
        left_out=len(heard) - len(counted),
        reasons=dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
    )
