"""Page or fragment: the same view answers a browser without scripts and an htmx swap."""

from __future__ import annotations

import json

from flask import Response, make_response, redirect, render_template, request

SHIELD = "accounts-shield"  # the element of every page that covers it


def wanted() -> bool:
    """Whether the browser asked for a fragment; never a proof of anything."""
    return bool(getattr(request, "htmx", False)) and not request.headers.get("HX-Boosted")


def is_aside() -> bool:
    """Whether a page asked beside what is typed in it, where nobody pressed a button to leave it.

    A poll, a live search, and the shield's own form: whatever is answered, the page must stay.
    """
    return wanted() and (request.method == "GET" or request.headers.get("HX-Target") == SHIELD)


def tell(sentence: str, status: int, event: str = "told") -> Response:
    """Say something to the person before a page that stays as it is."""
    response = make_response("", status)
    response.headers["HX-Reswap"] = "none"
    response.headers["HX-Trigger"] = json.dumps({event: sentence})
    return response


def cover(fragment: str, status: int) -> Response:
    """Hide the page under the shield; what stands typed in it stays underneath."""
    response = make_response(fragment, status)
    response.headers["HX-Retarget"] = f"#{SHIELD}"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def whole_page(page: str, status: int) -> Response:
    """A page in answer to whatever was asked for, a fragment too."""
    response = make_response(page, status)
    if wanted():
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


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
