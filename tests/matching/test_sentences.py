"""A sentence model from a folder: read, used as a view of its own, or refused in plain words.

The model is a small stand-in made here: a table of word vectors whose mean is the sentence.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from flask import Flask
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from matcher.extensions import Reading, cache
from matcher.matching.sentences import NoSentences, Sentences
from matcher.matching.text import TextSpace
from matcher.matching.types import Text
from tests.conftest import CACHE, build_app

# Invented words, so that no thesaurus and no letters can help: each line is one meaning.
MEANINGS = (("blorf", "kwimp"), ("zandle", "trosk"), ("query", "dummy"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As exported by the usual tools: model.onnx and tokenizer.json."""
    made = tmp_path_factory.mktemp("model")
    words = ["[UNK]", *(word for pair in MEANINGS for word in pair)]
    tokenizer = Tokenizer(
        models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(made / "tokenizer.json"))
    table = np.zeros((len(words), 4), dtype=np.float32)
    table[0, 3] = 1
    for meaning, pair in enumerate(MEANINGS):
        for word in pair:
            table[words.index(word), meaning] = 1
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["found"])],
        "stand-in",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, None])],
        [helper.make_tensor_value_info("found", TensorProto.FLOAT, [1, None, 4])],
        [numpy_helper.from_array(table, "table")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(made / "model.onnx"))
    return made


def _texts() -> tuple[Text, Text, Text]:
    return Text("blorf", "", "nl"), Text("kwimp", "", "en"), Text("trosk", "", "en")


def test_words_of_one_meaning_lie_together_whatever_their_language(folder: Path) -> None:
    rows = Sentences(folder).encode(_texts())
    near, far = float(rows[0] @ rows[1]), float(rows[0] @ rows[2])
    assert near == pytest.approx(1, abs=1e-6)
    assert far < 0.5


def test_an_empty_text_is_zeros_and_a_text_does_not_depend_on_its_neighbours(folder: Path) -> None:
    model = Sentences(folder)
    together = model.encode([*_texts(), Text("", "", "nl")])
    alone = model.encode(_texts()[:1])
    assert together[0].tobytes() == alone[0].tobytes()
    assert not together[3].any()


def test_the_space_uses_the_model_as_one_more_view(folder: Path) -> None:
    plain, more = TextSpace(folder=CACHE), TextSpace(folder=CACHE, sentences=Sentences(folder))
    need, same, other = _texts()

    def likeness(space: TextSpace) -> list[float]:
        return space.all_pairs(space.encode([need]), space.encode([same, other]))[0].tolist()

    assert set(more.views) - set(plain.views) == {"sentences"}
    assert likeness(plain) == [0, 0]
    near, far = likeness(more)
    assert near > 0.5 > far


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("lesbrug.json", "{", "cannot be read"),
        ("lesbrug.json", json.dumps({"pooling": "best"}), "pooling is mean or cls"),
        ("lesbrug.json", json.dumps({"tokens": 0}), "tokens at least 1"),
        ("model.onnx", "no model", "cannot be read"),
        ("tokenizer.json", "{}", "cannot be read"),
        ("model.onnx", None, "has no model.onnx"),
    ],
)
def test_a_folder_that_makes_no_sense_is_refused_in_plain_words(
    folder: Path, tmp_path: Path, name: str, text: str | None, told: str
) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    if text is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_text(text)
    with pytest.raises(NoSentences, match=f"LESBRUG_EMBEDDINGS.*{told}"):
        Sentences(tmp_path)


def test_a_prefix_changes_what_the_model_reads(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "lesbrug.json").write_text(json.dumps({"prefix": "query "}))
    plain, prefixed = (Sentences(each).encode(_texts())[0] for each in (folder, tmp_path))
    assert not np.allclose(plain, prefixed)


@pytest.fixture
def _as_before() -> object:
    kept = cache.reading
    yield
    cache.reading = kept


def test_the_setting_names_the_folder(
    _as_before: object, sqlite_url: str, tmp_path: Path, folder: Path
) -> None:
    app = build_app(sqlite_url, tmp_path, EMBEDDINGS=str(folder))
    assert isinstance(app, Flask)
    assert cache.reading == Reading(CACHE, folder)
    build_app(sqlite_url, tmp_path)
    assert cache.reading == Reading(CACHE, None)


def test_a_run_from_the_operators_door_says_what_is_missing(
    _as_before: object, sqlite_url: str, tmp_path: Path
) -> None:
    settings = {
        "DATABASE_URL": sqlite_url,
        "LESBRUG_INSTANCE": str(tmp_path),
        "LESBRUG_EMBEDDINGS": str(tmp_path / "nothing"),
    }
    told = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "jobs"],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (told.returncode, "Traceback" in told.stderr) == (1, False)
    assert told.stderr.strip().splitlines()[-1].endswith("has no model.onnx and no tokenizer.json")
