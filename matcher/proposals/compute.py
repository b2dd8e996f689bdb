"""The matcher at work on a problem: no database, so that it can be done anywhere.

The matcher is loaded when first used, so that a web worker never loads it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matcher.extensions import Reading

if TYPE_CHECKING:
    from matcher.matching import Inputs, Result, Settings
    from matcher.matching.standing import Stock
    from matcher.matching.swap import Held
    from matcher.proposals.inputs import Problem

PLAIN = Reading()  # nothing kept, no model
FEW = 50  # needs up to which a region's offers are worth keeping ready for the next
_READY: list[Stock] = []  # of this process, once it has been asked for a few needs
log = logging.getLogger("lesbrug.runs")


@dataclass(frozen=True, slots=True)
class Solved:
    """What came of a problem: a result, or in plain words what went wrong."""

    problem: Problem
    settings: dict[str, Any]
    inputs: bytes = b""
    fingerprint: str = ""
    result: Result | None = None
    error: str = ""


def warm_up(reading: Reading) -> None:
    """Make the matcher's text space now, so that the first new need does not wait for it."""
    from matcher.matching.text import default_space

    default_space(reading.folder, reading.model)


def solve(
    problem: Problem, reading: Reading = PLAIN, tell: Callable[[str], None] | None = None
) -> Solved:
    """Propose; what the matcher refuses is told in plain words. Can be sent to another process.

    ``reading`` says where the matcher keeps what it learns of texts, and by which model it reads;
    ``tell`` hears each stage's end.
    """
    from matcher import matching

    settings: dict[str, Any] = dict(problem.settings)
    try:
        chosen = matching.Settings.from_json(problem.settings)
        settings = chosen.as_json()
        text = matching.inputs_json(*_parts(problem), synonyms=problem.synonyms)
        if tell is None and len(problem.demands) <= FEW:
            result = _propose_some(problem, chosen, reading)
        else:
            result = _propose(problem, chosen, reading, tell)
    except Exception as error:
        log.exception("region %s could not be matched", problem.region_id)
        return Solved(problem, settings, error=f"{type(error).__name__}: {error}"[:2000])
    return Solved(
        problem,
        settings,
        inputs=gzip.compress(text.encode(), mtime=0),
        fingerprint=hashlib.sha256(text.encode()).hexdigest(),
        result=result,
    )


def lost(problem: Problem) -> Solved:
    """What is said of a problem whose worker died again and again."""
    return Solved(problem, dict(problem.settings), error="The process that computed it died.")


def _parts(problem: Problem) -> tuple[Any, ...]:
    """A problem without what is only ours: in the order of the matcher's parameters."""
    return problem.demands, problem.supplies, problem.people, problem.pins, problem.standing


def _propose(
    read: Problem | Inputs,
    settings: Settings,
    reading: Reading,
    tell: Callable[[str], None] | None = None,
) -> Result:
    from matcher import matching
    from matcher.matching.text import default_space

    return matching.propose(
        read.demands,
        read.supplies,
        read.people,
        settings,
        pins=read.pins,
        standing=read.standing,
        synonyms=read.synonyms,
        space=default_space(reading.folder, reading.model),
        tell=tell,
    )


def _propose_some(problem: Problem, settings: Settings, reading: Reading) -> Result:
    """The same for a few needs, among offers that this process keeps ready for each region."""
    from matcher.matching.standing import Stock
    from matcher.matching.text import default_space

    if not _READY:
        _READY.append(Stock())
    space = default_space(reading.folder, reading.model)
    offers = _READY[0].of(problem.region_id, problem, space)
    return offers.propose(problem.demands, settings, pins=problem.pins, standing=problem.standing)


def statistics(result: Result) -> dict[str, Any]:
    """The result's figures, JSON-ready, with the seconds each stage took and the texts read."""
    figures: dict[str, Any] = json.loads(result.as_json())["statistics"]
    seconds = {k: round(v, 3) for k, v in sorted(result.timings.items())}
    return figures | {"seconds": seconds, "texts": dict(result.texts)}


def again(inputs: bytes, values: Mapping[str, Any], reading: Reading = PLAIN) -> str:
    """The digest of the result that stored inputs and settings give now."""
    from matcher import matching

    read = matching.inputs_from_json(gzip.decompress(inputs).decode())
    return digest(_propose(read, matching.Settings.from_json(values), reading))


def digest(result: Result) -> str:
    """The fingerprint of a result's bytes."""
    return hashlib.sha256(result.as_json().encode()).hexdigest()


def swap_price(problem: Problem, need: str, offer: str, reading: Reading = PLAIN) -> dict[str, Any]:
    """What it costs to give a need another offer, and who is moved by it; JSON-ready, with ids."""
    from matcher import matching
    from matcher.matching.inputs import in_order
    from matcher.matching.swap import price_of
    from matcher.matching.text import default_space

    settings = matching.Settings.from_json(problem.settings)
    inputs = in_order(*_parts(problem), synonyms=problem.synonyms)
    swap = price_of(inputs, (need, offer), settings, default_space(reading.folder, reading.model))
    return {
        "possible": swap.possible,
        "against": list(swap.against),
        "before": round(swap.score_before, 6),
        "after": round(swap.score_after, 6),
        "price": round(swap.price, 6),
        "moved": [
            {
                "need": int(moved.demand),
                "gain": round(moved.gain, 6),
                "before": [_held(held) for held in moved.before],
                "after": [_held(held) for held in moved.after],
            }
            for moved in swap.moved
        ],
    }


def _held(held: Held) -> dict[str, Any]:
    return {
        "offer": int(held.supply),
        "slot": None if held.slot is None else int(held.slot),
        "start": held.start.isoformat() if held.start else None,
        "score": held.score,
    }
