"""Writing a request: three steps that lose nothing, kept while one types."""

from __future__ import annotations

import html
import re
from datetime import time, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matcher import clock
from matcher.extensions import db
from matcher.models.need import Need, NeedState, NeedWindow, PlaceKind
from matcher.models.offer import OfferKind
from matcher.needs import service
from matcher.needs.meter import meter_of
from matcher.organisations.bell_times import Bell, ring, set_bell_times
from tests.cast import Cast, in_days, make_need, make_offer
from tests.offers.test_catalogue import counted_queries

WHAT = {
    "title": "Wind en zon",
    "subject": "natuurkunde",
    "levels": ["havo-bovenbouw"],
    "years": ["4"],
    "goal": "Rekenen aan een windpark.",
    "hook": "Hoofdstuk energie.",
}
WHO = {
    "group_size": "28",
    "lesson_minutes": "50",
    "kinds": ["lecture", "tour"],
    "place": "both",
    "languages": ["nl"],
}

NINE = Bell("9", time(16), time(16, 50))


@pytest.fixture
def teacher(cast: Cast, client: FlaskClient, sign_in) -> FlaskClient:
    cast.anna.language = "en"
    db.session.commit()
    return sign_in(client, cast.anna)


@pytest.fixture
def bells(cast: Cast) -> None:
    set_bell_times(cast.lorentz, ring(time(8, 30), 50, 6, {2: 20}), by=cast.anna)
    db.session.commit()


def new(client: FlaskClient, **data: object) -> Need:
    client.post("/needs/new", data=data)
    return db.session.scalars(select(Need).order_by(Need.id.desc())).first()  # type: ignore[return-value]


def on(days: int) -> str:
    return f"{clock.local(in_days(days)):%Y-%m-%d}"


def school_days(many: int) -> list[str]:
    """Different school days, the first about a month ahead."""
    found, ahead = [], 30
    for _day in range(many):
        moment = in_days(ahead)
        found.append(f"{clock.local(moment):%Y-%m-%d}")
        ahead = (moment.date() - clock.today()).days + 1
    return found


def single(day: str, begins: str = "08:30", ends: str = "16:00") -> dict[str, str]:
    return {"windows-0-day": day, "windows-0-begins": begins, "windows-0-ends": ends}


def times(need: Need) -> list[str]:
    db.session.expire_all()
    return [
        f"{clock.local(w.starts_at):%H:%M}-{clock.local(w.ends_at):%H:%M}" for w in need.windows
    ]


# ---- the steps ----------------------------------------------------------------------------------
def test_three_steps_and_publishing_open_the_need(cast: Cast, teacher: FlaskClient) -> None:
    need = new(teacher)
    for step, data in (("what", WHAT), ("who", WHO), ("when", single(on(30)))):
        assert teacher.post(f"/needs/{need.id}/{step}", data=data).status_code == 303
    assert teacher.post(f"/needs/{need.id}/publish").status_code == 303
    db.session.refresh(need)
    assert (need.state, need.title, need.group_size) == (NeedState.OPEN, "Wind en zon", 28)
    assert (need.levels, need.years, need.kinds) == (["havo-bovenbouw"], [4], ["lecture", "tour"])
    assert times(need) == ["08:30-16:00"]
    assert need.matched_at is None


@pytest.mark.parametrize(
    ("step", "data", "field"),
    [
        ("what", WHAT | {"title": " "}, "title"),
        ("what", WHAT | {"subject": ""}, "subject"),
        ("what", WHAT | {"levels": []}, "levels"),
        ("what", WHAT | {"levels": ["havo-bovenbouw", "dance"]}, "levels"),
        ("what", WHAT | {"years": ["9" * 400]}, "years"),
        ("who", WHO | {"group_size": "0"}, "group_size"),
        ("who", WHO | {"groups": "11"}, "groups"),
        ("who", WHO | {"kinds": ["dance"]}, "kinds"),
        ("who", WHO | {"languages": []}, "languages"),
        ("who", WHO | {"support": ["dance"]}, "support"),
        ("who", WHO | {"profile-doer": "60"}, "profile"),
        ("when", single("2001-01-01"), "windows-0-day"),
        ("when", single("2027-03-01", "08:30", "08:00"), "windows-0-ends"),
        ("when", single("2027-03-01", "", "10:00"), "windows-0-ends"),
        ("when", single("2027-03-01", "09:00", ""), "windows-0-ends"),
        ("when", single(""), "windows-0-day"),
        ("when", single("2027-03-01", "05:00", "06:00"), "windows-0-ends"),
        ("when", single("2027-02-15"), "windows-0-day"),  # a holiday
        ("when", single("2027-03-29"), "windows-0-day"),  # Easter Monday
        ("when", single("2027-03-06"), "windows-0-day"),  # a Saturday
        ("when", {"from_day": "2027-03-09", "to_day": "2027-03-01"}, "to_day"),
        ("when", {"from_day": "2027-03-01", "to_day": "2028-03-01"}, "to_day"),
        (
            "when",
            {"weekdays": ["1"], "daily_begins": "9:00", "daily_ends": "10:00", "to_day": on(40)}
            | {"from_day": ""},
            "from_day",
        ),
        (
            "when",
            {"weekdays": ["1"], "daily_begins": "11:00", "daily_ends": "10:00"},
            "daily_ends",
        ),
        ("when", {"lessons": ["1|03:00|04:00"]}, "lessons"),
    ],
)
def test_bad_input_is_told_at_its_field_and_what_was_typed_stays(
    cast: Cast, teacher: FlaskClient, bells: None, step: str, data: dict[str, object], field: str
) -> None:
    if "weekdays" in data:
        set_bell_times(cast.lorentz, [], by=cast.anna)
        db.session.commit()
    need = new(teacher)
    answer = teacher.post(f"/needs/{need.id}/{step}", data=data)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    if step == "what":
        assert "Rekenen aan een windpark." in answer.text
    if "windows-0-day" in data:
        assert f'value="{data["windows-0-day"]}"' in answer.text
    db.session.refresh(need)
    assert (need.title, need.group_size, need.windows) == ("", None, [])


def test_a_holiday_is_refused_by_its_name_in_the_readers_language(
    cast: Cast, teacher: FlaskClient
) -> None:
    need = new(teacher)
    for day, name in (("2027-04-27", "May holiday"), ("2027-05-06", "Ascension")):
        page = html.unescape(teacher.post(f"/needs/{need.id}/when", data=single(day)).text)
        assert f"There is no school on this day: {name}" in page
    cast.anna.language = "nl"
    db.session.commit()
    page = teacher.post(f"/needs/{need.id}/when", data=single("2027-05-06")).text
    assert "Hemelvaart" in page


def test_holidays_that_come_are_told_and_time_enough_is_advised(
    cast: Cast, teacher: FlaskClient
) -> None:
    from tests.proposals.scenes import at

    need = new(teacher)
    with at(in_days(0).replace(year=2026, month=11, day=24)):
        page = teacher.get(f"/needs/{need.id}/when").text
    assert "Christmas holiday, 19 December 2026 – 3 January 2027" in page
    assert "from Tuesday 15 December 2026 on there is time enough" in page


# ---- lessons instead of times -------------------------------------------------------------------
def test_lessons_are_ticked_once_the_school_has_bell_times(
    cast: Cast, teacher: FlaskClient, bells: None
) -> None:
    need = new(teacher)
    monday = in_days(30) + timedelta(days=14)
    monday -= timedelta(days=monday.weekday())
    page = teacher.get(f"/needs/{need.id}/when").text
    assert page.count('name="lessons"') == 30
    weeks = {"from_day": f"{monday:%Y-%m-%d}", "to_day": f"{monday + timedelta(days=4):%Y-%m-%d}"}
    lessons = ["1|10:30|11:20", "1|11:20|12:10", "3|08:30|09:20"]
    path = f"/needs/{need.id}/when"
    assert teacher.post(path, data=weeks | {"lessons": lessons}).status_code == 303
    assert times(need) == ["10:30-12:10", "08:30-09:20"]
    page = teacher.get(path).text
    ticked = re.findall(r'<input checked[^>]*name="lessons"[^>]*value="([^"]*)"', page)
    assert sorted(ticked) == sorted(lessons)
    assert "lesson 3 to lesson 4" in teacher.get(f"/needs/{need.id}/check").text


def test_a_single_day_takes_a_lesson_by_its_name_or_times(
    cast: Cast, teacher: FlaskClient, bells: None
) -> None:
    need = new(teacher)
    days = school_days(3)
    rows = {
        "windows-0-day": days[0],
        "windows-0-lesson": "3",
        "windows-1-day": days[1],
        "windows-1-lesson": "all_day",
        "windows-2-day": days[2],
        "windows-2-begins": "9.15",
        "windows-2-ends": "10.00",
    }
    assert teacher.post(f"/needs/{need.id}/when", data=rows).status_code == 303
    assert times(need) == ["10:30-11:20", "08:30-13:50", "09:15-10:00"]
    page = teacher.get(f"/needs/{need.id}/when").text
    assert len(re.findall(r'<option selected value="3">', page)) == 1
    assert 'value="09:15"' in page


def test_lessons_at_bells_that_no_longer_ring_stay_until_they_are_unticked(
    cast: Cast, teacher: FlaskClient, bells: None
) -> None:
    need = new(teacher)
    path = f"/needs/{need.id}/when"
    weeks = {"from_day": on(30), "to_day": on(60)}
    lessons = ["1|08:30|09:20", "1|10:30|11:20"]
    teacher.post(path, data=weeks | {"lessons": lessons})
    before = times(need)
    set_bell_times(cast.lorentz, [*ring(time(8, 30), 50, 1, {}), NINE], by=cast.anna)
    db.session.commit()
    page = teacher.get(path).text
    ticked = re.findall(r'<input checked[^>]*name="lessons"[^>]*value="([^"]*)"', page)
    assert ticked == lessons
    assert "Tuesday, 10:30–11:20" in page
    assert teacher.post(path, data=weeks | {"lessons": ticked}).status_code == 303
    assert times(need) == before
    assert teacher.post(path, data=weeks | {"lessons": ticked[:1]}).status_code == 303
    assert set(times(need)) == {"08:30-09:20"}


def test_without_bell_times_weekdays_and_times_do(cast: Cast, teacher: FlaskClient) -> None:
    need = new(teacher)
    path = f"/needs/{need.id}/when"
    assert "not known here yet" in teacher.get(path).text
    days = {"weekdays": ["0", "1", "2", "3", "4"], "daily_begins": "8:30", "daily_ends": "16:00"}
    weeks = {"from_day": school_days(2)[0], "to_day": school_days(2)[1]}
    assert teacher.post(path, data=days | weeks).status_code == 303
    assert set(times(need)) == {"08:30-16:00"}
    page = teacher.get(path).text
    assert page.count('<input checked id="weekdays') == 5
    assert 'value="08:30"' in page


def test_another_row_loses_nothing(cast: Cast, teacher: FlaskClient) -> None:
    need = new(teacher)
    data = single(on(30), "09:15") | {"add": "1", "from_day": on(33)}
    page = teacher.post(f"/needs/{need.id}/when", data=data)
    assert page.status_code == 200
    assert 'value="09:15"' in page.text
    assert f'value="{on(33)}"' in page.text
    assert page.text.count('name="windows-') > 3


def test_many_days_from_before_are_kept_unless_one_says_no(
    cast: Cast, teacher: FlaskClient
) -> None:
    need = cast.need
    start = in_days(30, 8)
    need.windows = [
        NeedWindow(
            starts_at=start + timedelta(days=7 * n), ends_at=start + timedelta(days=7 * n, hours=2)
        )
        for n in range(15)
    ]
    db.session.commit()
    path = f"/needs/{need.id}/when"
    assert 'name="keep_days"' in teacher.get(path).text
    assert teacher.post(path, data={"keep_days": "y"} | single(on(31), "15:00")).status_code == 303
    assert len(times(need)) == 16
    assert teacher.post(path, data=single(on(31), "15:00")).status_code == 303
    assert times(need) == ["15:00-16:00"]


# ---- kept while one types -----------------------------------------------------------------------
def test_a_draft_is_kept_field_by_field(cast: Cast, teacher: FlaskClient) -> None:
    need = new(teacher)
    data = WHAT | {"subject": "dance", "title": "Half af", "goal": ""}
    answer = teacher.post(f"/needs/{need.id}/what/keep", data=data)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Saved at" in answer.text
    db.session.refresh(need)
    assert (need.title, need.subject, need.levels) == ("Half af", "natuurkunde", ["havo-bovenbouw"])
    teacher.post(f"/needs/{need.id}/who/keep", data=WHO | {"group_size": "many", "place": "x"})
    db.session.refresh(need)
    assert (need.group_size, need.kinds, need.place) == (None, ["lecture", "tour"], PlaceKind.BOTH)
    teacher.post(f"/needs/{need.id}/when/keep", data=single(on(30)))
    assert times(need) == ["08:30-16:00"]
    teacher.post(f"/needs/{need.id}/when/keep", data=single(on(30), "10:00", "09:00"))
    assert times(need) == ["08:30-16:00"]
    assert teacher.post(f"/needs/{need.id}/else/keep", data=WHAT).status_code == 404


def test_a_published_request_changes_by_the_button_alone_and_still_counts(
    cast: Cast, teacher: FlaskClient
) -> None:
    def count(step: str, data: dict) -> list[str]:
        page = teacher.post(f"/needs/{cast.need.id}/{step}/keep", data=data).text
        assert "Not saved yet" in page
        found = re.search(r'aria-hidden="true">(\d+)<', page)
        free = re.search(r"(\d+) (is|are) free on your days", page)
        return [found[1], free[1]] if found and free else []

    before = (cast.need.changed_at, cast.need.subject, cast.need.kinds)
    assert count("what", WHAT) == ["1", "1"]
    assert count("what", WHAT | {"subject": "engels"}) == ["0", "0"]
    assert count("who", WHO | {"group_size": "200"}) == ["0", "0"]
    assert count("when", single(on(45))) == ["1", "0"]
    db.session.expire_all()
    assert (cast.need.changed_at, cast.need.subject, cast.need.kinds) == before
    assert len(cast.need.windows) == 1


def test_the_page_counts_what_is_saved_and_leads_there(cast: Cast, teacher: FlaskClient) -> None:
    page = teacher.get(f"/needs/{cast.need.id}/what").text
    assert f'href="/offers?fits={cast.need.id}"' in page
    assert "1 is free on your days" in page


def test_a_step_costs_the_same_with_one_window_and_with_many(
    cast: Cast, teacher: FlaskClient, bells: None
) -> None:
    costs = []
    for many in (1, 6):
        start = in_days(30, 8)
        cast.need.windows = [
            NeedWindow(
                starts_at=start + timedelta(days=7 * n),
                ends_at=start + timedelta(days=7 * n, hours=2),
            )
            for n in range(many)
        ]
        db.session.commit()
        with counted_queries() as seen:
            teacher.get(f"/needs/{cast.need.id}/when")
        costs.append(len(seen))
    assert costs[0] == costs[1]


# ---- what is known already ----------------------------------------------------------------------
def test_a_new_request_begins_with_what_rarely_differs(cast: Cast, teacher: FlaskClient) -> None:
    cast.need.place, cast.need.languages = PlaceKind.ONSITE, ["nl"]
    db.session.commit()
    need = new(teacher)
    assert (need.subject, need.levels, need.kinds, need.place, need.languages) == (
        "natuurkunde",
        ["havo-bovenbouw"],
        ["lecture", "tour"],
        PlaceKind.ONSITE,
        ["nl"],
    )
    assert (need.title, need.goal, need.group_size, need.years) == ("", "", None, [])


def test_a_draft_in_which_nothing_was_written_is_taken_up_again(
    cast: Cast, teacher: FlaskClient
) -> None:
    first = new(teacher)
    assert new(teacher).id == first.id
    assert 'href="/needs/' + str(first.id) not in teacher.get("/needs").text
    teacher.post(f"/needs/{first.id}/what/keep", data={"title": "Iets"})
    assert new(teacher).id != first.id
    assert f'href="/needs/{first.id}"' in teacher.get("/needs").text


def test_only_the_schools_levels_stand_open(cast: Cast, teacher: FlaskClient) -> None:
    cast.lorentz.kind = "PRO"
    need = new(teacher)
    need.levels = []
    db.session.commit()
    page = teacher.get(f"/needs/{need.id}/what").text
    first, rest = page.split("Another kind of education")
    assert re.findall(r'name="levels"[^>]*value="([^"]*)"', first) == ["pro"]
    assert len(re.findall(r'name="levels"[^>]*value="([^"]*)"', rest)) == 14


def test_a_special_class_says_what_it_asks_for(cast: Cast, teacher: FlaskClient) -> None:
    need = new(teacher)
    more = {
        "groups": "2",
        "support": ["doing", "step_free"],
        "profile-doer": "many",
        "profile-explorer": "few",
        "profile-innovator": "none",
    }
    teacher.post(
        f"/needs/{need.id}/what", data=WHAT | {"levels": ["pro", "vso"], "years": ["1", "2"]}
    )
    assert teacher.post(f"/needs/{need.id}/who", data=WHO | more).status_code == 303
    db.session.refresh(need)
    assert (need.levels, need.groups, need.support) == (["pro", "vso"], 2, ["doing", "step_free"])
    assert need.class_profile == {"doer": 80, "explorer": 20}
    page = teacher.get(f"/needs/{need.id}/who").text
    assert re.findall(r'id="profile-(\w+-\w+)"[^>]* checked', page) == [
        "innovator-none",
        "social_implementer-none",
        "doer-many",
        "explorer-few",
        "creative_maker-none",
    ]
    page = teacher.get(f"/needs/{need.id}/check").text
    assert "2 classes together" in page
    assert "Doing rather than listening; A way in without steps" in page
    assert "Doer, Explorer" in page


def test_a_request_written_for_an_offer_takes_what_the_offer_says_and_asks_for_it(
    cast: Cast, teacher: FlaskClient
) -> None:
    webinar = make_offer(
        cast.windwerk, OfferKind.WEBINAR, subjects=["scheikunde"], levels=["vwo-bovenbouw"]
    )
    db.session.commit()
    assert f'name="offer" value="{webinar.id}"' in _without_needs(cast, teacher, webinar.id)
    need = new(teacher, offer=webinar.id)
    assert (need.wish_id, need.subject, need.levels) == (
        webinar.id,
        "scheikunde",
        ["vwo-bovenbouw"],
    )
    assert need.kinds == ["lecture", "tour", "webinar"]
    for step, data in (("what", WHAT), ("who", WHO), ("when", single(on(30)))):
        teacher.post(f"/needs/{need.id}/{step}", data=data)
    answer = teacher.post(f"/needs/{need.id}/publish")
    assert answer.location == f"/offers/{webinar.id}?need={need.id}"
    webinar_draft = make_offer(cast.windwerk, state="draft", published_at=None)
    db.session.commit()
    assert teacher.post("/needs/new", data={"offer": webinar_draft.id}).status_code == 404


def _without_needs(cast: Cast, teacher: FlaskClient, offer_id: int) -> str:
    service.withdraw(cast.need, by=cast.anna, reasons=["plan"])
    db.session.commit()
    return teacher.get(f"/offers/{offer_id}").text


# ---- the meter ----------------------------------------------------------------------------------
def test_the_meter_counts_what_makes_a_company_say_yes(cast: Cast, teacher: FlaskClient) -> None:
    need = make_need(cast.anna, cast.lorentz, kinds=["lecture"], goal="Kort.", hook="", title="X")
    need.windows = [NeedWindow(starts_at=in_days(8), ends_at=in_days(8, 12))]
    assert (meter_of(need).done, len(meter_of(need).open)) == (0, 6)
    need.goal, need.hook = "g" * 60, "h" * 30
    need.kinds, need.support = ["lecture", "webinar"], ["quiet"]
    need.windows = [
        NeedWindow(starts_at=in_days(23 + 10 * n), ends_at=in_days(23 + 10 * n, 12))
        for n in range(3)
    ]
    assert (meter_of(need).done, meter_of(need).share) == (6, 1.0)
    need.windows[0].starts_at = in_days(8)
    db.session.commit()
    assert [tip.step for tip in meter_of(need).open] == ["when"]
    assert "Your first day is in" in teacher.get(f"/needs/{need.id}/when").text
