"""What a page's form would send if it were sent as it stands."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import html5lib

HTML = "{http://www.w3.org/1999/xhtml}"


def filled_in(page: str, action: str = "") -> dict[str, list[str]]:
    """The fields of the form in the page's content, or of the one with this action."""
    main = html5lib.parse(page).find(f".//{HTML}main")
    assert main is not None
    forms = [form for form in main.iter(f"{HTML}form") if form.get("action", "") == action]
    sent: dict[str, list[str]] = {}
    for control in forms[0].iter():
        for value in _values(control):
            sent.setdefault(str(control.get("name")), []).append(value)
    return sent


def _values(control: Element) -> list[str]:
    tag, kind = control.tag.removeprefix(HTML), control.get("type")
    if tag == "textarea":
        return ["".join(control.itertext()).lstrip("\n")]
    if tag == "select":
        options = list(control.iter(f"{HTML}option"))
        chosen = [o for o in options if o.get("selected") is not None] or options[:1]
        return [str(option.get("value")) for option in chosen]
    if tag == "input" and kind in ("checkbox", "radio"):
        return [control.get("value", "on")] if control.get("checked") is not None else []
    return [control.get("value", "")] if tag == "input" else []


def links_of(page: str) -> list[str]:
    """Where the page's content leads, in its order."""
    main = html5lib.parse(page).find(f".//{HTML}main")
    assert main is not None
    return [str(link.get("href")) for link in main.iter(f"{HTML}a")]
