"""Vectors kept between runs: the same warm, cold and beside a damaged file; one for one anew."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from matcher.matching import Settings, fitting, propose, shelf
from matcher.matching.encoded import Encoded
from matcher.matching.shelf import SPARSE, Shelf
from matcher.matching.text import TextSpace
from matcher.matching.types import Text
from tests.conftest import CACHE
from tests.matching.market import demand, person, slot, supply


class Reader:
    """Reads a text as its length and its first letter, and remembers what it was asked to read."""

    def __init__(self) -> None:
        self.read: list[Text] = []

    def __call__(self, texts: Sequence[Text]) -> Encoded:
        self.read += texts
        numbers = [[len(t.body), ord(t.title[0]), 0.0] for t in texts]
        rows = np.array(numbers, dtype=np.float32).reshape(len(texts), 3)
        one = sparse.csr_matrix(rows)
        return Encoded(one, one * 2, one * 3, rows * 4, one * 5)


def text(number: int) -> Text:
    return Text(f"{chr(97 + number % 26)} {number}", "x" * (number % 7), "nl")


def same(one: Encoded, two: Encoded) -> bool:
    """Whether all vectors are the same bytes."""
    return one.dense.tobytes() == two.dense.tobytes() and all(
        getattr(getattr(one, name), part).tobytes() == getattr(getattr(two, name), part).tobytes()
        for name in SPARSE
        for part in ("data", "indices", "indptr")
    )


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files worth writing from ten texts on, of at most forty."""
    monkeypatch.setattr(shelf, "UNWRITTEN", 10)
    monkeypatch.setattr(shelf, "MOST_TEXTS", 40)


def test_only_what_is_new_is_read_and_each_once(tmp_path: Path) -> None:
    reader, kept = Reader(), Shelf(tmp_path, "v1")
    some = [text(n) for n in (1, 2, 1, 3)]
    first = kept.encode(some, reader)
    assert (len(first), first.anew) == (4, 3)
    assert reader.read == [text(1), text(2), text(3)]
    changed = [text(n) for n in (3, 1, 9, 2)]
    second = kept.encode(changed, reader)
    assert reader.read[3:] == [text(9)]
    assert second.anew == 1
    assert same(second, Reader()(changed))
    assert not list(tmp_path.iterdir())  # so few are not worth a file


@pytest.mark.usefixtures("small")
def test_another_process_finds_the_file(tmp_path: Path) -> None:
    some = [text(n) for n in range(30)]
    Shelf(tmp_path, "v1").encode(some, Reader())
    reader = Reader()
    found = Shelf(tmp_path, "v1").encode([*some[::-1], text(77)], reader)
    assert list(reader.read) == [text(77)]
    assert found.anew == 1
    assert same(found, Reader()([*some[::-1], text(77)]))
    assert [path.name for path in tmp_path.iterdir()] == ["texts-v1"]


@pytest.mark.usefixtures("small")
def test_other_labels_are_another_shelf(tmp_path: Path) -> None:
    Shelf(tmp_path, "v1").encode([text(n) for n in range(30)], Reader())
    reader = Reader()
    Shelf(tmp_path, "v2").encode([text(1)], reader)
    assert reader.read == [text(1)]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_file_is_not_used_and_replaced(tmp_path: Path, damage: bytes | None) -> None:
    some = [text(n) for n in range(30)]
    Shelf(tmp_path, "v1").encode(some, Reader())
    path = tmp_path / "texts-v1"
    whole = path.read_bytes()
    path.write_bytes(whole[:-200] + b"\xff" + whole[-199:] if damage is None else damage)
    reader = Reader()
    assert same(Shelf(tmp_path, "v1").encode(some, reader), Reader()(some))
    assert reader.read == some
    assert path.read_bytes() == whole


@pytest.mark.usefixtures("small")
def test_those_asked_for_last_stay(tmp_path: Path) -> None:
    one = Shelf(tmp_path, "v1")
    one.encode([text(n) for n in range(30)], Reader())
    one.encode([text(n) for n in range(15, 30)], Reader())
    one.encode([text(n) for n in range(100, 120)], Reader())
    reader = Reader()
    Shelf(tmp_path, "v1").encode([text(n) for n in range(15, 30)], reader)
    assert reader.read == []
    Shelf(tmp_path, "v1").encode([text(n) for n in range(15)], reader)
    assert len(reader.read) == 10  # 50 had been read, 40 are kept


@pytest.mark.usefixtures("small")
def test_two_at_once_spoil_nothing(tmp_path: Path) -> None:
    """Two processes of one installation: each its own shelf, one folder."""

    def use(start: int) -> bool:
        mine = Shelf(tmp_path, "v1")
        return all(
            same(mine.encode(some, Reader()), Reader()(some))
            for turn in range(8)
            for some in [[text(n) for n in range(start + turn, start + turn + 14)]]
        )

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(use, (0, 7))) == [True, True]
    reader = Reader()
    Shelf(tmp_path, "v1").encode([text(9)], reader)
    assert [path.name for path in tmp_path.iterdir()] == ["texts-v1"]


def test_a_run_is_the_same_warm_and_cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says how many texts it had to read; a changed label is another text for all."""
    monkeypatch.setattr(shelf, "UNWRITTEN", 1)
    (fitted,) = CACHE.glob(f"space-{fitting.fingerprint()}")
    (tmp_path / fitted.name).symlink_to(fitted)
    demands = [demand(f"n{n}", text=Text(f"windenergie {n}", "turbines", "nl")) for n in range(3)]
    offers = [
        supply("o1", text=Text("Windmolens bouwen", "de turbine", "nl"), slots=(slot("s1"),)),
        supply("o2", text=Text("Robots", "programmeren", "nl"), slots=(slot("s2", 2, "p2"),)),
    ]

    def run(space: TextSpace) -> tuple[str, dict[str, int]]:
        result = propose(demands, offers, [person("p1"), person("p2")], Settings(), space=space)
        return result.as_json(), dict(result.texts)

    cold, none = run(TextSpace(folder=tmp_path)), run(TextSpace(folder=CACHE))
    warm = run(TextSpace(folder=tmp_path))
    assert cold[1] == {"kept": 0, "anew": 5}
    assert warm == (cold[0], {"kept": 5, "anew": 0})
    assert none[0] == cold[0]
    demands[1] = demand("n1", text=Text("waterstof", "als brandstof", "nl"))
    assert run(TextSpace(folder=tmp_path))[1] == {"kept": 4, "anew": 1}
    labelled = TextSpace(folder=tmp_path).with_labels([("windenergie", "nl", "wiekenwonder")])
    assert run(labelled)[1] == {"kept": 0, "anew": 5}
