"""Fields: what people type in their own way is understood, what cannot be is told."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from flask import Flask

from matcher.web.forms import (
    Choices,
    ClockField,
    DayField,
    Form,
    MultiChoices,
    Prose,
    SingleLine,
    WholeNumber,
    clean,
)


class Everything(Form):
    """One field of each kind."""

    line = SingleLine("Line", filled=True)
    prose = Prose("Prose")
    number = WholeNumber("Number", least=1, most=100)
    day = DayField("Day")
    clock = ClockField("Clock")
    one = Choices("One", choices=[("a", "A"), ("b", "B")])
    some = MultiChoices("Some", choices=[("a", "A"), ("b", "B")])


def _filled(app: Flask, **values: Any) -> Everything:
    data = {"line": "x", "one": "a", **values}
    with app.test_request_context(method="POST", data=data, headers={"Accept-Language": "en"}):
        form = Everything()
        form.validate()
        form.told = {name: [str(e) for e in errors] for name, errors in form.errors.items()}
        return form


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  two words \n", "two words"),
        ("one\r\ntwo\tthree", "one two three"),
        ("nul\x00 and bell\x07", "nul and bell"),
        ("cafe\u0301", "caf\u00e9"),
        ("a\u2028b", "a b"),
        ("<b>bold</b>", "<b>bold</b>"),  # kept as typed; pages escape it
    ],
)
def test_a_line_is_cleaned(app: Flask, typed: str, kept: str) -> None:
    assert _filled(app, line=typed).line.data == kept


def test_prose_keeps_its_paragraphs(app: Flask) -> None:
    assert _filled(app, prose=" one\r\n\r\ntwo\x00 ").prose.data == "one\r\n\r\ntwo"


def test_lone_surrogates_go() -> None:
    assert clean("a\ud800b") == "ab"


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("number", " 42 ", 42),
        ("number", "", None),
        ("day", "2027-03-01", date(2027, 3, 1)),
        ("day", "1-3-2027", date(2027, 3, 1)),
        ("day", "01/03/2027", date(2027, 3, 1)),
        ("day", "", None),
        ("clock", "13:30", time(13, 30)),
        ("clock", "9.05", time(9, 5)),
        ("some", ["a", "b"], ["a", "b"]),
    ],
)
def test_people_are_understood(app: Flask, field: str, typed: object, value: object) -> None:
    form = _filled(app, **{field: typed})
    assert form.told == {}
    assert form[field].data == value


NUMBER, DAY, CLOCK = (
    "Enter a whole number, in digits.",
    "Enter a day, such as 1-3-2027.",
    "Enter a time, such as 13:30.",
)


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("line", " \x00 ", "Fill this in."),
        ("line", "x" * 201, "Use at most 200 characters."),
        ("prose", "x" * 5001, "Use at most 5000 characters."),
        ("number", "many", NUMBER),
        ("number", "9" * 400, NUMBER),
        ("number", "1e3", NUMBER),
        ("number", "\u0664\u0662", NUMBER),  # digits of another script
        ("number", "0", "Enter a number from 1 to 100."),
        ("number", "101", "Enter a number from 1 to 100."),
        ("day", "31-2-2027", DAY),
        ("day", "1-3-1027", DAY),
        ("day", "soon", DAY),
        ("clock", "25:00", CLOCK),
        ("one", "c", "Choose one of the options."),
        ("some", ["a", "c"], "Choose from the options."),
    ],
)
def test_what_cannot_be_is_told(app: Flask, field: str, typed: object, told: str) -> None:
    assert _filled(app, **{field: typed}).told == {field: [told]}


def test_a_mistake_loses_nothing_that_was_typed(app: Flask) -> None:
    form = _filled(app, line="", prose="a long story", number="many", day="soon")
    assert (form.prose.data, form.number._value(), form.day._value()) == (
        "a long story",
        "many",
        "soon",
    )
