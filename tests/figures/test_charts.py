"""Charts: lengths, places and words follow the numbers."""

from __future__ import annotations

import pytest

from matcher.figures import charts


def test_bars_are_as_long_as_their_values() -> None:
    chart = charts.bars("Bezoeken", [("a", 4, "4"), ("b", 1, "1"), ("c", 0, "0")])
    assert [bar.width for bar in chart.bars] == [340, 85, 0]
    assert chart.desc == "a: 4; b: 1; c: 0"
    assert chart.height == 3 * charts.BAR_ROW


def test_a_share_is_drawn_on_the_whole_width() -> None:
    (bar,) = charts.bars("Deel", [("a", 0.5, "50%")], most=1).bars
    assert bar.width == 170
    (over,) = charts.bars("Deel", [("a", 7, "7")], most=1).bars
    assert over.width == 340


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (1, 1), (3, 4), (4, 4), (7, 8), (9, 10), (47, 60), (101, 200)]
)
def test_scales_end_on_numbers_that_can_be_halved(value: float, top: float) -> None:
    assert charts.round_up(value) == top


def test_a_line_breaks_where_nothing_is_known() -> None:
    values = [(2.0, "2"), (4.0, "4"), None, (1.0, "1")]
    chart = charts.lines("Jaren", ["a", "b", "c", "d"], [("eigen", values)])
    (line,) = chart.lines
    assert [len(stroke.split()) for stroke in line.strokes] == [2]
    assert [dot.told for dot in line.dots] == ["2", "4", "1"]
    left, top, right, bottom = charts.PLOT
    assert [dot.y for dot in line.dots] == [(top + bottom) / 2, top, 128.0]
    assert all(left < dot.x < right for dot in line.dots)
    assert chart.desc == "eigen: a 2, b 4, d 1"
    assert [told for _y, told in chart.levels] == ["0", "2", "4"]


def test_no_values_still_draw_an_empty_frame() -> None:
    chart = charts.lines("Leeg", ["a"], [("eigen", [None])])
    assert (chart.lines[0].dots, chart.lines[0].strokes) == ((), ())
    assert charts.bars("Leeg", []).height == 0
