"""Run the measurements and write docs/benchmarks.md: ``make bench``."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from benchmarks import beside, national

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
SIZES = ((500, 900), (2_000, 3_500))


def as_table(rows: list[dict[str, Any]]) -> str:
    """A Markdown table of rows with the same keys."""
    head = list(rows[0])
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(row[key]) for key in head) + " |" for row in rows]
    return "\n".join(lines)


def main() -> None:
    runs = []
    for needs, offers in SIZES:
        figures = national.measure(needs, offers)
        stages = figures.pop("stages")
        runs.append(figures | {f"{k} s": v for k, v in stages.items()})  # type: ignore[union-attr, attr-defined]
    parts = [
        "# Measurements",
        "",
        f"Written by `make bench` on {os.cpu_count()} cores, Python {platform.python_version()}."
        " A market of real schools and postcodes, with texts from the thesaurus"
        " (`benchmarks/market.py`).",
        "",
        "## Whole runs",
        "`space` is fitting the text understanding, once per process; it is in the `seconds`"
        " of the first row only. `peak_mb` is the largest so far of this process and its solver.",
        "",
        as_table(runs),
        "",
        "## Ways of choosing, on one market of 1,000 needs and 900 offers",
        "",
        as_table(beside.table(1_000, 900)),
        "",
        "## Solvers, on one graph",
        "",
        as_table(beside.solvers(300, 500)),
        "",
    ]
    PAGE.write_text("\n".join(parts), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
