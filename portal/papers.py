"""Turns a page into a printable paper, and shows it."""

from __future__ import annotations

from typing import Any

import segno
from flask import Response, make_response, render_template


def pdf(template: str, **context: Any) -> bytes:
    """Render a paper's template to PDF."""
    from portal import press  # noqa: PLC0415 - most processes print nothing; see there

    return press.pdf(render_template(template, **context))


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
