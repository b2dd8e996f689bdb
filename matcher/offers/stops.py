"""A tour's stops as people write them: one a line, with the time in the film and a question."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _l

from matcher.errors import Invalid

MOST = 40
_LINE = re.compile(r"(?P<minutes>\d{1,3}):(?P<seconds>[0-5]\d)\s*[|–-]\s*(?P<rest>.+)")


def stops_from(text: str) -> list[dict[str, Any]]:
    """``2:30 | The foundry | Why is it so hot?`` a line; the question may be left out.

    In order of time. Invalid names the line that cannot be read.
    """
    stops = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise Invalid(
                _l("Line %(number)s: write it as 2:30 | The foundry | A question", number=number),
                field="stops",
            )
        title, _bar, question = found["rest"].partition("|")
        at = int(found["minutes"]) * 60 + int(found["seconds"])
        stops.append({"at": at, "title": title.strip()[:200], "question": question.strip()[:400]})
    if len(stops) > MOST:
        raise Invalid(_l("At most %(most)d stops.", most=MOST), field="stops")
    return sorted(stops, key=lambda stop: stop["at"])


def clock_of(stop: dict[str, Any]) -> str:
    return f"{stop['at'] // 60}:{stop['at'] % 60:02d}"


def as_text(stops: list[dict[str, Any]]) -> str:
    """As it was written, to change it."""
    parts = ([clock_of(stop), stop["title"], stop["question"]] for stop in stops)
    return "\n".join(" | ".join(part for part in three if part) for three in parts)
