"""What is kept between runs: the same arrays back, nothing damaged, never in the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.matching import fitting, kept
from matcher.matching.text import TextSpace
from matcher.matching.thesaurus import Thesaurus
from matcher.matching.types import Text
from tests.conftest import CACHE

ARRAYS = {
    "numbers": np.arange(12, dtype=np.float32).reshape(3, 4),
    "names": kept.as_array(["een", "twee woorden", "é"]),
    "none": np.zeros(0, dtype=np.int64),
}


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    kept.write(tmp_path / "some", ARRAYS)
    found = kept.read(tmp_path / "some")
    assert found is not None
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
    assert kept.as_names(found["names"]) == ("een", "twee woorden", "é")
    assert [path.name for path in tmp_path.iterdir()] == ["some"]


@pytest.mark.parametrize("place", [0, 40, -1])
def test_one_damaged_byte_is_noticed(tmp_path: Path, place: int) -> None:
    path = tmp_path / "some"
    kept.write(path, ARRAYS | {"none": np.ones(16, dtype=np.int64)})
    raw = bytearray(path.read_bytes())
    raw[place] ^= 0xFF
    path.write_bytes(raw)
    assert kept.read(path) is None


@pytest.mark.parametrize("content", [b"", b"lesbrug", b"lesbrug kept 1\n" + b"\xff" * 8])
def test_half_a_file_is_not_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some"
    path.write_bytes(content)
    assert kept.read(path) is None


def test_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept.write(tmp_path / "file" / "some", ARRAYS)
    assert kept.read(tmp_path / "file" / "some") is None


def test_only_the_newest_stay(tmp_path: Path) -> None:
    import os

    for number in range(5):
        kept.write(tmp_path / f"space-{number}", ARRAYS)
        os.utime(tmp_path / f"space-{number}", (number, number))
    kept.write(tmp_path / "other", ARRAYS)
    kept.tidy(tmp_path, "space-", 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "space-3", "space-4"]


def test_name_changes_with_code_and_data(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    two.write_text("b")
    assert kept.fingerprint(one) != kept.fingerprint(one, two)
    assert kept.fingerprint(one) != kept.fingerprint(two)


def test_kept_space_gives_the_same_vectors_as_a_fitted_one(tmp_path: Path) -> None:
    TextSpace(folder=CACHE)  # there is a file now
    (path,) = CACHE.glob(f"space-{fitting.fingerprint()}")
    texts = [Text("Windmolens", "stroom, rotorblad en generator", "nl")]
    fitted, read = fitting.fit(Thesaurus()), kept.read(path)
    assert read is not None
    assert kept.as_names(read["words"]) == fitted.words
    assert read["turn"].tobytes() == fitted.turn.tobytes()
    one, two = (TextSpace(folder=CACHE).encode(texts) for _ in range(2))
    assert (one.topic != two.topic).nnz == 0
    assert one.dense.tobytes() == two.dense.tobytes()


def test_damaged_space_is_fitted_anew(tmp_path: Path) -> None:
    path = tmp_path / f"space-{fitting.fingerprint()}"
    path.write_bytes(b"nonsense")
    TextSpace(folder=tmp_path)
    assert kept.read(path) is not None
