"""The table of moves, walked: every edge by every side from every state."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matcher import clock
from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.models.moves import ENDED, HELD, LIVE, MOVES, WAITING, ProposalState, Side
from matcher.models.proposal import Proposal

PATHS: dict[ProposalState, tuple[str, ...]] = {
    ProposalState.SUGGESTED: (),
    ProposalState.ASKED: ("release",),
    ProposalState.SCHOOL_YES: ("release", "school_accept"),
    ProposalState.COMPANY_YES: ("release", "company_accept"),
    ProposalState.CONFIRMED: ("invite", "company_confirm"),
    ProposalState.DELIVERED: ("invite", "company_confirm", "deliver"),
    ProposalState.NOT_HELD: ("invite", "company_confirm", "not_held"),
    ProposalState.CANCELLED: ("invite", "company_confirm", "cancel"),
    ProposalState.DECLINED: ("release", "school_decline"),
    ProposalState.EXPIRED: ("release", "expire"),
    ProposalState.WITHDRAWN: ("release", "withdraw"),
    ProposalState.SUPERSEDED: ("supersede",),
}
REASONS = ["other"]


def proposal_in(state: ProposalState) -> Proposal:
    """A proposal walked there, one legal edge after another."""
    proposal = Proposal(answer_by=clock.now() + timedelta(days=1))
    for name in PATHS[state]:
        side = sorted(MOVES[name].sides)[0]
        proposal.move(name, side=side, by=None, reasons=REASONS)
    return proposal


def test_every_state_can_be_reached_over_the_table() -> None:
    assert set(PATHS) == set(ProposalState)
    assert {s: (proposal_in(s).state or ProposalState.SUGGESTED) for s in PATHS} == {
        s: s for s in PATHS
    }


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("name", sorted(MOVES))
@pytest.mark.parametrize("state", list(ProposalState))
def test_an_edge_opens_from_its_sources_for_its_sides_only(
    state: ProposalState, name: str, side: Side
) -> None:
    move = MOVES[name]
    proposal = proposal_in(state)
    before = len(proposal.moves)
    if state not in move.sources:
        with pytest.raises(WrongState):
            proposal.move(name, side=side, by=None, reasons=REASONS)
    elif side not in move.sides:
        with pytest.raises(NotAllowed):
            proposal.move(name, side=side, by=None, reasons=REASONS)
    else:
        assert proposal.may_move(name, side)
        step = proposal.move(name, side=side, by=None, reasons=REASONS, note="want")
        assert proposal.state == move.target
        assert (step.name, step.source, step.target, step.side, step.reasons, step.note) == (
            name,
            state,
            move.target,
            side,
            REASONS,
            "want",
        )
        assert len(proposal.moves) == before + 1
        return
    assert not proposal.may_move(name, side)
    assert (proposal.state or ProposalState.SUGGESTED) == state
    assert len(proposal.moves) == before


@pytest.mark.parametrize("name", sorted(n for n, m in MOVES.items() if m.needs_reasons))
def test_a_no_needs_a_reason(name: str) -> None:
    move = MOVES[name]
    proposal = proposal_in(sorted(move.sources)[0])
    state = proposal.state
    with pytest.raises(Invalid) as refusal:
        proposal.move(name, side=sorted(move.sides)[0], by=None)
    assert refusal.value.field == "reasons"
    assert proposal.state == state


def test_nothing_leaves_an_ended_state() -> None:
    assert {m.name for m in MOVES.values() if m.sources & ENDED} == set()


def test_a_move_into_waiting_starts_the_clock_anew() -> None:
    proposal = proposal_in(ProposalState.ASKED)
    proposal.reminders = 2
    until = clock.now() + timedelta(days=5)
    proposal.move("school_accept", side=Side.SCHOOL, by=None, answer_by=until)
    assert (proposal.answer_by, proposal.reminders) == (until, 0)


def test_groups_of_states_are_what_their_names_say() -> None:
    assert WAITING | {ProposalState.SUGGESTED, ProposalState.CONFIRMED} == LIVE
    assert frozenset() == LIVE & ENDED
    assert {move.target for move in MOVES.values() if move.sources <= HELD} == {
        ProposalState.DELIVERED,
        ProposalState.NOT_HELD,
        ProposalState.CANCELLED,
        ProposalState.ASKED,  # moved to another time
    }
