"""Parts at once keep their order; the collector rests and wakes; many row products at once."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest
from scipy import sparse

from matcher.matching import working
from matcher.matching.counting import many_row_products, row_products


@pytest.mark.parametrize("many", [1, 3])
def test_parts_come_back_in_their_order(monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    monkeypatch.setattr(working, "threads", lambda: many)
    first = threading.Event()

    def work(part: int) -> int:
        if part == 1:
            first.set()
        elif part == 0 and many > 1:
            assert first.wait(10)  # the first part ends after the second has begun
        return part * part

    assert list(working.mapped(work, range(20))) == [part * part for part in range(20)]


def test_an_error_of_a_part_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(working.mapped(lambda part: 1 // part, [1, 0, 1]))


def test_the_collector_rests_until_the_last_one_is_done() -> None:
    assert gc.isenabled()
    with working.without_collector():
        with working.without_collector():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with working.without_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize("is_sorted", [True, False])
def test_row_products_of_many_pairs_are_those_of_each_to_the_last_bit(is_sorted: bool) -> None:
    chance = np.random.default_rng(4)
    a, b = (
        sparse.random(n, 400, 0.2, format="csr", dtype=np.float32, random_state=n)
        for n in (150, 90)
    )
    rows_a, rows_b = chance.integers(0, 150, 3_000), chance.integers(0, 90, 3_000)
    if is_sorted:
        rows_a = np.sort(rows_a)
    found = many_row_products(a, b, rows_a, rows_b)
    assert found.tobytes() == row_products(a, b, rows_a, rows_b).tobytes()


def test_no_pairs_have_no_products() -> None:
    rows = sparse.csr_matrix((2, 3), dtype=np.float32)
    none = np.zeros(0, dtype=np.int64)
    assert len(many_row_products(rows, rows, none, none)) == 0
