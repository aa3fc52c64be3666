"""Page or fragment: the same view answers a browser without scripts and an htmx swap."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request


def wanted() -> bool:
    """Whether the browser asked for a fragment; never a proof of anything."""
    return bool(getattr(request, "htmx", False)) and not request.headers.get("HX-Boosted")


def answer(fragment: str, *, else_: str, status: int = 200, **context: object) -> Response:
    """The fragment for htmx, a 303 to `else_` for everyone else."""
    if wanted():
        return make_response(render_template(fragment, **context), status)
    return go(else_)


def go(address: str) -> Response:
    """Send the browser to `address` after a change; htmx is told to load the whole page."""
    if wanted():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = address
        return response
    return make_response(redirect(address, code=303))


def show(page: str, fragment: str, **context: object) -> str:
    """The page for a browser, only its fragment for htmx."""
    return render_template(fragment if wanted() else page, **context)
