"""What a text speaks of: concepts found by their labels in either language, senses by context.

Labels are matched as lemmas, longest first. A label that is the head or the tail of a long (Dutch)
compound counts half. A label that belongs to several concepts is shared among them by how well each
fits the concepts and school subjects that the rest of the text speaks of.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from matcher.matching.types import Text
from matcher.matching.words import lemmas
from matcher.reference.concepts import LANGUAGES, Concept, concepts

LONGEST_LABEL = 6  # words
SHORTEST_PART = 5  # letters of a label inside a compound
COMPOUND_REST = 3  # letters that must be left of the compound
COMPOUND_WEIGHT = 0.5
FOREIGN_WEIGHT = 0.9  # a label of the other language in this text
TITLE_WEIGHT = 2.0
TO_BROADER = 0.5
TO_RELATED = 0.3

Senses = tuple[str, ...]


class Thesaurus:
    """Concepts with an index of their labels; ``extra`` adds (concept, language, label) rows."""

    def __init__(
        self,
        entries: Sequence[Concept] | None = None,
        extra: Iterable[tuple[str, str, str]] = (),
    ) -> None:
        self.concepts = {c.key: c for c in (entries if entries is not None else concepts())}
        self.keys = tuple(sorted(self.concepts))
        self._index: dict[str, dict[tuple[str, ...], Senses]] = {}
        added = sorted(extra)
        for language in LANGUAGES:
            self._index[language] = self._labels(language, added)
        self._single = {
            language: {label[0]: senses for label, senses in index.items() if len(label) == 1}
            for language, index in self._index.items()
        }
        self._in_compound = lru_cache(maxsize=200_000)(self._find_in_compound)

    def _labels(
        self, language: str, added: Iterable[tuple[str, str, str]]
    ) -> dict[tuple[str, ...], Senses]:
        senses: dict[tuple[str, ...], set[str]] = defaultdict(set)
        rows = [(key, label) for key, c in self.concepts.items() for label in c.labels[language]]
        rows += [(k, label) for k, lang, label in added if lang == language and k in self.concepts]
        for key, label in rows:
            tokens = tuple(lemmas(label, language))
            if tokens and len(tokens) <= LONGEST_LABEL:
                senses[tokens].add(key)
        return {tokens: tuple(sorted(keys)) for tokens, keys in senses.items()}

    def label(self, key: str, language: str) -> str:
        """How a concept is called; the key itself when it is unknown."""
        concept = self.concepts.get(key)
        return concept.labels.get(language, concept.labels["en"])[0] if concept else key

    def mentions(self, text: Text) -> dict[str, float]:
        """Concept -> how much the text speaks of it; a title counts double."""
        found: list[tuple[Senses, float]] = []
        for part, weight in ((text.title, TITLE_WEIGHT), (text.body, 1.0)):
            found += [(senses, weight * w) for senses, w in self._scan(part, text.language)]
        sure: Counter[str] = Counter()
        for senses, weight in found:
            if len(senses) == 1:
                sure[senses[0]] += weight  # type: ignore[assignment]
        context = self._context(sure)
        total: Counter[str] = Counter(sure)
        for senses, weight in found:
            if len(senses) > 1:
                for key, share in self._shares(senses, context).items():
                    total[key] += weight * share  # type: ignore[assignment]
        return dict(total)

    def spread(self, mentioned: Mapping[str, float]) -> dict[str, float]:
        """The same with a part of each weight passed on to broader and related concepts."""
        total: Counter[str] = Counter(mentioned)
        for key in sorted(mentioned):
            concept = self.concepts[key]
            for near, share in ((concept.broader, TO_BROADER), (concept.related, TO_RELATED)):
                for other in near:
                    total[other] += mentioned[key] * share  # type: ignore[assignment]
        return dict(total)

    def _scan(self, part: str, language: str) -> list[tuple[Senses, float]]:
        """Labels from left to right, the longest at each place, in both languages."""
        own = language if language in self._index else "en"
        other = next(name for name in LANGUAGES if name != own)
        tokens = lemmas(part, own)
        foreign = lemmas(part, other)
        found: list[tuple[Senses, float]] = []
        at = 0
        while at < len(tokens):
            size, senses, weight = self._longest(tokens, foreign, at, (own, other))
            if senses:
                found.append((senses, weight))
            elif own == "nl":
                found.extend(self._in_compound(tokens[at], own))
            at += size
        return found

    def _longest(
        self, tokens: list[str], foreign: list[str], at: int, order: tuple[str, str]
    ) -> tuple[int, Senses, float]:
        for size in range(min(LONGEST_LABEL, len(tokens) - at), 0, -1):
            for language, given, weight in (
                (order[0], tokens, 1.0),
                (order[1], foreign, FOREIGN_WEIGHT),
            ):
                senses = self._index[language].get(tuple(given[at : at + size]))
                if senses:
                    return size, senses, weight * (1 + 0.25 * (size - 1))
        return 1, (), 0.0

    def _find_in_compound(self, word: str, language: str) -> tuple[tuple[Senses, float], ...]:
        """Labels that begin or end a long word: "zonnepaneelfabriek", "stroomnet"."""
        labels = self._single[language]
        found: dict[Senses, float] = {}
        for cut in range(SHORTEST_PART, len(word) - COMPOUND_REST + 1):
            for part in (word[:cut], word[:cut].removesuffix("s")):
                if len(part) >= SHORTEST_PART and part in labels:
                    found[labels[part]] = COMPOUND_WEIGHT
            tail = word[len(word) - cut :]
            if tail in labels:
                found[labels[tail]] = COMPOUND_WEIGHT
        return tuple(sorted(found.items()))[-2:]

    def _context(self, sure: Mapping[str, float]) -> Counter[str]:
        """What the unambiguous part speaks of: concepts near it, and subjects (as "subject:x")."""
        around: Counter[str] = Counter()
        for key, weight in sorted(sure.items()):
            concept = self.concepts[key]
            around[key] += weight  # type: ignore[assignment]
            for near in (*concept.broader, *concept.related):
                around[near] += 0.5 * weight  # type: ignore[assignment]
            for subject in concept.subjects:
                around[f"subject:{subject}"] += 0.2 * weight  # type: ignore[assignment]
        return around

    def _shares(self, senses: Senses, context: Mapping[str, float]) -> dict[str, float]:
        """Shares of an ambiguous label, together 1: equal without context, else by fit."""
        fits = {}
        for key in senses:
            concept = self.concepts[key]
            near = (key, *concept.broader, *concept.related)
            fit = sum(context.get(other, 0.0) for other in near)
            fit += sum(context.get(f"subject:{s}", 0.0) for s in concept.subjects)
            fits[key] = (0.15 + fit) ** 2
        total = sum(fits.values())
        return {key: fit / total for key, fit in fits.items()}
