"""The register: every location once, safe to repeat, found by a few letters."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from matcher.accounts.schools import schools_like
from matcher.extensions import db
from matcher.models.organisation import Region, School
from matcher.organisations import service


def _count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_register_loads_once_and_repeats_harmlessly(any_app: Flask) -> None:
    first = service.load_register("nl")
    assert first == {"regions": 12, "schools": 8717, "new": 8717}
    db.session.flush()
    one = db.session.scalars(select(School).order_by(School.id)).first()
    assert one is not None
    one.name = "Changed by hand"
    db.session.flush()
    assert service.load_register("nl") == {"regions": 12, "schools": 8717, "new": 0}
    db.session.refresh(one)
    assert one.name != "Changed by hand"
    assert (_count(School), _count(Region)) == (8717, 12)
    assert schools_like("karekiet geld")[0].town == "Geldermalsen"


def test_another_programme_adds_its_regions_only(app: Flask) -> None:
    assert service.load_register("dk") == {"regions": 5, "schools": 0, "new": 0}
