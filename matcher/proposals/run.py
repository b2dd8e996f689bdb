"""Match runs: read a region, propose, keep what is needed to do exactly the same again.

The only module beside the readers of inputs that starts the matcher; it loads it when first used,
so that a web worker never does.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, or_, select

from matcher import clock
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import LIVE
from matcher.models.need import Need, NeedState
from matcher.models.organisation import Region
from matcher.models.proposal import Proposal, ProposalMove
from matcher.models.run import MatchRun, Question, QuestionKind, RunScope, RunState
from matcher.proposals import questions, results

if TYPE_CHECKING:
    from matcher.matching import Result
    from matcher.proposals.inputs import Problem

log = logging.getLogger("lesbrug.runs")
NEW_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Solved:
    """What came of a problem: a result, or in plain words what went wrong."""

    problem: Problem
    settings: dict[str, Any]
    inputs: bytes
    fingerprint: str
    result: Result | None
    error: str = ""
