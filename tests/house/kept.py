"""The files of the house: what is kept, whether or not git is there to ask."""

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What tools, tests and the running portal leave in a checkout.
LEFT_BEHIND = {
    ".git",
    ".venv",
    "var",
    "__pycache__",
    "node_modules",
    "test-results",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".import_linter_cache",
    ".hypothesis",
}


def kept_files(*suffixes: str, under: str = ".") -> Iterator[Path]:
    """Every kept file with one of these suffixes, or every kept file."""
    for folder, names, files in os.walk(ROOT / under):
        names[:] = sorted(set(names) - LEFT_BEHIND)
        for name in sorted(files):
            path = Path(folder) / name
            if not suffixes or path.suffix in suffixes:
                yield path
