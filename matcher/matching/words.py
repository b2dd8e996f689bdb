"""Texts into words, their lemmas and runs of letters."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(
    "[" + "".join(chr(n) for n in range(0x300, 0x20000) if unicodedata.combining(chr(n))) + "]+"
)
_STOP = """
de het een en of in op aan van voor met bij naar uit door over om te dat die dit deze er
is zijn was waren wordt worden werd kan kunnen wil willen moet moeten mag mogen heeft
hebben had ik je jij u hij zij ze wij we jullie hun ons onze mijn jouw als dan maar ook
nog niet geen wel zo hoe wat wie waar wanneer waarom welke veel meer weer al tot tegen
onder tussen per via the a an and or in on at of for with by to from out about that this
these those there is are was were be been being can could will would should may might must
have has had do does did i you he she it we they them our their your my me us as if than
then but also not no so how what who where when why which much many more some any all into
over under between per via graag please leerling leerlingen klas les lessen pupil pupils
class lesson student students leerlinge like love want look looking school zoeken zoek
komen vertellen laten zien
"""
STOP = frozenset(_STOP.split())
LEMMATISED = frozenset({"nl", "en", "da", "es"})
RUNS = (3, 4, 5)


def fold(text: str) -> str:
    """Lower case and without accents, so that "Één" and "een" meet."""
    lower = text.lower()
    return lower if lower.isascii() else _MARKS.sub("", unicodedata.normalize("NFKD", lower))


def words(text: str) -> list[str]:
    """The words of a text, folded; of hyphenated ones the parts."""
    return [sys.intern(word) for word in _WORD.findall(fold(text))]


@lru_cache(maxsize=200_000)
def lemma(word: str, language: str) -> str:
    """The dictionary form of a folded word; the word itself where none is known."""
    from simplemma import lemmatize

    if len(word) < 4 or word.isdigit():
        return word
    known = language if language in LEMMATISED else "en"
    return sys.intern(fold(lemmatize(word, lang=known)))


@lru_cache(maxsize=200_000)
def telling(word: str, language: str) -> str:
    """The lemma, or the word itself where that says nothing: "bijen" (bees), not "bij" (at)."""
    found = lemma(word, language)
    return word if found in STOP else found


@lru_cache(maxsize=200_000)
def is_word(word: str, language: str) -> bool:
    """Whether a folded word is one of this language (nl or en)."""
    from simplemma import is_known

    return word in STOP or is_known(word, lang=language)


def features(found: list[str], language: str) -> list[str]:
    """Lemmas that carry meaning of these words, and pairs of neighbours among them."""
    kept = [form for word in found if len(form := lemma(word, language)) > 1 and form not in STOP]
    return kept + [f"{left} {right}" for left, right in pairwise(kept)]


def letters(word: str) -> list[str]:
    """Runs of 3 to 5 letters of a word with a space at either end; a short word whole."""
    padded = f" {word} "
    size = len(padded)
    return [padded[at : at + run] for run in RUNS for at in range(size - run + 1)] or [padded]
