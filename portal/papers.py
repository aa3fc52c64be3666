"""Turns a page into a printable paper: tagged PDF/A, nothing fetched from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import segno
from flask import Response, current_app, make_response, render_template
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

VARIANT = "pdf/a-2a"
BASE = "http://portal.invalid/"  # a name that can never be reached; only the path counts


class OwnAssets(URLFetcher):
    """Gives WeasyPrint our own static files and pictures inside the page, and nothing else."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Read one asset; raises ValueError for any other address."""
        parts = urlsplit(url)
        if parts.scheme == "data":
            return super().fetch(url, headers)
        folder = Path(current_app.static_folder or "").resolve()
        wanted = (folder / parts.path.removeprefix("/static/")).resolve()
        if not url.startswith(f"{BASE}static/") or folder not in wanted.parents:
            raise ValueError("A paper may only use assets of the portal.")
        kinds = {".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
        kind = kinds.get(wanted.suffix, "application/octet-stream")
        return URLFetcherResponse(url, wanted.read_bytes(), {"Content-Type": kind})


def pdf(template: str, **context: Any) -> bytes:
    """Render a paper's template to PDF."""
    page = HTML(
        string=render_template(template, **context),
        base_url=BASE,
        url_fetcher=OwnAssets(fail_on_errors=True),
    )
    made = page.write_pdf(pdf_variant=VARIANT)
    assert isinstance(made, bytes)
    return made


def qr(text: str, error: str = "m") -> str:
    """A QR picture as a data address, fit for `<img src>` on paper and screen.

    With `error="h"` almost a third of it may be lost.
    """
    return str(segno.make(text, error=error, micro=False).svg_data_uri(scale=4, border=2))


def answer(content: bytes, filename: str) -> Response:
    """Show a paper in the browser, named for saving."""
    response = make_response(content)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
