"""A throwaway PostgreSQL server for tests: own cluster, own socket, no network."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")


def server_binaries() -> Path | None:
    """The newest installed server's bin folder, if there is one."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: p.parent.name)
    for folder in reversed(folders):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextmanager
def server() -> Iterator[str]:
    """Start a cluster and give a URL prefix ``postgresql+psycopg://…?host=socket`` maker."""
    binaries = server_binaries()
    if binaries is None:
        raise RuntimeError("no PostgreSQL server binary")
    home = Path(tempfile.mkdtemp(prefix="lesbrug-pg-"))
    who = _server_user(home)
    data = home / "data"
    try:
        _run(
            who, home, binaries / "initdb", "-D", data, "-U", "lesbrug", "-A", "trust", "-E", "UTF8"
        )
        options = " ".join(f"-c {option}" for option in FAST)
        options += f" -c unix_socket_directories={home} -c listen_addresses=''"
        _run(
            who,
            home,
            binaries / "pg_ctl",
            "-D",
            data,
            "-w",
            "-l",
            home / "log",
            "-o",
            options,
            "start",
        )
        _await(home)
        yield str(home)
    finally:
        _run(who, home, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop", check=False)
        shutil.rmtree(home, ignore_errors=True)


def url(home: str, database: str) -> str:
    return f"postgresql+psycopg://lesbrug@/{database}?host={home}"


def execute(home: str, statement: str) -> None:
    with psycopg.connect(f"host={home} user=lesbrug dbname=postgres", autocommit=True) as link:
        link.execute(statement)  # type: ignore[call-overload]


def _server_user(home: Path) -> str | None:
    """PostgreSQL refuses to run as root, so root hands the folder to somebody else."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    who = "postgres" if "postgres" in names else "nobody"
    shutil.chown(home, who)
    home.chmod(0o755)
    return who


def _run(who: str | None, home: Path, *command: object, check: bool = True) -> None:
    subprocess.run(
        [str(part) for part in command],
        user=who,
        cwd=home,
        check=check,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _await(home: Path) -> None:
    for _ in range(100):
        try:
            psycopg.connect(f"host={home} user=lesbrug dbname=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PostgreSQL did not start")
