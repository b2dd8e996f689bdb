"""Settings, from the environment only; imports nothing of ours."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parent
INSTANCE = Path(os.environ.get("LESBRUG_INSTANCE", ROOT / "instance"))


def _flag(name: str, *, default: bool = False) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def _database_url() -> str:
    """The address as SQLAlchemy wants it: PostgreSQL is always spoken to through psycopg 3."""
    url = os.environ.get("DATABASE_URL", "").strip()
    if not url:
        INSTANCE.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{INSTANCE / 'lesbrug.sqlite'}"
    scheme, separator, rest = url.partition("://")
    if separator and scheme in {"postgres", "postgresql"}:
        return f"postgresql+psycopg://{rest}"
    return url


def _secret_key() -> str:
    """From the environment; on a laptop a key of its own, kept in the instance folder."""
    given = os.environ.get("SECRET_KEY", "")
    if given:
        return given
    INSTANCE.mkdir(parents=True, exist_ok=True)
    path = INSTANCE / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


class Config:
    """What the service reads; every name stands in the README's table of settings."""

    INSTANCE = str(INSTANCE)
    SECRET_KEY = _secret_key()
    SQLALCHEMY_DATABASE_URI = _database_url()
    SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True}
    PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://localhost:8000").rstrip("/")
    DEMO = _flag("LESBRUG_DEMO")  # sign-in page lets a visitor become a demo person
    SMTP_URL = os.environ.get("SMTP_URL", "")  # smtp://user:password@host:587; empty: to files
    MAIL_FROM = os.environ.get("MAIL_FROM", "Lesbrug <noreply@localhost>")
    MAIL_FOLDER = os.environ.get("MAIL_FOLDER", str(Path(INSTANCE) / "mail"))
    EMBEDDINGS = os.environ.get("LESBRUG_EMBEDDINGS", "")  # a folder with a sentence model
    CACHE_FOLDER = os.environ.get("CACHE_FOLDER", str(Path(INSTANCE) / "cache"))
    MATCH_ENGINE = os.environ.get("MATCH_ENGINE", "here")  # here, processes or dask
    MATCH_WORKERS = int(os.environ.get("MATCH_WORKERS", "2"))
    DASK_SCHEDULER = os.environ.get("DASK_SCHEDULER", "")  # tcp://host:8786
    # Places ("127.0.0.1:8001 …") that may be read over http and inside our own network.
    FETCH_ALLOW = frozenset(os.environ.get("FETCH_ALLOW", "").split())
    PREPARATION_MINUTES = int(os.environ.get("PREPARATION_MINUTES", "60"))  # beside each visit
    HOUR_RATE_CENTS = round(float(os.environ.get("HOUR_RATE", "60")) * 100)  # co-financing
    PROXY_HOPS = int(os.environ.get("PROXY_HOPS", "0"))
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_SECURE = _flag("SECURE_COOKIES")
    MAX_CONTENT_LENGTH = 5 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE = 500_000
    RATELIMIT_STORAGE_URI = "memory://"
    RATELIMIT_ENABLED = not _flag("RATELIMIT_OFF")
    BABEL_DEFAULT_LOCALE = "nl"
    BABEL_DEFAULT_TIMEZONE = "Europe/Amsterdam"
    LANGUAGES = ("nl", "en")
    PROGRAMME = os.environ.get("LESBRUG_PROGRAMME", "nl")
    SECOND_FACTOR = _flag("SECOND_FACTOR", default=not DEMO)  # asked of administrators
    OIDC_ISSUER = os.environ.get("OIDC_ISSUER", "")  # a school federation's OpenID Connect
    OIDC_CLIENT_ID = os.environ.get("OIDC_CLIENT_ID", "")
    OIDC_CLIENT_SECRET = os.environ.get("OIDC_CLIENT_SECRET", "")
    OIDC_NAME = os.environ.get("OIDC_NAME", "Entree")
    LOG_FORMAT = os.environ.get("LOG_FORMAT", "plain")  # plain, json or off
    LOG_LEVEL = os.environ.get("LOG_LEVEL", "WARNING")
    METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
    METRICS_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
    JOBS_IN_SERVE = not _flag("LESBRUG_NO_JOBS")
