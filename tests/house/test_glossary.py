"""The two languages of the house meet in docs/glossary.md."""

import re

from portal import schema
from tests.house.kept import ROOT


def test_every_model_is_in_the_glossary() -> None:
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", text))
    models = {mapper.class_.__name__ for mapper in schema.Base.registry.mappers}
    assert models - named == set()


def test_no_model_in_the_glossary_has_gone() -> None:
    """A row that no class answers to would mislead."""
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    text = text.partition("## Models")[2].partition("## ")[0]
    claimed = set(re.findall(r"^\| [^|]+ \| `([A-Z]\w+)` \|", text, re.MULTILINE))
    models = {mapper.class_.__name__ for mapper in schema.Base.registry.mappers}
    assert claimed - models == set()
