"""Style sheets, scripts and pictures: named with their content's digest, cached for ever by it."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import current_app, url_for

YEAR = 31_536_000
DAY = 86_400


def address(filename: str) -> str:
    """The address of an asset, changing with its content."""
    return url_for("static", filename=filename, v=version(filename))


def version(filename: str) -> str:
    """What stands for the present content of an asset in its address."""
    folder = current_app.static_folder
    assert folder is not None
    path = Path(folder) / filename
    return _digest(path, path.stat().st_mtime_ns)


def caching(filename: str, asked: str | None) -> str:
    """How long an asset may be kept: for ever under its own digest, never under another's.

    Fonts are named by style sheets without a digest; a day is short enough for them.
    """
    if asked is None:
        return f"public, max-age={DAY}"
    if asked == version(filename):
        return f"public, max-age={YEAR}, immutable"
    return "no-cache"


@lru_cache(maxsize=500)
def _digest(path: Path, _changed: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]
