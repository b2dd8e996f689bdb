"""Tables of Markdown, and the machine they were measured on."""

from __future__ import annotations

import os
import platform
from typing import Any


def as_table(rows: list[dict[str, Any]]) -> str:
    """A Markdown table of rows with the same keys."""
    head = list(rows[0])
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(row[key]) for key in head) + " |" for row in rows]
    return "\n".join(lines)


def machine() -> str:
    """Cores, Python, and how busy the machine was with other work when this was asked."""
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()},"
        f" load {os.getloadavg()[0]:.1f} (of which this measurement is about 1)"
    )
