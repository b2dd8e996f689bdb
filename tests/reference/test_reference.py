"""Programmes from files: whole, checked, and free of days without school."""

from __future__ import annotations

import json
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


def test_file_that_does_not_fit_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "zz"
    folder.mkdir()
    for path in (system.DATA / "dk").glob("*.json"):
        (folder / path.name).write_text(path.read_text("utf-8"), "utf-8")
    subjects = json.loads((folder / "subjects.json").read_text("utf-8"))
    subjects[0]["near"] = ["nothing"]
    (folder / "subjects.json").write_text(json.dumps(subjects), "utf-8")
    monkeypatch.setattr(system, "DATA", tmp_path)
    with pytest.raises(BrokenReference, match="nothing"):
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
