"""Sends texts compressed where no nginx stands in front: most people read us on a telephone."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import lru_cache

import brotli
from flask import Flask, Response, g, request

TEXTS = frozenset(
    {
        "text/html",
        "text/css",
        "text/plain",
        "text/csv",
        "text/javascript",
        "application/javascript",
        "application/json",
        "image/svg+xml",
    }
)
ELSEWHERE = frozenset({"cross-site", "same-site"})
WORTH_IT = 600  # bytes; below this the headers outweigh what is saved


def _brotli(content: bytes, *, for_keeps: bool) -> bytes:
    return brotli.compress(content, quality=11 if for_keeps else 4)


def _gzip(content: bytes, *, for_keeps: bool) -> bytes:
    return gzip.compress(content, compresslevel=9 if for_keeps else 5, mtime=0)


WAYS: dict[str, Callable[..., bytes]] = {"br": _brotli, "gzip": _gzip}


def set_up(app: Flask) -> None:
    """Bind it before all else, for the first hook bound is the last to see an answer."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """Compress a whole text in the best way the browser takes."""
    is_static = request.endpoint == "static"
    if not is_static and _may_be_a_probe():
        return response
    if not _is_worth_it(response, is_static=is_static):
        return response
    response.vary.add("Accept-Encoding")
    way = request.accept_encodings.best_match(WAYS)
    if way is None:
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if is_static:
        packed = _kept(way, content)
        _weaken(response)
    else:
        packed = WAYS[way](content, for_keeps=False)
    response.set_data(packed)
    response.headers["Content-Encoding"] = way
    return response


def _may_be_a_probe() -> bool:
    """Tell whether another site made a signed-in browser ask: it may be watching the lengths.

    A page that holds a secret beside words of the asker would give it away letter by letter
    (BREACH; docs/adr/0007).
    """
    return g.get("actor") is not None and request.headers.get("Sec-Fetch-Site") in ELSEWHERE


def _is_worth_it(response: Response, *, is_static: bool) -> bool:
    """Leave alone what is no text, in parts, packed already, short, or sent while it is made."""
    if response.mimetype not in TEXTS or "Content-Encoding" in response.headers:
        return False
    if request.method == "HEAD" or response.status_code in (204, 206, 304):
        return False
    if response.is_streamed and not is_static:
        return False
    return (response.content_length or 0) >= WORTH_IT


@lru_cache(maxsize=64)
def _kept(way: str, content: bytes) -> bytes:
    """Pack a static text once, as small as it gets."""
    return WAYS[way](content, for_keeps=True)


def _weaken(response: Response) -> None:
    """Say that the tag names the text, not these very bytes: it is the same for every packing."""
    tag, _is_weak = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)
