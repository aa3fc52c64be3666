"""What the documents point at is there."""

import re
from pathlib import Path

import pytest

from tests.house.kept import ROOT, kept_files

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:portal|scanning|vietnam|tests|docs|script|deploy|data)/[\w./-]+)`")
DOCUMENTS = [path for path in kept_files(".md") if "vendor" not in path.parts]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    links = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if ":" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_exists(path: Path) -> None:
    named = NAMED.findall(path.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs/adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    decisions = [path.name for path in folder.glob("[0-9]*.md")]
    assert decisions
    assert [name for name in decisions if f"]({name})" not in index] == []


def test_every_decision_says_what_it_costs() -> None:
    texts = {path.name: path.read_text("utf-8") for path in (ROOT / "docs/adr").glob("[0-9]*.md")}
    parts = ("**What pressed.**", "**Could have been.**", "**Chosen.**", "**It costs.**")
    assert [name for name, text in texts.items() if not all(part in text for part in parts)] == []
