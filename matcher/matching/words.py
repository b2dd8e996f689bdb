"""Texts into lemmas, once per word and process."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+(?:[-'&/.][^\W_]+)*")
_PART = re.compile(r"[-'&/.]")
_STOP = """
de het een en of in op aan van voor met bij naar uit door over om te dat die dit deze er
is zijn was waren wordt worden werd kan kunnen wil willen moet moeten mag mogen heeft
hebben had ik je jij u hij zij ze wij we jullie hun ons onze mijn jouw als dan maar ook
nog niet geen wel zo hoe wat wie waar wanneer waarom welke veel meer weer al tot tegen
onder tussen per via the a an and or in on at of for with by to from out about that this
these those there is are was were be been being can could will would should may might must
have has had do does did i you he she it we they them our your their my me us as if than
then but also not no so how what who where when why which much many more some any all into
over under between per via graag please leerling leerlingen klas les lessen pupil pupils
class lesson student students leerlinge like love want look looking school zoeken zoek
komen vertellen laten zien
"""
STOP = frozenset(_STOP.split())


def fold(text: str) -> str:
    """Lower case and without accents, so that "Één" and "een" meet."""
    letters = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """The words of a text, folded; hyphenated ones whole and in parts."""
    found = []
    for word in _WORD.findall(fold(text)):
        parts = [part for part in _PART.split(word) if part]
        found.extend(parts if len(parts) > 1 else [word])
    return found


@lru_cache(maxsize=200_000)
def lemma(word: str, language: str) -> str:
    """The dictionary form of a folded word; the word itself where none is known."""
    from simplemma import lemmatize

    if len(word) < 4 or word.isdigit():
        return word
    known = language if language in {"nl", "en", "da", "es"} else "en"
    return fold(lemmatize(word, lang=known))


def lemmas(text: str, language: str) -> list[str]:
    """The text's lemmas in order."""
    return [lemma(word, language) for word in words(text)]


def features(text: str, language: str) -> list[str]:
    """Lemmas that carry meaning, and pairs of neighbours among them."""
    kept = [word for word in lemmas(text, language) if word not in STOP and len(word) > 1]
    return kept + [f"{left} {right}" for left, right in pairwise(kept)]
