"""Copy the web's third-party files into static/vendor, with a manifest of their hashes.

Run after ``npm ci --ignore-scripts``; only the NL Design System components in use are taken.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "static" / "vendor"
_COMPONENTS = """
document surface skip-link button link-button link paragraph heading-1 heading-2 heading-3
form-field form-label form-field-description form-field-error-message form-fieldset
textbox textarea select checkbox radio-button alert breadcrumb-nav table data-list
separator unordered-list status-badge
"""
COMPONENTS = _COMPONENTS.split()
FONT = "@fontsource/atkinson-hyperlegible"


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    entries = [_components(), *_fonts(), _htmx()]
    lines = []
    for name, package, licence, path in entries:
        version = _package(package)["version"]
        digest = hashlib.sha384(path.read_bytes()).hexdigest()
        lines += [
            f'["{name}"]',
            f'package = "{package}"',
            f'version = "{version}"',
            f'licence = "{licence}"',
            f'sha384 = "{digest}"',
            "",
        ]
    (TARGET / "manifest.toml").write_text("\n".join(lines), encoding="utf-8")


def _components() -> tuple[str, str, str, Path]:
    parts = []
    for component in COMPONENTS:
        css = (MODULES / f"@utrecht/{component}-css/dist/index.min.css").read_text("utf-8")
        parts.append(f"/* {component} */\n" + re.sub(r"\s+", " ", css).strip())
    path = TARGET / "utrecht-components.css"
    head = "/* NL Design System, Utrecht components. EUPL-1.2, see LICENSE-utrecht.md */\n"
    path.write_text(head + "\n".join(parts) + "\n", encoding="utf-8")
    _licence("@utrecht/button-css", "LICENSE.md", "LICENSE-utrecht.md")
    return path.name, "@utrecht/component-library-css", "EUPL-1.2", path


def _fonts() -> list[tuple[str, str, str, Path]]:
    made = []
    for weight in (400, 700):
        name = f"atkinson-hyperlegible-latin-{weight}-normal.woff2"
        path = TARGET / name
        path.write_bytes((MODULES / FONT / "files" / name).read_bytes())
        made.append((name, FONT, "OFL-1.1", path))
    _licence(FONT, "LICENSE", "LICENSE-atkinson-hyperlegible.txt")
    return made


def _htmx() -> tuple[str, str, str, Path]:
    path = TARGET / "htmx.min.js"
    path.write_bytes((MODULES / "htmx.org/dist/htmx.min.js").read_bytes())
    return path.name, "htmx.org", "0BSD", path


def _licence(package: str, name: str, target: str) -> None:
    (TARGET / target).write_bytes((MODULES / package / name).read_bytes())


def _package(name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((MODULES / name / "package.json").read_text("utf-8"))
    return found


if __name__ == "__main__":
    main()
