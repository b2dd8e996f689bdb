"""Rules of the house that can be read off the source."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MODULES = sorted((ROOT / "matcher").rglob("*.py"))
DOORS = re.compile(r"(routes\w*|jobs|cli|sessions|build|headers)\.py$")
BANNED_NAMES = {"utils", "helpers", "common", "misc", "constants"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def test_modules_are_at_most_300_lines() -> None:
    long = {_name(p): n for p in MODULES if (n := len(p.read_text("utf-8").splitlines())) > 300}
    assert long == {}


def test_functions_are_at_most_40_lines() -> None:
    long = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > 40:
                    long[f"{_name(path)}:{node.name}"] = lines
    assert long == {}


def test_functions_take_at_most_five_positional_parameters() -> None:
    wide = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                names = [a.arg for a in node.args.posonlyargs + node.args.args]
                count = len([n for n in names if n not in {"self", "cls"}])
                if count > 5:
                    wide[f"{_name(path)}:{node.name}"] = count
    assert wide == {}


def test_every_module_says_in_a_docstring_what_belongs_here() -> None:
    silent = [_name(p) for p in MODULES if not ast.get_docstring(ast.parse(p.read_text("utf-8")))]
    assert silent == []


def test_no_room_is_called_utils() -> None:
    assert [_name(p) for p in MODULES if {p.stem, p.parent.name} & BANNED_NAMES] == []


def test_only_doors_commit() -> None:
    committing = {
        _name(path)
        for path in MODULES
        if not DOORS.search(path.name)
        for call in _calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    }
    # Mail commits between its lease, the sending and the result: the network is no transaction.
    assert committing <= {"matcher/mail.py"}


def test_only_the_model_writes_a_proposals_state() -> None:
    guilty = []
    for path in MODULES:
        if path.parent.name == "models":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "_state":
                guilty.append(f"{_name(path)}:{node.lineno}")
            if isinstance(node, ast.keyword) and node.arg == "_state":
                guilty.append(f"{_name(path)}:{node.value.lineno}")
    assert guilty == []


def test_only_the_clock_reads_the_time() -> None:
    pattern = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time\(")
    guilty = [
        f"{_name(path)}:{number}"
        for path in MODULES
        if path.name != "clock.py"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert guilty == []


def test_importing_the_service_leaves_heavy_libraries_unloaded() -> None:
    code = (
        "import sys, wsgi;"
        "print(sorted({'sklearn', 'scipy', 'ortools', 'pandas', 'openpyxl'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_pinned_requirements_have_hashes_and_name_no_host(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    pins = re.findall(r"^[A-Za-z0-9_.\[\]-]+==[^\s;]+", text, flags=re.MULTILINE)
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    unhashed = [b.split()[0] for b in blocks if "==" in b.split("\n")[0] and "--hash" not in b]
    assert len(pins) > 20
    assert unhashed == []
