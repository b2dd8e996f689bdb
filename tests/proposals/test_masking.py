"""What is taken out of a message before the two sides know each other, and what is left in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.proposals.masking import masked, parts_of

REACHED = [
    ("Mail anna.de.boer@school.nl.", "Mail […]."),
    ("Mail anna @ school.nl, graag", "Mail […], graag"),
    ("anna (at) school (punt) nl", "[…]"),
    ("anna[at]school.nl", "[…]"),
    ("anna at school dot nl", "[…]"),
    ("anna apenstaartje school punt nl", "[…]"),
    ("Bel 06-12345678 even", "Bel […] even"),
    ("Bel 06 12 34 56 78!", "Bel […]!"),
    ("06.12.34.56.78", "[…]"),
    ("(040) 123 45 67", "[…]"),
    ("Bel (06-12345678) even", "Bel ([…]) even"),
    ("+31 (0)6 1234 5678", "[…]"),
    ("0031612345678", "[…]"),
    ("ring 12 34 56 78", "ring […]"),
    ("nul zes een twee drie vier vijf zes zeven acht", "[…]"),
    ("Zie https://example.org/a?b=1.", "Zie […]."),
    ("Zie www.windwerk.nl, kijk", "Zie […], kijk"),
    ("Zie windwerk.nl/over-ons", "Zie […]"),
    ("Zie Windwerk.com", "Zie […]"),
    ("wa.me/31612345678", "[…]"),
    ("linkedin.com/in/anna", "[…]"),
    ("Ik ben @anna_b.", "Ik ben […]."),
    ("insta: anna_b", "[…]"),
    ("mijn Instagram is anna.b", "mijn […]"),
    ("LinkedIn: Anna Boer", "[…] Boer"),
    ("Lorentzlaan 12, 5611 AB Eindhoven", "[…], […] Eindhoven"),
    ("5611AB", "[…]"),
]
KEPT = [
    "Om 13:30 in lokaal 12, met 28 leerlingen.",
    "Van 10.15-11.05 of 10:15 - 11:05 uur.",
    "Op 12-03-2027, 12 03 2027 of 2027-03-12 om 9.00 uur",
    "Schooljaar 2026-2027, hoofdstuk 3.2 en 4.1, havo 4/5",
    "Dat kost €1.250,00 of 1.000.000 euro.",
    "Ze zijn 14, 15 of 16 jaar; groep 3 en 4.",
    "o.a. wind, d.w.z. bijv.de zee en les.De klas",
    "We meet at 13.30 at school. Look at it.",
    "Teams is handig, en WhatsApp ook.",
    "Wij tellen: een, twee, drie!",
    "een @ teken en node.js",
    "vwo 5 en 6, 3x per week, 12,5 % en A4",
]


@pytest.mark.parametrize(("words", "told"), REACHED)
def test_what_tells_how_to_reach_somebody_is_masked(words: str, told: str) -> None:
    assert masked(words) == told


@pytest.mark.parametrize("words", KEPT)
def test_days_times_and_numbers_of_a_lesson_stay(words: str) -> None:
    assert masked(words) == words


def test_names_are_masked_as_whole_words() -> None:
    names = [*parts_of("Anna de Boer", first=True), "Lorentz College"]
    words = "Groet, Anna de Boer van het Lorentz College. De boerin Annabel en een boer."
    assert masked(words, names) == "Groet, […] van het […]. De boerin Annabel en een boer."


def test_of_a_name_whose_first_part_is_known_the_rest_is_masked() -> None:
    assert masked("Groet, Anna de Boer", parts_of("Anna de Boer", first=False)) == "Groet, Anna […]"


def test_nobody_with_one_name_masks_every_space() -> None:
    assert masked("a b", parts_of("Cher", first=False)) == "a b"


@given(st.text(alphabet="ab.@ /:+-()0123456789", max_size=60))
def test_any_text_comes_back_in_time_and_without_an_address(words: str) -> None:
    assert re.search(r"[ab]@[ab]+\.[ab]", masked(words)) is None
