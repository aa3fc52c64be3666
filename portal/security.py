"""Headers on every answer, limits on every request, and whom we believe about addresses."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from portal import assets
from portal.errors import Forbidden, PortalError
from portal.settings import Settings

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; "
    "manifest-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
YEAR = 31_536_000
MEGABYTE = 1024 * 1024
DRAIN_SECONDS = 10
# Probes of an installation ask by whatever name they know the machine.
ANY_HOST = frozenset({"health.alive", "health.ready", "health.metrics"})
# Names nobody else can have in the world's directory of names.
THIS_MACHINE = frozenset({"localhost", socket.gethostname().lower()})


class ForeignHost(PortalError):
    """Asked for under a name that is not ours."""

    def __init__(self, public_url: str) -> None:
        super().__init__(_l("Trang này chỉ mở được tại địa chỉ %(address)s.", address=public_url))


class RowNumber(IntegerConverter):
    """A number in an address that the database can hold: larger ones name nothing."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **{"max": 2**31 - 1} | options)  # type: ignore[arg-type] # as Werkzeug hands them on


def guard(app: Flask, settings: Settings) -> None:
    """Bind headers, limits and proxies to the application."""
    app.config["MAX_CONTENT_LENGTH"] = (settings.max_dossier_mb + 1) * MEGABYTE
    # Words, not files: a carried form (accounts/resume.py) is three bytes a letter, each as %XX.
    app.config["MAX_FORM_MEMORY_SIZE"] = 4 * MEGABYTE
    app.config["MAX_FORM_PARTS"] = 1000
    app.url_map.converters["int"] = RowNumber
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        # Flask's documented way to wrap itself; its types call the attribute a method.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.before_request(name_request)
    app.before_request(refuse_foreign_host)
    app.before_request(refuse_nul)
    app.after_request(dress)


def name_request() -> None:
    """Give the request a name that log and audit share."""
    g.request_id = secrets.token_hex(8)


def refuse_foreign_host() -> None:
    """Answer to our own name and to bare addresses: another name means a rebound DNS entry."""
    if request.endpoint in ANY_HOST:
        return
    try:
        host = urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        host = ""
    own = urlsplit(_settings().public_url).hostname
    if host != own and host not in THIS_MACHINE and not _is_bare_address(host):
        raise ForeignHost(_settings().public_url)


def refuse_nul() -> None:
    """Refuse the one character that no database keeps and no person types."""
    if "\0" in request.path or any("\0" in value for value in request.args.values()):
        raise BadRequest


def refuse_foreign_form() -> None:
    """Refuse a form that the browser says was sent from another site, whatever token it carries."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    foreign = (
        site not in ("same-origin", "none") if site else origin is not None and not _is_own(origin)
    )
    if foreign:
        raise CSRFError("The form was sent from another site.")


def refuse_foreign_load() -> None:
    """Refuse to be a part of another site's page: a picture, a frame, an answer to its script.

    Browsers say for what they ask. Who follows a link from elsewhere comes in as ever.
    """
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    wanted_as = request.headers.get("Sec-Fetch-Dest", "document")
    if site not in ("same-origin", "none") and wanted_as != "document":
        raise Forbidden


def refuse_nul_in_form() -> None:
    """The same for what was typed and for the names of files."""
    uploads = request.files.items(multi=True)
    if any("\0" in field + (upload.filename or "") for field, upload in uploads):
        raise BadRequest
    if any("\0" in value for _, value in request.form.items(multi=True)):
        raise BadRequest


def comes_from_here() -> bool:
    """Whether the browser itself says that the form was sent from a page of ours."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return _is_own(request.headers.get("Origin", ""))


def dress(response: Response) -> Response:
    """Put on every answer what browsers and caches must know."""
    response.headers.setdefault("Content-Security-Policy", CSP)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if _settings().secure:
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    if request.endpoint == "static" and response.status_code < 400:
        assert request.view_args is not None
        name = request.view_args["filename"]
        response.headers["Cache-Control"] = assets.caching(name, request.args.get("v"))
        return response
    response.vary.update(("HX-Request", "Cookie"))
    response.headers.setdefault("Cache-Control", "no-store")
    if response.status_code == 413:
        response.call_on_close(_drain())
    return response


def _drain() -> Callable[[], None]:
    """Take what a browser still sends after our answer, within bounds.

    Many read an answer only when all is sent; a connection closed before that shows them a fault
    of the network instead of our sentence.
    """
    body = request.environ["wsgi.input"]
    most = current_app.config["MAX_CONTENT_LENGTH"]

    def drain() -> None:
        deadline, taken = time.monotonic() + DRAIN_SECONDS, 0
        while taken < most and time.monotonic() < deadline:
            chunk = body.read(MEGABYTE // 4)
            if not chunk:
                return
            taken += len(chunk)

    return drain


def _is_own(origin: str) -> bool:
    """Whether an Origin is ours: the public one, or the one this very request was sent to."""
    return origin in (_settings().public_url, f"{request.scheme}://{request.host}")


def _is_bare_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _settings() -> Settings:
    found = current_app.config["SETTINGS"]
    assert isinstance(found, Settings)
    return found
