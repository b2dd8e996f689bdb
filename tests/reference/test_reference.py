"""Programmes from files: whole, checked, and free of days without school."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from matcher.reference import BrokenReference, programme, system
from matcher.reference.holidays import day_off, without_holidays
from matcher.reference.postcodes import find_postcode, postcode_areas


def test_dutch_programme_is_whole() -> None:
    dutch = programme("nl")
    assert len(dutch.regions) == 12
    assert len(postcode_areas()) == 4707
    assert dutch.level("havo-bovenbouw").years == (4, 5)
    assert dutch.subject("natuurkunde").name("en") == "physics"
    assert [kind.code for kind in dutch.kinds_of_profile][:2] == ["innovator", "social_implementer"]


@pytest.mark.parametrize("code", ["dk", "eus"])
def test_other_programmes_are_files_only(code: str) -> None:
    other = programme(code)
    assert other.levels
    assert other.subjects
    assert other.regions


@pytest.mark.parametrize("code", ["xx", "../nl", ""])
def test_unknown_programme_is_refused(code: str) -> None:
    with pytest.raises(BrokenReference):
        programme(code)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("biologi,nothing,0.5,", "near nothing"),
        ("geografi,biologi,0.5,", "once too often"),
        ("biologi,biologi,0.5,", "once too often"),
        ("biologi,matematik,1.0,", "1.0 near matematik"),
    ],
)
def test_file_that_does_not_fit_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, told: str
) -> None:
    folder = tmp_path / "zz"
    shutil.copytree(system.DATA / "dk", folder)
    monkeypatch.setattr(system, "DATA", tmp_path)
    assert programme.__wrapped__("zz").near_subjects
    with (folder / "subjects_near.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(BrokenReference, match=told):
        programme.__wrapped__("zz")


@pytest.mark.parametrize("text", ["5611 AB", "5611ab", " 5611 "])
def test_postcode_is_found_however_it_is_written(text: str) -> None:
    area = find_postcode(text)
    assert area is not None
    assert (area.town, area.holiday_region) == ("Eindhoven", "ZU")


@pytest.mark.parametrize("text", ["", "0000", "5611 A", "561", "5611 AB; x"])
def test_no_postcode_is_none(text: str) -> None:
    assert find_postcode(text) is None


def test_holidays_differ_by_region_and_public_ones_do_not() -> None:
    assert day_off(date(2027, 2, 15), "ZU") == "voorjaarsvakantie"
    assert day_off(date(2027, 2, 15), "NO") is None
    assert day_off(date(2027, 4, 27), "NO") is not None  # King's Day, in the May holiday too
    assert day_off(date(2027, 5, 6), "ZU") is not None  # Ascension Day


def test_window_loses_its_holidays_by_local_days() -> None:
    start, end = datetime(2026, 12, 17, 8, tzinfo=UTC), datetime(2027, 1, 6, 15, tzinfo=UTC)
    assert without_holidays([(start, end)], "ZU") == [
        (start, datetime(2026, 12, 18, 23, tzinfo=UTC)),
        (datetime(2027, 1, 3, 23, tzinfo=UTC), end),
    ]
