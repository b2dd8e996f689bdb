"""Run the measurements and write docs/benchmarks.md: ``make bench``."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import ablation, affinity, beside, brute_force, national, shards, what_if
from benchmarks.page import as_table, machine

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
SIZES = ((500, 900), (2_000, 3_500), (10_000, 17_500), (40_000, 70_000))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with aamas2015.in and aamas2016.in")
    data = parser.parse_args().data
    runs = []
    for needs, offers in SIZES:
        figures = national.measure(needs, offers)
        stages = figures.pop("stages")
        runs.append(figures | {f"{k} s": v for k, v in stages.items()})  # type: ignore[union-attr, attr-defined]
    parts = [
        "# Measurements",
        "",
        f"Written by `make bench` on {machine()}."
        " A market of real schools and postcodes, with texts from the thesaurus"
        " (`benchmarks/market.py`).",
        "",
        "## Whole runs",
        "`space` is fitting the text understanding, once per process; it is in the `seconds`"
        " of the first row only. `peak_mb` is the most memory of the process, market and libraries"
        " included, with the most of its solvers at any one time.",
        "",
        as_table(runs),
        "",
        "## Ways of choosing, on one market of 1,000 needs and 900 offers",
        "",
        as_table(beside.table(1_000, 900)),
        "",
        "## The same where offers are scarce: 1,000 needs and 350 offers",
        "",
        as_table(beside.table(1_000, 350)),
        "",
        "## Solvers, on one graph",
        "",
        as_table(beside.solvers(300, 500)),
        "",
        "## Beside full enumeration",
        "",
        as_table([brute_force.measure(2_000)]),
        "",
        "## Solving regions apart: 2,000 needs and 900 offers",
        "",
        as_table(shards.table(2_000, 900, (1, 4, 12))),
        "",
        "## What if: an answer beside a whole run with the same settings",
        "",
        as_table([what_if.measure(2_000, 3_500)]),
        "",
        *ablation.sections(),
    ]
    if data is not None:
        parts += ["## Public bids of two conferences", "", as_table(affinity.table(data)), ""]
    PAGE.write_text("\n".join(parts), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
