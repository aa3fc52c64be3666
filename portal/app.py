"""Builds the application in named steps."""

from __future__ import annotations

from datetime import timedelta
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any
from uuid import uuid4

from babel.support import NullTranslations
from flask import Flask, current_app, g, request, url_for
from flask_babel import get_translations
from flask_babel import gettext as _

from portal import assets, compression, doors, formats, handlers, logs, meters, security
from portal.access import Actor, current_actor
from portal.accounts import owners, sessions
from portal.crypto import Keyring
from portal.documents.messages import reason_of, virus_word
from portal.extensions import babel, csrf, db, htmx
from portal.patience import WEB_SECONDS, engine_options
from portal.settings import Settings, read_settings

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings | None = None, *, patience: int = WEB_SECONDS) -> Flask:
    """The application of one site; raises SettingRefused where a setting is wrong.

    `patience` is for how many seconds one question to the database may take.
    """
    settings = settings or read_settings()
    app = Flask(
        "portal",
        root_path=str(ROOT / "portal"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    configure(app, settings, patience)
    bind_extensions(app, settings)
    compression.set_up(app)
    security.guard(app, settings)
    logs.watch(app)
    meters.watch(app)
    formats.set_up(app)
    app.before_request(sessions.load_actor)
    doors.hang(app)
    handlers.hang(app)
    app.context_processor(every_template)
    app.jinja_env.filters["file_reason"] = reason_of
    app.jinja_env.filters["virus_word"] = virus_word
    app.jinja_env.globals["static"] = assets.address
    app.jinja_env.globals["form_owner"] = owners.mark
    app.jinja_env.globals["waiting_here"] = doors.waiting_here
    app.jinja_env.globals["once_key"] = lambda: uuid4().hex
    return app


def configure(app: Flask, settings: Settings, patience: int) -> None:
    """Flask's own settings, derived from ours."""
    prefix = "__Host-" if settings.secure else ""
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=f"{prefix}form",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # our doors ask Sec-Fetch-Site and Origin, which are always sent
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_DEFAULT_TIMEZONE="Asia/Ho_Chi_Minh",
        SQLALCHEMY_ENGINES={"default": engine_options(settings.database_url, patience)},
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def bind_extensions(app: Flask, settings: Settings) -> None:
    """Bind what extensions.py created."""
    db.init_app(app)
    # We hold no asynchronous sessions: closing them would start an event loop after each request.
    app.teardown_appcontext_funcs = [
        close for close in app.teardown_appcontext_funcs if not iscoroutinefunction(close)
    ]
    csrf.init_app(app)
    babel.init_app(app)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # by its extension
        gettext=lambda text: _spoken().gettext(text),
        ngettext=lambda one, many, count: _spoken().ngettext(one, many, count),
        newstyle=True,
    )
    htmx.init_app(app)
    app.extensions["keyring"] = Keyring.of(settings)


def _spoken() -> NullTranslations:
    """The language of this request; a page asks for it a hundred times, and the search is long."""
    if "spoken" not in g:
        g.spoken = get_translations()
    spoken: NullTranslations = g.spoken
    return spoken


def every_template() -> dict[str, Any]:
    """What each page may ask for."""
    actor = current_actor()
    display = {
        "size": request.cookies.get("display_size", "normal"),
        "contrast": request.cookies.get("display_contrast") == "1",
    }
    return {
        "actor": actor,
        "demo": _settings().demo,
        "settings": _settings(),
        "display": display,
        "nav": doors.nav_of(actor),
        "here": request.full_path.rstrip("?"),
        "account_nav": _account_nav(actor),
    }


def _account_nav(actor: Actor | None) -> list[dict[str, Any]]:
    if actor is None or actor.roles_held < 2:
        return []
    return [{"href": url_for("accounts.roles"), "text": _("Đổi vai trò làm việc")}]


def _settings() -> Settings:
    found = current_app.config["SETTINGS"]
    assert isinstance(found, Settings)
    return found
