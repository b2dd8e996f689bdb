"""A region's problem as work for a process of its own, one of which can be killed in its midst."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from matcher import matching
from matcher.matching import Inputs, Settings
from tests.matching.market import TopicSpace


@dataclass(frozen=True)
class Region:
    """A region's problem, and where its first worker says its number and then waits for ever."""

    inputs: Inputs
    folder: str = ""


def match(region: Region) -> str:
    """The bytes of a region's result. The first worker of a region with a folder never ends."""
    folder = Path(region.folder)
    if region.folder and not (folder / "begun").exists():
        (folder / "begun").touch()
        (folder / "worker").write_text(str(os.getpid()))  # a pipe: read by who will kill us
        (folder / "never").read_text()  # a pipe nobody writes to
    inputs = region.inputs
    return matching.propose(
        inputs.demands,
        inputs.supplies,
        inputs.people,
        Settings(),
        pins=inputs.pins,
        space=TopicSpace(),
    ).as_json()
