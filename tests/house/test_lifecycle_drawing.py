"""The drawing people discuss is the table the program follows."""

from portal.dossiers.lifecycle import drawing
from tests.house.kept import ROOT


def test_drawing_equals_the_table() -> None:
    assert drawing() in (ROOT / "docs/lifecycle.md").read_text(encoding="utf-8")
