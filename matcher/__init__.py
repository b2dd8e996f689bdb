"""The front door: binds the extensions and registers the rooms by dotted name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from matcher import extensions
from matcher.web.safety import ShortNumber

ROOT = Path(__file__).resolve().parent.parent

ROOMS = (
    "matcher.web.routes",
    "matcher.accounts.routes",
    "matcher.organisations.routes",
    "matcher.organisations.routes_schools",
    "matcher.organisations.routes_partnerships",
    "matcher.organisations.routes_statements",
    "matcher.needs.routes_writing",
    "matcher.needs.routes_advice",
    "matcher.offers.routes_catalogue",
    "matcher.offers.routes_offers",
    "matcher.offers.routes_professionals",
    "matcher.offers.routes_webinars",
    "matcher.offers.routes_mailed",
    "matcher.offers.routes_year",
    "matcher.offers.routes_busy",
    "matcher.proposals.routes",
    "matcher.proposals.routes_answers",
    "matcher.proposals.routes_messages",
    "matcher.visits.routes",
    "matcher.visits.routes_challenges",
    "matcher.visits.routes_feed",
    "matcher.figures.routes",
    "matcher.figures.routes_demand",
    "matcher.guide.routes",
    "matcher.guide.routes_activities",
    "matcher.guide.routes_toolbox",
    "matcher.guide.routes_profile",
    "matcher.guide.routes_support",
    "matcher.figures.routes_impact",
    "matcher.privacy.routes",
    "matcher.figures.routes_co_financing",
    "matcher.coordination.routes",
    "matcher.coordination.routes_swaps",
    "matcher.coordination.routes_messages",
    "matcher.coordination.routes_moderation",
    "matcher.coordination.routes_words",
    "matcher.coordination.routes_releases",
    "matcher.coordination.routes_settings",
    "matcher.coordination.routes_what_if",
    "matcher.exchange.routes",
    "matcher.coordination.routes_learning",
    "matcher.exchange.routes_twins",
)


def create_app(config: object, **overrides: Any) -> Flask:
    """The whole service, ready to serve; ``overrides`` replace single settings (tests)."""
    app = Flask(
        "matcher",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=getattr(config, "INSTANCE", None),
    )
    app.config.from_object(config)
    app.config.from_mapping(overrides)
    # A form stays good as long as its session: whoever writes a long text must not lose it.
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    import_module("matcher.logs").configure(app)
    app.url_map.converters["int"] = ShortNumber
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _bind_extensions(app)
    for room in ROOMS:
        app.register_blueprint(import_module(room).blueprint)
    import_module("matcher.web.filters").register(app)
    import_module("matcher.web.errors").register(app)
    import_module("matcher.web.headers").register(app)
    import_module("matcher.web.watching").register(app)
    import_module("matcher.accounts.sessions").register(app)
    import_module("matcher.accounts.routes_factor").register(app)
    import_module("matcher.accounts.routes_school").register(app)
    import_module("matcher.cli").register(app)
    if app.config["PROXY_HOPS"]:
        hops = app.config["PROXY_HOPS"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _bind_extensions(app: Flask) -> None:
    import_module("matcher.models")
    extensions.db.init_app(app)
    extensions.migrate.init_app(
        app, extensions.db, directory=str(ROOT / "migrations"), render_as_batch=True
    )
    extensions.login_manager.init_app(app)
    extensions.csrf.init_app(app)
    extensions.limiter.init_app(app)
    extensions.cache.init_app(app)
    extensions.workers.init_app(app)
