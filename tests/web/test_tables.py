"""CSV that leaves the service: accents arrive, formulas do not, numbers stay numbers."""

from __future__ import annotations

import csv
import io

import pytest

from matcher.web.tables import as_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_would_be_computed_is_marked_as_text(start: str) -> None:
    hostile = start + "cmd|' /C calc'!A0"
    read = list(
        csv.reader(io.StringIO(as_csv(["a", start + "b"], [[hostile, -3]])[1:], newline=""))
    )
    assert read == [["a", "'" + start + "b"], ["'" + hostile, "-3"]]


def test_what_goes_in_comes_out() -> None:
    rows = [["Übung, “één”", 1.5], ["two\nlines", None]]
    written = as_csv(["naam", "uren"], rows)
    assert written[0] == "\ufeff"
    assert list(csv.reader(io.StringIO(written[1:], newline=""))) == [
        ["naam", "uren"],
        ["Übung, “één”", "1.5"],
        ["two\nlines", ""],
    ]
