"""Every setting the code reads is explained to operators, and nothing else is."""

import re

from portal.settings import NOT_BUILT
from tests.house.kept import ROOT

READ = re.compile(r'\benv(?:\.get\(|,\s*)"([A-Z][A-Z0-9_]+)"')
READERS = ("portal/settings.py", "scanning/settings.py")


def documented() -> set[str]:
    """The names in the first column of the tables of docs/operations.md."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[A-Z][A-Z0-9_]+`.*?) \|", text, re.MULTILINE)
    return {name for cell in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", cell)}


def read() -> set[str]:
    """The names the settings modules look for in the environment."""
    found = set(NOT_BUILT)
    for reader in READERS:
        found |= set(READ.findall((ROOT / reader).read_text(encoding="utf-8")))
    return found


def test_every_setting_is_documented() -> None:
    assert read() - documented() == set()


def test_every_documented_setting_is_read() -> None:
    assert documented() - read() == set()
