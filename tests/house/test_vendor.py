"""Third-party files of the web are exactly those the manifest names, with their licences."""

from __future__ import annotations

import gzip
import hashlib
import tomllib
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent.parent / "static"
VENDOR = STATIC / "vendor"


def test_every_vendored_file_has_the_hash_of_the_manifest() -> None:
    manifest = tomllib.loads((VENDOR / "manifest.toml").read_text("utf-8"))
    hashes = {name: entry["sha384"] for name, entry in manifest.items()}
    files = {
        path.name: hashlib.sha384(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "manifest.toml" and not path.name.startswith("LICENSE")
    }
    assert files == hashes
    assert all(entry["licence"] for entry in manifest.values())


def test_all_styles_together_stay_small() -> None:
    sheets = [*VENDOR.glob("*.css"), *(STATIC / "css").glob("*.css")]
    assert sum(len(gzip.compress(sheet.read_bytes())) for sheet in sheets) < 50_000


def test_styles_load_nothing_from_elsewhere() -> None:
    for sheet in [*VENDOR.glob("*.css"), *(STATIC / "css").glob("*.css")]:
        text = sheet.read_text("utf-8")
        assert "url(http" not in text.replace('"', "").replace("'", "")
        assert "@import" not in text


def test_every_block_of_our_styles_is_closed() -> None:
    for sheet in (STATIC / "css").glob("*.css"):
        text = sheet.read_text("utf-8")
        assert (sheet.name, text.count("{")) == (sheet.name, text.count("}"))
