"""An optional view of texts: sentence embeddings by a model of one's own choice, run offline.

A folder holds ``model.onnx`` and ``tokenizer.json`` as exported by the usual tools, and may hold
``lesbrug.json``: {"prefix": "query: ", "tokens": 256, "pooling": "mean"}. The prefix is put before
needs and offers alike, as such models advise for comparing texts of one kind; pooling is "mean" or
"cls". The libraries are in requirements-embeddings.txt and are loaded here alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from matcher.matching.counting import Floats
from matcher.matching.types import Text
from matcher.reference.concepts import LANGUAGES, concepts

FILES = ("model.onnx", "tokenizer.json")
CHOICES = "lesbrug.json"
POOLINGS = ("mean", "cls")
USUAL_LABELS = 64  # concepts by which one learns what all texts have in common
REMEMBERED = 50_000  # texts; offers are read again in every run


class NoSentences(ValueError):
    """The model cannot be used; says why and what to do."""


class Sentences:
    """A model from a folder. NoSentences when a file or library is missing or makes no sense."""

    def __init__(self, folder: Path) -> None:
        if missing := [name for name in FILES if not (folder / name).is_file()]:
            raise NoSentences(f"LESBRUG_EMBEDDINGS: {folder} has no {' and no '.join(missing)}")
        try:
            import onnxruntime
            import tokenizers
        except ImportError as error:
            raise NoSentences(
                "LESBRUG_EMBEDDINGS needs: pip install -r requirements-embeddings.txt"
            ) from error
        self._prefix, tokens, self._pooling = _choices(folder)
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1  # sums in one order, whatever the number of cores
            self._session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
        except Exception as error:  # neither library says what it raises
            raise NoSentences(f"LESBRUG_EMBEDDINGS: {folder} cannot be read: {error}") from error
        self.files = tuple(p for name in (*FILES, CHOICES) if (p := folder / name).is_file())
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=tokens)
        self._inputs = [entry.name for entry in self._session.get_inputs()]
        self._one = lru_cache(maxsize=REMEMBERED)(self._embed)
        self._usual = self._what_is_usual()

    def encode(self, texts: Sequence[Text]) -> Floats:
        """(n, d) of unit length, less what all texts have in common; an empty text gets zeros.

        One text at a time: in a batch the last digits would depend on the others.
        """
        rows = np.zeros((len(texts), len(self._usual)), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            if said := f"{text.title}\n{text.body}".strip():
                row[:] = _unit(self._one(said) - self._usual)
        return rows

    def _what_is_usual(self) -> Floats:
        """Models of this kind find any two texts alike; what labels at large share is no news."""
        step = max(1, len(concepts()) // USUAL_LABELS)
        labels = [c.labels[language][0] for c in concepts()[::step] for language in LANGUAGES]
        made: Floats = np.mean([self._embed(label) for label in labels], axis=0)
        return made.astype(np.float32)

    def _embed(self, said: str) -> Floats:
        """(d,) of unit length."""
        read = self._tokenizer.encode(self._prefix + said)
        given = {
            "input_ids": read.ids,
            "attention_mask": read.attention_mask,
            "token_type_ids": read.type_ids,
        }
        feed = {name: np.array([given[name]], dtype=np.int64) for name in self._inputs}
        (found, *_) = self._session.run(None, feed)
        return _unit(self._pooled(np.asarray(found, dtype=np.float32)[0]))

    def _pooled(self, found: Floats) -> Floats:
        """(d,) of the model's output, which may be of the whole text or of each token."""
        if found.ndim == 1:
            return found
        made: Floats = found[0] if self._pooling == "cls" else found.mean(axis=0)
        return made


def _choices(folder: Path) -> tuple[str, int, str]:
    """Prefix, most tokens and pooling; NoSentences for what makes no sense."""
    path = folder / CHOICES
    try:
        given: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        prefix, tokens, pooling = (
            str(given.get("prefix", "")),
            int(given.get("tokens", 256)),
            given.get("pooling", "mean"),
        )
    except (ValueError, AttributeError, TypeError) as error:
        raise NoSentences(f"LESBRUG_EMBEDDINGS: {path} cannot be read: {error}") from error
    if pooling not in POOLINGS or tokens < 1:
        raise NoSentences(f"LESBRUG_EMBEDDINGS: {path}: pooling is mean or cls, tokens at least 1")
    return prefix, tokens, pooling


def _unit(vector: Floats) -> Floats:
    length = float(np.sqrt(vector @ vector))
    made: Floats = vector / length if length else vector
    return made
