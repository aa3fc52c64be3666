"""Prints a page as PDF. Loaded when the first paper is made: it takes as long as half the rest."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app
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


def pdf(html: str) -> bytes:
    """The page as tagged PDF/A, with nothing fetched from outside."""
    page = HTML(string=html, base_url=BASE, url_fetcher=OwnAssets(fail_on_errors=True))
    made = page.write_pdf(pdf_variant=VARIANT)
    assert isinstance(made, bytes)
    return made
