"""Fifty files that are not right, each with what its report must say."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook

from tests.exchange.files import COMPANY, NEED, OFFER, SCHOOL, TEACHER, as_csv, as_xlsx

NOISE = random.Random(7).randbytes(4_000).replace(b"\x00", b"\x01")


@dataclass(frozen=True)
class Spoiled:
    """A file, and the first thing its report must say: row, column, a part of the sentence."""

    name: str
    kind: str
    make: Callable[[], bytes]
    row: int | None
    column: str
    says: str


def _school(**changed: Any) -> Callable[[], bytes]:
    return lambda: as_csv([SCHOOL | changed])


def _without(row: dict[str, Any], *names: str) -> Callable[[], bytes]:
    return lambda: as_csv([{name: cell for name, cell in row.items() if name not in names}])


def _two(row: dict[str, Any], **changed: Any) -> Callable[[], bytes]:
    return lambda: as_csv([row, row | changed])


def _cut(content: Callable[[], bytes], keep: float) -> Callable[[], bytes]:
    def make() -> bytes:
        whole = content()
        return whole[: int(len(whole) * keep)]

    return make


def _formula() -> bytes:
    return as_xlsx([SCHOOL | {"naam": '=HYPERLINK("http://x")'}])


def _error_cell() -> bytes:
    return as_xlsx([SCHOOL | {"naam": "#N/A"}])


def _packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _repacked(change: Callable[[str, bytes], bytes]) -> bytes:
    """A right workbook of which one part is replaced."""
    with zipfile.ZipFile(io.BytesIO(as_xlsx([SCHOOL]))) as archive:
        return _packed({n: change(n, archive.read(n)) for n in archive.namelist()})


def _bomb() -> bytes:
    zeros = b"<row/>" * 11_000_000
    return _repacked(lambda name, part: zeros if "sheet1" in name else part)


def _entities() -> bytes:
    head = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    return _repacked(lambda name, part: head + part if "sheet1" in name else part)


def _not_xml() -> bytes:
    return _repacked(
        lambda name, part: b"<worksheet><sheetData><row>" if "sheet1" in name else part
    )


def _many_parts() -> bytes:
    return _packed({"xl/workbook.xml": b"<x/>"} | {f"p{n}": b"" for n in range(600)})


def _no_sheet() -> bytes:
    return _repacked(lambda name, part: re.sub(rb"<sheet [^>]*/>", b"", part))


def _empty_sheet() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def _wide() -> bytes:
    return as_csv([SCHOOL | {f"kolom {number}": "x" for number in range(120)}])


def _long_file() -> bytes:
    return as_csv([SCHOOL] + [dict.fromkeys(SCHOOL, "") | {"naam": "x"}] * 20_001)


def _heading_twice() -> bytes:
    return as_csv([SCHOOL]).replace(b"type", b"naam")


def _more_cells() -> bytes:
    return as_csv([SCHOOL]) + b"02AB00;A; B;5611AB;Eindhoven;HAVO\r\n"


def _open_quote() -> bytes:
    return as_csv([SCHOOL]) + b'02AB00;"De Brug;5611AB;Eindhoven;HAVO\r\n'


def _stray_quote() -> bytes:
    return as_csv([SCHOOL]) + b'02AB00;"De" Brug;5611AB;Eindhoven;HAVO\r\n'


CODE = "Code van de vestiging (BRIN met twee cijfers)"
KVK = "Nummer in het handelsregister"
SPOILED: tuple[Spoiled, ...] = (
    # ---- the file as a whole
    Spoiled("empty", "schools", lambda: b"", None, "", "Het bestand is leeg"),
    Spoiled("only blanks", "schools", lambda: b" \r\n \r\n", None, "", "Het bestand is leeg"),
    Spoiled("only a mark", "schools", lambda: b"\xef\xbb\xbf", None, "", "Het bestand is leeg"),
    Spoiled("only separators", "schools", lambda: b";;;\n;;;\n", None, "", "Het bestand is leeg"),
    Spoiled(
        "only a heading", "schools", lambda: as_csv([SCHOOL]).splitlines()[0], None, "", "Onder"
    ),
    Spoiled("zero bytes", "schools", lambda: as_csv([SCHOOL]) + b"\x00", None, "", "nul-bytes"),
    Spoiled(
        "a picture", "schools", lambda: b"\x89PNG\r\n\x1a\n\x00\x00" + NOISE, None, "", "nul-bytes"
    ),
    Spoiled("noise", "schools", lambda: NOISE + b"\x81\x8d", None, "", "niet te lezen"),
    Spoiled("old excel", "schools", lambda: b"\xd0\xcf\x11\xe0" + NOISE, None, "", "oud Excel"),
    Spoiled(
        "utf-16 unmarked",
        "schools",
        lambda: as_csv([SCHOOL], encoding="utf-16-le"),
        None,
        "",
        "nul-bytes",
    ),
    Spoiled(
        "utf-16 cut",
        "schools",
        lambda: as_csv([SCHOOL], encoding="utf-16")[:-1],
        None,
        "",
        "niet te lezen",
    ),
    Spoiled(
        "utf-8 cut under its mark",
        "schools",
        lambda: b"\xef\xbb\xbf" + as_csv([SCHOOL]) + b"\xc3",
        None,
        "",
        "niet te lezen",
    ),
    Spoiled(
        "signs that were lost", "schools", _school(naam="Caf\ufffd"), None, "", "niet te lezen"
    ),
    Spoiled(
        "too large",
        "schools",
        lambda: as_csv([SCHOOL]) + b" " * 5_300_000,
        None,
        "",
        "groter dan 5 MB",
    ),
    Spoiled("too many rows", "schools", _long_file, None, "", "meer dan 20000 rijen"),
    Spoiled("too many columns", "schools", _wide, None, "", "meer dan 100 kolommen"),
    Spoiled(
        "a letter",
        "schools",
        lambda: b"Beste coordinator,\nhierbij de scholen.\n",
        1,
        "",
        "kolom ontbreekt",
    ),
    Spoiled(
        "a web page",
        "schools",
        lambda: b"<html><body>\n<p>Inloggen</p>\n</html>",
        1,
        "",
        "kolom ontbreekt",
    ),
    # ---- the table
    Spoiled(
        "missing column", "schools", _without(SCHOOL, "code"), 1, "", "kolom ontbreekt: " + CODE
    ),
    Spoiled(
        "two missing columns",
        "companies",
        _without(COMPANY, "naam", "postcode"),
        1,
        "",
        "Naam, Postcode",
    ),
    Spoiled("another kind of file", "offers", lambda: as_csv([SCHOOL]), 1, "", "kolom ontbreekt"),
    Spoiled("a heading twice", "schools", _heading_twice, 1, "naam", "staat er twee keer"),
    Spoiled("half a file", "schools", _cut(_two(SCHOOL, code="02AB00"), 0.8), 3, "", "5"),
    Spoiled("too many cells", "schools", _more_cells, 3, "", "6 cellen, de kop 5"),
    Spoiled("an open quote", "schools", _open_quote, 3, "", "die niet eindigt"),
    Spoiled("a stray quote", "schools", _stray_quote, 3, "", "aanhalingstekens"),
    Spoiled(
        "two million signs in a cell",
        "schools",
        _school(naam="x" * 2_000_000),
        2,
        "",
        "meer dan 10 000 tekens",
    ),
    Spoiled(
        "a long cell", "schools", _school(naam="x" * 10_001), 2, "naam", "meer dan 10 000 tekens"
    ),
    # ---- workbooks
    Spoiled(
        "half a workbook", "schools", _cut(lambda: as_xlsx([SCHOOL]), 0.5), None, "", "beschadigd"
    ),
    Spoiled("a zip bomb", "schools", _bomb, None, "", "veel te groot"),
    Spoiled("a zip of many parts", "schools", _many_parts, None, "", "veel te groot"),
    Spoiled(
        "a zip of something else",
        "schools",
        lambda: _packed({"a.csv": as_csv([SCHOOL])}),
        None,
        "",
        "zipbestand",
    ),
    Spoiled("entities", "schools", _entities, None, "", "beschadigd"),
    Spoiled("a sheet that is no xml", "schools", _not_xml, None, "", "beschadigd"),
    Spoiled("a workbook without sheets", "schools", _no_sheet, None, "", "beschadigd"),
    Spoiled("an empty sheet", "schools", _empty_sheet, None, "", "Het bestand is leeg"),
    Spoiled("a formula", "schools", _formula, 2, "B", "staat een formule"),
    Spoiled("an error", "schools", _error_cell, 2, "B", "staat een fout (#N/A)"),
    Spoiled(
        "two million signs in a workbook",
        "schools",
        lambda: as_xlsx([SCHOOL | {"naam": "x" * 32_000}]),
        2,
        "naam",
        "meer dan 10 000",
    ),
    # ---- the rows
    Spoiled("a formula in csv", "schools", _school(naam="=1+1"), 2, "Naam", "lijkt op een formule"),
    Spoiled("broken letters", "schools", _school(naam="CafÃ© College"), 2, "Naam", "letters kapot"),
    Spoiled(
        "duplicate brin",
        "schools",
        _two(SCHOOL, naam="Een andere"),
        3,
        "",
        "Rij 2 heeft dezelfde sleutel",
    ),
    Spoiled(
        "a brin that is none", "schools", _school(code="1AB"), 2, CODE, "BRIN met twee cijfers"
    ),
    Spoiled(
        "a brin without location", "schools", _school(code="01AB"), 2, CODE, "BRIN met twee cijfers"
    ),
    Spoiled("an unknown postcode", "schools", _school(postcode="0000AA"), 2, "Postcode", "1234 AB"),
    Spoiled("no name", "schools", _school(naam=" "), 2, "Naam", "Vul dit in"),
    Spoiled(
        "an unknown region",
        "schools",
        lambda: as_csv([SCHOOL | {"region": "XX"}]),
        2,
        "Regio",
        '"XX"',
    ),
    Spoiled(
        "a kvk number short",
        "companies",
        lambda: as_csv([COMPANY | {"kvk": "1234567"}]),
        2,
        KVK,
        "8 cijfers",
    ),
    Spoiled("a company told twice", "companies", _two(COMPANY, naam="Ander BV"), 3, "", "Rij 2"),
    Spoiled(
        "no employees",
        "companies",
        lambda: as_csv([COMPANY | {"medewerkers": ""}]),
        2,
        "Hoeveel mensen er werken",
        "hoeveel mensen",
    ),
    Spoiled(
        "words for a number",
        "companies",
        lambda: as_csv([COMPANY | {"medewerkers": "veel"}]),
        2,
        "Hoeveel mensen er werken",
        "in cijfers",
    ),
    Spoiled(
        "no mail address",
        "people",
        lambda: as_csv([TEACHER | {"mail": "nina at school"}]),
        2,
        "Mailadres",
        "mailadres",
    ),
    Spoiled(
        "an unknown role",
        "people",
        lambda: as_csv([TEACHER | {"rol": "koning"}]),
        2,
        "Rol",
        '"koning"',
    ),
    Spoiled(
        "an unknown school",
        "people",
        lambda: as_csv([TEACHER | {"school": "88XX00"}]),
        2,
        "School (code)",
        "88XX00",
    ),
    Spoiled(
        "two stories",
        "people",
        _two(TEACHER, naam="Niet Nina", school="99VA00"),
        3,
        "Naam",
        "Rij 2 zegt iets anders",
    ),
    Spoiled(
        "a link for a name",
        "people",
        lambda: as_csv([TEACHER | {"naam": "www.x.nl"}]),
        2,
        "Naam",
        "naam",
    ),
    Spoiled(
        "an unknown subject",
        "needs",
        lambda: as_csv([NEED | {"vak": "toveren"}]),
        2,
        "Vak",
        '"toveren"',
    ),
    Spoiled(
        "a time backwards",
        "needs",
        lambda: as_csv([NEED | {"data en tijden": "2027-03-01 10:00-09:00"}]),
        2,
        "Dagen en tijden",
        "eindigt voordat",
    ),
    Spoiled(
        "no such day",
        "needs",
        lambda: as_csv([NEED | {"data en tijden": "2027-02-30 09:00-10:00"}]),
        2,
        "Dagen en tijden",
        "1-3-2027",
    ),
    Spoiled(
        "days gone by",
        "needs",
        lambda: as_csv([NEED | {"data en tijden": "2020-03-02 09:00-10:00"}]),
        2,
        "Dagen en tijden",
        "die nog komt",
    ),
    Spoiled(
        "an unknown company",
        "offers",
        lambda: as_csv([OFFER | {"bedrijf": "Niemand"}]),
        2,
        "Bedrijf (naam of nummer)",
        "Niemand",
    ),
    Spoiled(
        "an offer of no kind",
        "offers",
        lambda: as_csv([OFFER | {"soort": "taart"}]),
        2,
        "Soort",
        '"taart"',
    ),
    Spoiled(
        "somebody else's professional",
        "offers",
        lambda: as_csv([OFFER | {"gastdocenten": "els@example.nl"}]),
        2,
        "Gastdocenten (mailadressen)",
        "els@example.nl",
    ),
    Spoiled(
        "a tour without a sheet",
        "offers",
        lambda: as_csv([OFFER | {"soort": "tour", "tour_form": "live"}]),
        2,
        "Lesblad",
        "lesblad",
    ),
)
