"""The assets are what they claim to be: freshly built, unchanged since vendored, our own."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
VENDORED = sorted([*(STATIC / "vendor").iterdir(), *(ROOT / "tests" / "vendor").iterdir()])


def test_built_sheet_is_fresh() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "script" / "build-static", "--check"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.name)
def test_vendored_parts_are_unchanged_and_say_where_they_come_from(folder: Path) -> None:
    assert (folder / "VERSION").read_text().strip()
    assert (folder / "LICENSE").read_text().strip()
    sums = dict(
        reversed(line.split(maxsplit=1))
        for line in (folder / "SHA256SUMS").read_text().splitlines()
    )
    shipped = {path.name for path in folder.iterdir() if path.suffix in {".js", ".css", ".woff2"}}
    assert shipped <= set(sums)
    for name, expected in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected, name


def test_nothing_of_the_gov_uk_identity_is_served() -> None:
    for path in STATIC.rglob("*"):
        assert "crown" not in path.name.lower()
        if path.suffix in {".css", ".svg", ".js"}:
            assert "gds transport" not in path.read_text(encoding="utf-8").lower(), path


def test_sheets_fetch_only_what_we_serve() -> None:
    for sheet in (STATIC / "css").rglob("*.css"):
        for address in re.findall(r"url\(([^)]*)\)", sheet.read_text(encoding="utf-8")):
            assert (STATIC / "css" / address.strip("\"'")).is_file(), (sheet, address)


def test_each_component_sheet_has_its_macro() -> None:
    sheets = {path.stem for path in (STATIC / "css" / "components").glob("*.css")}
    macros = {path.stem for path in (ROOT / "templates" / "components").glob("*.html")}
    assert sheets <= macros, sheets - macros
