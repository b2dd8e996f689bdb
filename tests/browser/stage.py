"""What a journey starts from: the cast on a running service, and windows for its people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from matcher.extensions import db
from matcher.models.moves import ProposalState
from matcher.models.outbox import OutboxMail
from matcher.models.proposal import Proposal
from tests.browser.live import Live, Window


@dataclass
class Stage:
    """One telling of a journey: in one language, on one screen, with or without script."""

    live: Live
    browser: Any
    language: str
    width: int
    script: bool
    people: dict[str, int]
    keys: dict[str, int]  # need, lecture, slot, later (a second free slot)
    windows: list[Window] = field(default_factory=list)

    def window(self, name: str = "") -> Window:
        """A window of somebody of the cast; of a visitor without a name."""
        window = Window(self.live, self.browser, self.language, self.width, self.script)
        self.windows.append(window)
        return window.become(self.people[name]) if name else window

    def state(self, proposal_id: int) -> str:
        with self.live.records():
            return db.session.get_one(Proposal, proposal_id).state.value

    def states(self) -> list[str]:
        """Of all proposals, in the order in which they came."""
        with self.live.records():
            found = db.session.scalars(select(Proposal.state).order_by(Proposal.id))
            return [ProposalState(state).value for state in found]

    def newest(self) -> int:
        with self.live.records():
            found = select(Proposal.id).order_by(Proposal.id.desc()).limit(1)
            return db.session.scalars(found).one()

    def mailed(self, message: str, name: str) -> str:
        """The text of the newest mail of a kind to somebody."""
        with self.live.records():
            found = (
                select(OutboxMail.body)
                .where(OutboxMail.message == message, OutboxMail.person_id == self.people[name])
                .order_by(OutboxMail.id.desc())
            )
            return db.session.scalars(found.limit(1)).one()

    def close(self) -> None:
        for window in self.windows:
            window.close()
