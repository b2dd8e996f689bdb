"""One cell's text into one typed value, and back; Invalid says what is wrong and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from matcher.errors import Invalid
from matcher.reference.postcodes import find_postcode
from matcher.web.forms import clean, clean_line
from matcher.web.tables import meant_by

Read = Callable[[str], Any]
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}")
BROKEN_LETTERS = re.compile("Ã[\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€")
YES = {"1", "yes", "ja", "true", "waar", "y", "j", "x"}
NO = {"0", "no", "nee", "false", "onwaar", "n", ""}


# ---- safe in a spreadsheet ----------------------------------------------------------------------
def unguarded(text: str) -> str:
    """What was meant; Invalid for a cell that begins like a formula."""
    if text.startswith("="):
        raise Invalid(_("This looks like a formula. Put its outcome there, or ' before the =."))
    return meant_by(text)


# ---- texts --------------------------------------------------------------------------------------
def line(longest: int = 200) -> Read:
    return lambda text: _bounded(clean_line(text), longest)


def prose(longest: int = 5000) -> Read:
    return lambda text: _bounded(clean(text.replace("\r\n", "\n")), longest)


def _bounded(text: str, longest: int) -> str:
    if BROKEN_LETTERS.search(text):
        raise Invalid(_("Letters are broken here. Save the file as CSV (UTF-8) or as xlsx."))
    if len(text) > longest:
        raise Invalid(_("Use at most %(max)d characters.", max=longest))
    return text


def name(text: str) -> str:
    """What a person or company is called: it stands in mails, so it must lead nowhere."""
    told = _bounded(clean_line(text), 200)
    if re.search(r"://|@|www\.", told, flags=re.IGNORECASE):
        raise Invalid(_("Enter a name, not an address."))
    return told


def mail_address(text: str) -> str:
    told = clean_line(text).lower()
    if told and (len(told) > 254 or not ADDRESS.fullmatch(told)):
        raise Invalid(_("Enter a mail address, such as name@school.nl."))
    return told


def web_address(text: str) -> str:
    """As people write it; the register leaves out https://."""
    told = _bounded(clean_line(text), 200)
    if re.search(r"[<>\"]", told) or re.match(r"(?!https?:)[a-z]+:", told, re.IGNORECASE):
        raise Invalid(_("Enter a web address, such as https://www.school.nl."))
    return told


def postcode(text: str) -> str:
    told = clean_line(text).replace(" ", "").upper()
    if told and find_postcode(told) is None:
        raise Invalid(_("This postcode is not known. Use the form 1234 AB."))
    return told


def pattern(shape: str, says: Callable[[], str]) -> Read:
    """A code of a given shape, in capitals; ``says`` tells what it looks like."""

    def read(text: str) -> str:
        told = clean_line(text).replace(" ", "").upper()
        if told and not re.fullmatch(shape, told):
            raise Invalid(says())
        return told

    return read


# ---- numbers, days, yes and no ------------------------------------------------------------------
def whole(least: int = 0, most: int = 1_000_000) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        told = clean_line(text)
        if not told:
            return None
        if not re.fullmatch(r"-?[0-9]{1,9}", told):
            raise Invalid(_("Enter a whole number, in digits."))
        if not least <= int(told) <= most:
            raise Invalid(_("Enter a number from %(min)s to %(max)s.", min=least, max=most))
        return int(told)

    return read


def degrees(most: float) -> Callable[[str], float | None]:
    """Latitude (up to 90) or longitude (up to 180), with a point or a comma."""

    def read(text: str) -> float | None:
        told = clean_line(text).replace(",", ".")
        if not told:
            return None
        if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,20})?", told) or abs(float(told)) > most:
            raise Invalid(_("Enter degrees, such as 52.0907."))
        return float(told)

    return read


def yes_no(text: str) -> bool:
    told = clean_line(text).lower()
    if told not in YES | NO:
        raise Invalid(_("Enter yes or no."))
    return told in YES


def day(text: str) -> date | None:
    told = clean_line(text)
    if not told:
        return None
    for form in ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"):
        try:
            found = datetime.strptime(told, form).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
        if 2000 <= found.year <= 2100:
            return found
    raise Invalid(_("Enter a day, such as 1-3-2027."))


# ---- codes --------------------------------------------------------------------------------------
def one_of(known: Mapping[str, str]) -> Callable[[str], str]:
    """A code by any of its names; ``known`` maps folded names to codes."""

    def read(text: str) -> str:
        told = clean_line(text)
        if not told:
            return ""
        found = known.get(folded(told))
        if found is None:
            raise _unknown(told, known.values())
        return found

    return read


def some_of(known: Mapping[str, str]) -> Callable[[str], list[str]]:
    """Several codes, between ; or commas, each once."""

    def read(text: str) -> list[str]:
        found: list[str] = []
        for part in _parts(text):
            if folded(part) in known:
                found.append(known[folded(part)])
                continue
            for piece in part.split(","):
                if not piece.strip():
                    continue
                if folded(piece) not in known:
                    raise _unknown(piece.strip(), known.values())
                found.append(known[folded(piece)])
        return list(dict.fromkeys(found))

    return read


def _unknown(told: str, codes: Collection[str]) -> Invalid:
    some = ", ".join(list(dict.fromkeys(codes))[:12])
    more = "…" if len(set(codes)) > 12 else ""
    return Invalid(
        _('"%(text)s" is not known here. Use one of: %(codes)s', text=told[:60], codes=some + more)
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;|\n]", clean(text)) if part.strip()]


def numbers(least: int, most: int) -> Callable[[str], list[int]]:
    """Several small whole numbers."""
    read_one = whole(least, most)

    def read(text: str) -> list[int]:
        pieces = [piece for piece in re.split(r"[;|,\s]+", clean(text)) if piece]
        return sorted({number for piece in pieces if (number := read_one(piece)) is not None})

    return read


def shares(known: Mapping[str, str]) -> Callable[[str], dict[str, int]]:
    """How many of each kind: "type: 20; type: 50"."""
    code_of, number_of = one_of(known), whole(0, 100)

    def read(text: str) -> dict[str, int]:
        found = {}
        for part in _parts(text):
            code, _colon, number = part.rpartition(":")
            found[code_of(code)] = number_of(number) or 0
        found.pop("", None)
        return {code: number for code, number in found.items() if number}

    return read


def addresses(text: str) -> list[str]:
    """Several mail addresses."""
    pieces = [piece for piece in re.split(r"[;|,\s]+", clean(text)) if piece]
    return list(dict.fromkeys(mail_address(piece) for piece in pieces))


def folded(text: str) -> str:
    """Lower case and without signs, so that "Postcode:" and "post code" are one."""
    from matcher.organisations.register import plain

    return plain(text).replace(" ", "")


# ---- moments ------------------------------------------------------------------------------------
WINDOW = re.compile(
    r"(\d{4}-\d{2}-\d{2}|\d{1,2}[-/]\d{1,2}[-/]\d{4})\s+"
    r"(\d{1,2})[:.](\d{2})\s*[-–]\s*(\d{1,2})[:.](\d{2})(?:\s*x\s*(\d{1,4}))?"
)


def moments(zone: ZoneInfo) -> Callable[[str], list[tuple[datetime, datetime, int | None]]]:
    """Stretches on the wall clock, "2027-03-01 09:00-10:00", with a webinar's seats as "x 30"."""

    def read(text: str) -> list[tuple[datetime, datetime, int | None]]:
        return sorted({_moment(part, zone) for part in _parts(text)}, key=lambda found: found[:2])

    return read


def _moment(part: str, zone: ZoneInfo) -> tuple[datetime, datetime, int | None]:
    found = WINDOW.fullmatch(part)
    says = _("Enter days and times as 2027-03-01 09:00-10:00, several with ; between them.")
    if found is None:
        raise Invalid(says)
    on = day(found[1])
    assert on is not None
    try:
        start, end = (
            datetime(on.year, on.month, on.day, int(found[h]), int(found[h + 1]), tzinfo=zone)
            for h in (2, 4)
        )
    except ValueError as error:
        raise Invalid(says) from error
    if end <= start:
        raise Invalid(_("A time ends before it begins: %(text)s", text=part[:60]))
    return start, end, int(found[6]) if found[6] else None


def told_moments(rows: Sequence[tuple[datetime, datetime, int | None]], zone: ZoneInfo) -> str:
    """The same, written."""
    told = []
    for start, end, seats in rows:
        begins, ends = start.astimezone(zone), end.astimezone(zone)
        more = f" x {seats}" if seats is not None else ""
        told.append(f"{begins:%Y-%m-%d %H:%M}-{ends:%H:%M}{more}")
    return "; ".join(told)


def told(value: Any) -> Any:
    """A typed value as a cell: text or number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "; ".join(map(str, value))
    if isinstance(value, Mapping):
        return "; ".join(f"{code}: {number:g}" for code, number in sorted(value.items()))
    return str(value)
