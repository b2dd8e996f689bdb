"""A proposal: one need, one offer, one time; its state has a single door, ``move``."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.models.base import (
    Code,
    Json,
    Key,
    Model,
    Moment,
    Prose,
    Record,
    StrList,
    choice,
    owned,
)
from matcher.models.moves import HELD, MOVES, WAITING, ProposalState, Side

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.guide import Resource
    from matcher.models.need import Need
    from matcher.models.offer import Offer
    from matcher.models.organisation import Region
    from matcher.models.professional import Professional, Slot
    from matcher.models.run import MatchRun


class Origin(StrEnum):
    """How a proposal came to be."""

    RUN = "run"
    NEW_NEED = "new_need"
    INVITATION = "invitation"
    ALTERNATE = "alternate"
    COORDINATOR = "coordinator"


class RuleKind(StrEnum):
    PIN = "pin"
    FORBID = "forbid"


_HELD_SQL = ", ".join(f"'{state.value}'" for state in sorted(HELD))
_WAITING_SQL = ", ".join(f"'{state.value}'" for state in sorted(WAITING))


class Proposal(Model):
    """One need x one offer x one time (none, for on-demand offers)."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name="both_times"),
        CheckConstraint("starts_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("slot_id IS NULL OR starts_at IS NOT NULL", name="slot_has_time"),
        CheckConstraint(
            f"(state IN ({_HELD_SQL})) = (confirmed_at IS NOT NULL)", name="held_is_confirmed"
        ),
        CheckConstraint(
            f"state NOT IN ({_WAITING_SQL}) OR answer_by IS NOT NULL", name="waiting_has_deadline"
        ),
        CheckConstraint("score BETWEEN 0 AND 1", name="score"),
        Index(
            "uq_proposal_slot_confirmed",
            "slot_id",
            unique=True,
            sqlite_where=text("state IN ('confirmed', 'delivered') AND NOT shares_slot"),
            postgresql_where=text("state IN ('confirmed', 'delivered') AND NOT shares_slot"),
        ),
        Index("ix_proposal_region_state", "region_id", "state", "id"),
        Index("ix_proposal_need_state", "need_id", "state"),
        Index("ix_proposal_offer_state", "offer_id", "state"),
    )

    id: Mapped[Key]
    need_id: Mapped[int] = owned("need.id")
    offer_id: Mapped[int] = owned("offer.id")
    region_id: Mapped[int] = owned("region.id")
    run_id: Mapped[int | None] = owned("match_run.id")
    slot_id: Mapped[int | None] = owned("slot.id")
    professional_id: Mapped[int | None] = owned("professional.id")
    shares_slot: Mapped[bool] = mapped_column(default=False)  # a seat in a webinar
    starts_at: Mapped[Moment | None]
    ends_at: Mapped[Moment | None]
    origin: Mapped[Origin] = mapped_column(choice(Origin, "origin"), default=Origin.RUN)
    _state: Mapped[ProposalState] = mapped_column(
        "state", choice(ProposalState, "state"), default=ProposalState.SUGGESTED
    )
    version: Mapped[int] = mapped_column(default=1)
    score: Mapped[float] = mapped_column(Float, default=0.0)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    weak_point: Mapped[Code] = mapped_column(default="")
    rank: Mapped[int] = mapped_column(default=0)  # how many alternates were asked before it
    answer_by: Mapped[Moment | None]
    reminders: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[Moment | None]
    created_at: Mapped[Moment] = mapped_column(default=clock.now)

    need: Mapped[Need] = relationship()
    offer: Mapped[Offer] = relationship()
    region: Mapped[Region] = relationship()
    run: Mapped[MatchRun | None] = relationship(back_populates="proposals")
    slot: Mapped[Slot | None] = relationship()
    professional: Mapped[Professional | None] = relationship()
    resources: Mapped[list[Resource]] = relationship(
        secondary="proposal_resource", order_by="Resource.id"
    )
    moves: Mapped[list[ProposalMove]] = relationship(
        back_populates="proposal", cascade="all, delete-orphan", order_by="ProposalMove.id"
    )

    # Two browsers answering at once: the second UPDATE finds another version and is refused.
    __mapper_args__ = {"version_id_col": version}

    @hybrid_property
    def state(self) -> ProposalState:
        """Read-only; changes go through ``move``."""
        return self._state

    def may_move(self, name: str, side: Side) -> bool:
        """Whether this edge leaves the present state and this side may take it."""
        move = MOVES[name]
        return (self._state or ProposalState.SUGGESTED) in move.sources and side in move.sides

    def move(
        self,
        name: str,
        *,
        side: Side,
        by: Person | None,
        reasons: list[str] | None = None,
        note: str = "",
        answer_by: datetime | None = None,
    ) -> ProposalMove:
        """Take one edge of MOVES and write it down. The only door to a state."""
        move = MOVES[name]
        source = self._state or ProposalState.SUGGESTED
        if source not in move.sources:
            raise WrongState(_l("This proposal has moved on. Look at its present state first."))
        if side not in move.sides:
            raise NotAllowed(_l("Only the other side can do this."))
        if move.needs_reasons and not reasons:
            raise Invalid(_l("Choose at least one reason."), field="reasons")
        self._state = move.target
        if move.target in WAITING:
            self.answer_by = answer_by or self.answer_by
            self.reminders = 0
            self.confirmed_at = None  # what was agreed is asked anew
        if move.target == ProposalState.CONFIRMED:
            self.confirmed_at = clock.now()
        step = ProposalMove(
            name=name,
            source=source,
            target=move.target,
            side=side,
            by_id=by.id if by else None,
            reasons=list(reasons or []),
            note=note,
            at=clock.now(),
        )
        self.moves.append(step)
        return step


class ProposalMove(Model):
    """One step in a proposal's life: who, when, from where to where, why."""

    __tablename__ = "proposal_move"

    id: Mapped[Key]
    proposal_id: Mapped[int] = owned("proposal.id", cascade=True)
    name: Mapped[Code]
    source: Mapped[ProposalState] = mapped_column(choice(ProposalState, "source"))
    target: Mapped[ProposalState] = mapped_column(choice(ProposalState, "target"))
    side: Mapped[Side] = mapped_column(choice(Side, "side"))
    by_id: Mapped[int | None] = owned("person.id")
    reasons: Mapped[StrList]
    note: Mapped[Prose] = mapped_column(default="")
    at: Mapped[Moment]

    proposal: Mapped[Proposal] = relationship(back_populates="moves")
    by: Mapped[Person | None] = relationship()


class Alternate(Model):
    """A next best offer for a need, kept by the run so that a decline heals at once."""

    __tablename__ = "alternate"
    __table_args__ = (Index("ix_alternate_need_rank", "need_id", "rank"),)

    id: Mapped[Key]
    run_id: Mapped[int] = owned("match_run.id", cascade=True)
    need_id: Mapped[int] = owned("need.id", cascade=True)
    offer_id: Mapped[int] = owned("offer.id", cascade=True)
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="SET NULL"))
    professional_id: Mapped[int | None] = owned("professional.id")
    rank: Mapped[int]
    score: Mapped[float] = mapped_column(Float)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    weak_point: Mapped[Code] = mapped_column(default="")

    offer: Mapped[Offer] = relationship()
    slot: Mapped[Slot | None] = relationship()
    professional: Mapped[Professional | None] = relationship()


class PairRule(Model):
    """A coordinator's word about a need and an offer: pinned together, or forbidden."""

    __tablename__ = "pair_rule"
    __table_args__ = (Index("uq_pair_rule_pair", "need_id", "offer_id", unique=True),)

    id: Mapped[Key]
    need_id: Mapped[int] = owned("need.id", cascade=True)
    offer_id: Mapped[int] = owned("offer.id", cascade=True)
    kind: Mapped[RuleKind] = mapped_column(choice(RuleKind, "kind"))
    reason: Mapped[Prose]
    by_id: Mapped[int] = owned("person.id")
    at: Mapped[Moment] = mapped_column(default=clock.now)
    details: Mapped[Record]

    need: Mapped[Need] = relationship()
    offer: Mapped[Offer] = relationship()
    by: Mapped[Person] = relationship()
