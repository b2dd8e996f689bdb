"""Bring the Dutch catalogue in line with the code, and compile it.

``make translations`` collects the messages; what has no Dutch yet stays empty, and a test names it.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "translations" / "nl" / "LC_MESSAGES"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "_l": None,
    "lazy_gettext": None,
}


def messages() -> list[str | tuple[str, ...]]:
    """Every message of code and templates, in order, once."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS, directory_filter=_is_ours)
    unique = {
        (tuple(message) if isinstance(message, tuple | list) else message)
        for _file, _line, message, _comments, _context in found
        if message
    }
    return sorted(unique, key=str)


def _is_ours(path: str | Path) -> bool:
    name = Path(path).name
    return not name.startswith(".") and name not in {"node_modules", "instance"}


def catalogue() -> Catalog:
    """The Dutch catalogue as it stands in the .po file."""
    path = FOLDER / "messages.po"
    if not path.exists():
        return Catalog(locale="nl")
    with path.open("rb") as file:
        return read_po(file, locale="nl")


def updated(old: Catalog) -> Catalog:
    """The old Dutch texts for today's messages; others are dropped."""
    new = Catalog(locale="nl", project="Lesbrug", charset="utf-8", fuzzy=False)
    for message in messages():
        known = old.get(message[0] if isinstance(message, tuple) else message)
        new.add(message, known.string if known is not None else None)
    return new


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    new = updated(catalogue())
    with (FOLDER / "messages.po").open("wb") as file:
        write_po(file, new, width=100, omit_header=False, sort_output=True)
    with (FOLDER / "messages.mo").open("wb") as file:
        write_mo(file, new)
    missing = [m.id for m in new if m.id and not all(_strings(m.string))]
    print(f"{len(new)} messages, {len(missing)} without Dutch")
    for entry in missing:
        print(f"  {entry!r}")


def _strings(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (str(value or ""),)


if __name__ == "__main__":
    main()
