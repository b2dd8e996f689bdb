"""The text space with one part of it switched off, for the ablation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from matcher.matching import fitting, meaning
from matcher.matching.counting import read, weigh, word_counts
from matcher.matching.text import TextSpace
from matcher.matching.thesaurus import Senses, Thesaurus


class _OnlyNamed(TextSpace):
    def _about(self, mentioned: Any, words: Any) -> Any:
        return meaning.about(mentioned, sparse.csr_matrix(mentioned.shape, dtype=np.float32))


class _OnlyNear(TextSpace):
    def _about(self, mentioned: Any, words: Any) -> Any:
        nothing = sparse.csr_matrix(mentioned.shape, dtype=np.float32)
        return super()._about(nothing, words)


class _AnySense(Thesaurus):
    def _fit(self, meant: Senses, doubtful: Senses, many: int) -> Any:
        return np.zeros(len(doubtful.text))


def without_named(space: TextSpace) -> TextSpace:
    return _as(_OnlyNear, space)


def without_near(space: TextSpace) -> TextSpace:
    return _as(_OnlyNamed, space)


def without_senses(space: TextSpace) -> TextSpace:
    made = copy(space)
    made.thesaurus = _AnySense()
    return made


def without_neighbours(space: TextSpace) -> TextSpace:
    """Concepts stand alone: nothing passes to broader, narrower and related ones."""
    made, known = copy(space), space._fitted
    texts = read(fitting.texts_of_concepts(space.thesaurus))
    columns = {name: n for n, name in enumerate(known.words)}
    words = weigh(word_counts(texts, columns), known.words_idf, fitting.STRONGEST_WORDS)
    near = meaning.nearness(words, known.told, known.usual)
    alone = sparse.identity(len(space.thesaurus.keys), dtype=np.float32, format="csr")
    spreading = meaning.weighed(alone, known.concepts_idf)
    made._fitted = replace(known, turn=meaning.turned(spreading, near, fitting.DIRECTIONS))
    made._spreading = spreading
    return made


def without_view(view: str) -> Callable[[TextSpace], TextSpace]:
    def switched(space: TextSpace) -> TextSpace:
        made = copy(space)
        made.views = {**space.views, view: 0.0}
        return made

    return switched


def _as(kind: type[TextSpace], space: TextSpace) -> TextSpace:
    made = copy(space)
    made.__class__ = kind
    return made


WITHOUT: Mapping[str, Callable[[TextSpace], TextSpace]] = {
    "concepts altogether": without_view("concepts"),
    "labels named (nearness only)": without_named,
    "nearness (labels only)": without_near,
    "neighbours of concepts": without_neighbours,
    "senses by context": without_senses,
    "words": without_view("words"),
    "letters": without_view("letters"),
}
