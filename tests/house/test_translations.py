"""Every message has its Dutch text, with the same placeholders, compiled."""

from __future__ import annotations

import re

from babel.messages.mofile import read_mo

from tools import translations

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def _texts(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, tuple | list) else [str(value or "")]


def test_no_message_lacks_its_dutch_text_and_none_is_left_over() -> None:
    known = {
        message.id if isinstance(message.id, str) else tuple(message.id)
        for message in translations.catalogue()
        if message.id and all(_texts(message.string))
    }
    assert set(translations.messages()) - known == set()
    assert known - set(translations.messages()) == set()


def test_placeholders_are_those_of_the_message() -> None:
    wrong = []
    for message in translations.catalogue():
        if not message.id:
            continue
        wanted = set(PLACEHOLDER.findall(" ".join(_texts(message.id))))
        for text in _texts(message.string):
            found = set(PLACEHOLDER.findall(text))
            # A singular may leave its number out: "one day".
            if not found <= wanted or (wanted - found and isinstance(message.id, str)):
                wrong.append((message.id, text))
    assert wrong == []


def test_compiled_catalogue_is_what_the_texts_say() -> None:
    with (translations.FOLDER / "messages.mo").open("rb") as file:
        compiled = {_texts(m.id)[0]: m.string for m in read_mo(file) if m.id}
    written = {_texts(m.id)[0]: m.string for m in translations.catalogue() if m.id}
    assert {k: _texts(v) for k, v in compiled.items()} == {k: _texts(v) for k, v in written.items()}
