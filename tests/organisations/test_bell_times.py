"""A school's bell times: worked out, kept by its own teachers, refused when they make no sense."""

from __future__ import annotations

from datetime import time

import pytest
from flask.testing import FlaskClient

from matcher.errors import Invalid, NotAllowed
from matcher.extensions import db
from matcher.models.organisation import LessonPeriod
from matcher.organisations.bell_times import Bell, bells_of, ring, set_bell_times
from tests.cast import Cast

HALF_HOURS = [time(7 + n // 2, n % 2 * 30) for n in range(17)]
DAY = [Bell("1", time(8, 30), time(9, 20)), Bell("2", time(9, 20), time(10, 10))]


def test_a_day_is_worked_out_from_start_length_and_breaks() -> None:
    rung = ring(time(8, 30), 50, 4, {2: 20})
    assert [(b.name, f"{b.starts:%H:%M}", f"{b.ends:%H:%M}") for b in rung] == [
        ("1", "08:30", "09:20"),
        ("2", "09:20", "10:10"),
        ("3", "10:30", "11:20"),
        ("4", "11:20", "12:10"),
    ]
    with pytest.raises(Invalid):
        ring(time(18), 60, 5, {})


def test_they_are_kept_in_the_order_of_the_day_and_replaced_whole(any_cast: Cast) -> None:
    cast = any_cast
    set_bell_times(cast.lorentz, DAY[::-1], by=cast.anna)
    assert bells_of(cast.lorentz) == DAY
    assert bells_of(cast.vakschool) == []
    afternoon = [Bell("middag", time(13), time(15))]
    set_bell_times(cast.lorentz, afternoon, by=cast.gea)
    assert bells_of(cast.lorentz) == afternoon
    assert cast.lorentz.lesson_minutes == 50
    set_bell_times(cast.lorentz, ring(time(9), 70, 5, {}), by=cast.anna)
    assert cast.lorentz.lesson_minutes == 70
    set_bell_times(cast.lorentz, [], by=cast.anna)
    assert db.session.query(LessonPeriod).count() == 0


@pytest.mark.parametrize("who", ["bram", "dirk", "hugo"])
def test_only_those_of_the_school_may(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        set_bell_times(cast.lorentz, DAY, by=getattr(cast, who))
    assert bells_of(cast.lorentz) == []


@pytest.mark.parametrize(
    "wrong",
    [
        [*DAY, Bell("2", time(11), time(12))],
        [*DAY, Bell("3", time(10), time(11))],
        [*DAY, Bell("", time(11), time(12))],
        [Bell("1", time(6), time(7))],
        [Bell("1", time(21), time(22, 30))],
        [Bell("1", time(9), time(9, 5))],
        [Bell("1", time(9), time(14))],
        [Bell(str(n), HALF_HOURS[n], HALF_HOURS[n + 1]) for n in range(16)],
    ],
)
def test_a_day_that_cannot_be_is_refused_at_its_rows(cast: Cast, wrong: list[Bell]) -> None:
    with pytest.raises(Invalid) as refusal:
        set_bell_times(cast.lorentz, wrong, by=cast.anna)
    assert refusal.value.field == "rows"
    assert bells_of(cast.lorentz) == []


def path(cast: Cast, end: str = "") -> str:
    return f"/schools/{cast.lorentz.id}/bell-times{end}"


def posted(*rows: tuple[str, str, str]) -> dict[str, str]:
    return {
        f"rows-{n}-{name}": value
        for n, row in enumerate(rows)
        for name, value in zip(("name", "starts", "ends"), row, strict=True)
    }


@pytest.fixture
def anna(cast: Cast, client: FlaskClient, sign_in) -> FlaskClient:
    cast.anna.language = "en"
    db.session.commit()
    return sign_in(client, cast.anna)


def test_the_page_works_out_shows_and_keeps_nothing_before_saving(
    cast: Cast, anna: FlaskClient
) -> None:
    figures = {"first": "8.15", "minutes": "45", "lessons": "3"}
    breaks = {"breaks-0-after": "2", "breaks-0-minutes": "15"}
    page = anna.post(path(cast, "/work-out"), data=figures | breaks)
    assert page.status_code == 200
    assert 'value="10:00"' in page.text
    assert bells_of(cast.lorentz) == []
    rows = posted(("1", "08:15", "09:00"), ("", "", ""), ("2", "9.00", "9.45"))
    answer = anna.post(path(cast), data=rows | {"next": f"/needs/{cast.need.id}/when"})
    assert (answer.status_code, answer.location) == (303, f"/needs/{cast.need.id}/when")
    assert [bell.name for bell in bells_of(cast.lorentz)] == ["1", "2"]


def test_the_way_back_never_leads_elsewhere(cast: Cast, anna: FlaskClient) -> None:
    rows = posted(("1", "08:15", "09:00"))
    answer = anna.post(path(cast), data=rows | {"next": "https://example.org/"})
    assert answer.location == path(cast)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("1", "09:00", "08:00")], "This must be later than the start."),
        ([("1", "09:00", "")], "Fill in both times, or leave the row empty."),
        ([("1", "abc", "10:00")], "Enter a time, such as 13:30."),
        ([("1", "09:00", "10:00"), ("2", "09:30", "11:00")], "starts before lesson 1 has ended"),
        ([("x" * 21, "09:00", "10:00")], "Use at most 20 characters."),
    ],
)
def test_what_cannot_be_is_told_and_stays_as_typed(
    cast: Cast, anna: FlaskClient, rows: list[tuple[str, str, str]], told: str
) -> None:
    page = anna.post(path(cast), data=posted(*rows))
    assert page.status_code == 422
    assert told in page.text
    assert f'value="{rows[0][0]}"' in page.text
    assert bells_of(cast.lorentz) == []


def test_strangers_find_nothing(cast: Cast, client: FlaskClient, sign_in) -> None:
    for person in (cast.bram, cast.hugo):
        sign_in(client, person)
        assert client.get(path(cast)).status_code == 404
        assert client.post(path(cast), data=posted(("1", "08:15", "09:00"))).status_code == 404
    assert bells_of(cast.lorentz) == []
