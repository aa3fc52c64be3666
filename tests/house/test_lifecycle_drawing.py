"""The drawing people discuss is the table the program follows."""

from portal.dossiers import lifecycle as dossiers
from portal.postal import lifecycle as postal
from tests.house.kept import ROOT


def test_drawing_equals_the_table() -> None:
    text = (ROOT / "docs/lifecycle.md").read_text(encoding="utf-8")
    assert dossiers.drawing() in text
    assert postal.drawing() in text
