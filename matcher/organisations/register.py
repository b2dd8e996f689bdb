"""The programme's register read into the database: regions and schools, safe to repeat."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, update

from matcher.extensions import db
from matcher.models.organisation import Programme, Region, School
from matcher.reference import SchoolSystem, programme
from matcher.reference.postcodes import postcode_areas
from matcher.reference.system import DATA

COLUMNS = ("name", "kind", "street", "postcode", "town", "municipality", "province")


def load_register(code: str) -> dict[str, int]:
    """Bring programme, regions and schools in line with the files; nothing is ever deleted."""
    system = programme(code)
    regions = _load_regions(system)
    known = {
        row.register_code: row
        for row in db.session.execute(
            select(School.register_code, School.id, *(getattr(School, c) for c in COLUMNS))
        )
    }
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for values in _schools(system, regions):
        row = known.get(values["register_code"])
        if row is None:
            new.append(values)
        elif any(getattr(row, column) != values[column] for column in COLUMNS):
            changed.append(values | {"id": row.id})
    if new:
        db.session.execute(School.__table__.insert(), new)  # type: ignore[attr-defined]
    if changed:
        db.session.execute(update(School), changed)
    return {"regions": len({*regions.values()}), "schools": len(known) + len(new), "new": len(new)}


def _load_regions(system: SchoolSystem) -> dict[str, Region]:
    """By province name; a region may cover several, or one under two names."""
    row = db.session.scalar(select(Programme).where(Programme.code == system.code))
    if row is None:
        row = Programme(code=system.code, name="", time_zone=system.time_zone)
        db.session.add(row)
    row.name, row.time_zone = system.name(system.languages[0]), system.time_zone
    db.session.flush()
    known = {region.code: region for region in db.session.scalars(select(Region))}
    by_province = {}
    for entry in system.regions:
        region = known.get(entry.code)
        if region is None:
            region = Region(programme_id=row.id, code=entry.code)
            db.session.add(region)
        region.name = entry.name(system.languages[0])
        by_province.update(dict.fromkeys(entry.provinces, region))
    db.session.flush()
    return by_province


def _schools(system: SchoolSystem, regions: dict[str, Region]) -> Iterator[dict[str, Any]]:
    """Each location of the register; a code that stands twice gets a number behind it."""
    path = DATA / system.code / "schools.csv"
    if not path.exists():
        return
    areas = postcode_areas()
    seen: Counter[str] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            seen[row["vestigingscode"]] += 1
            times = seen[row["vestigingscode"]]
            area = areas.get(row["postcode"][:4])
            town = row["plaats"].strip()
            name = row["naam"].strip()
            yield {
                "region_id": regions[row["provincie"]].id,
                "register_code": row["vestigingscode"] + (f"-{times}" if times > 1 else ""),
                "name": name,
                "kind": row["type"],
                "street": f"{row['straat']} {row['huisnummer']}".strip(),
                "postcode": row["postcode"],
                "town": town,
                "municipality": area.municipality if area else row["gemeente"].title(),
                "province": row["provincie"],
                "holiday_region": area.holiday_region if area else "",
                "pupils": int(row["leerlingen"]) if row["leerlingen"].isdigit() else None,
                "website": row["website"],
                "latitude": float(row["lat"]),
                "longitude": float(row["lon"]),
                "lesson_minutes": 50,
                "search": plain(f"{name} {town} {row['postcode']}"),
                "is_open": True,
            }


def plain(text: str) -> str:
    """Lower case, without accents and signs: what is compared when somebody types."""
    letters = unicodedata.normalize("NFKD", text.lower())
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(kept.split())[:400]
