"""What in a text tells who somebody is or how to reach them, and the text without it."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "[…]"
_ENDS = r"(?:nl|com|org|net|eu|edu|info|app|uk|fr|dk|eus)"
_NUMBERS = (
    r"(?:nul|een|één|twee|drie|vier|vijf|zes|zeven|acht|negen"
    r"|zero|one|two|three|four|five|six|seven|eight|nine)"
)
_STREET = r"(?:straat|laan|weg|plein|kade|singel|gracht|dreef|steeg|dijk|plantsoen)"
_REACH = re.compile(
    "|".join(
        (
            r"[\w.+-]+\s?@\s?[\w-]+(?:\s?\.\s?[\w-]+)+",
            # written out so that a program does not see it: anna (at) school (punt) nl
            r"[\w.+-]+\s?[(\[{]\s?(?:at|apenstaartje)\s?[)\]}]\s?[\w-]+"
            r"(?:\s?(?:\.|[(\[{]\s?(?:dot|punt)\s?[)\]}])\s?[\w-]+)*",
            rf"[\w.+-]+\s(?:at|apenstaartje)\s(?:[\w-]+(?:\.|\s(?:dot|punt)\s))+{_ENDS}\b",
            r"(?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?)\]]",
            r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}/[^\s<>]*[^\s<>.,;:!?)\]]",
            rf"\b(?:[\w-]+\.)+{_ENDS}\b",
            r"(?<![\w@])@[\w.]*\w",
            r"\b(?:insta(?:gram)?|snap(?:chat)?|tiktok|telegram|skype|discord)\s?(?:is|[:=])\s?\S+",
            r"\b(?:whats?app|linkedin|facebook|teams|twitter|signal)\s?[:=]\s?\S+",
            rf"\b{_NUMBERS}(?:[\s,-]+{_NUMBERS}){{6,}}\b",
        )
    ),
    re.IGNORECASE,
)
_PLACE = re.compile(rf"\b[1-9]\d{{3}}\s?[A-Z]{{2}}\b|\b[A-Z][\w'-]*{_STREET}\s+\d+[a-z]?\b")
_DIGITS = re.compile(
    r"(?P<kept>"
    r"\b\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d\d\b"
    r"|\b(?:19|20)\d\d-\d{1,2}-\d{1,2}\b"
    r"|\b(?:19|20)\d\d\s?[-/–]\s?(?:19|20)\d\d\b"
    r"|\b(?:[01]?\d|2[0-4])[.:][0-5]\d(?:\s?[-–]\s?(?:[01]?\d|2[0-4])[.:][0-5]\d)?(?![.\s-]?\d)"
    r")|\+?(?:\((?=\d{1,5}\)))?\d(?:[\s()./–-]{0,2}\d){7,}"
)
_LEAST = 9  # digits of a telephone number at home; fewer where it has a country's code
_SHORT = re.compile(r"\d{8}|\d\d(?: \d\d){3}")  # as Danes write theirs


def masked(words: str, names: Iterable[str] = ()) -> str:
    """The text with addresses, numbers, links, handles and these names replaced by ``[…]``.

    Days, times, school years and chapters stay. Names are found as whole words, written as given.
    """
    told = _REACH.sub(MASK, words)
    told = _PLACE.sub(MASK, _DIGITS.sub(_without_number, told))
    for name in sorted({n for n in names if n.strip()}, key=len, reverse=True):
        told = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", MASK, told)
    return told


def _without_number(found: re.Match[str]) -> str:
    text = found.group()
    digits = sum(character.isdigit() for character in text)
    is_number = digits >= _LEAST or text.startswith(("+", "00")) or _SHORT.fullmatch(text)
    return text if found.group("kept") or not is_number else MASK


def parts_of(name: str, *, first: bool) -> list[str]:
    """A person's name as it could stand in a text: whole, and its parts with a capital."""
    parts = [part for part in name.split() if part[:1].isupper() and len(part) > 1]
    return [name, *parts] if first else [" ".join(name.split()[1:]), *parts[1:]]
