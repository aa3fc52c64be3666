"""Opens the pages of one file, or of two stacks that a one-sided feeder made of the same sheets."""

from pathlib import Path

from scanning.contract import Intake
from scanning.image.load import ImageSource
from scanning.page import Picture, Word
from scanning.pdf.read import PdfSource
from scanning.stack import collate

Opened = ImageSource | PdfSource


def open_source(path: Path, intake: Intake) -> Opened:
    """The pages of a file that was looked at."""
    return PdfSource(path) if intake.kind == "pdf" else ImageSource(path, intake.kind)


class CollatedSource:
    """Fronts and backs as one stack, in the order in which the sheets are read."""

    def __init__(self, fronts: Opened, backs: Opened) -> None:
        self._order = collate(
            [(fronts, number) for number in range(1, fronts.pages + 1)],
            [(backs, number) for number in range(1, backs.pages + 1)],
        )
        self.pages = len(self._order)

    def load(self, number: int) -> Picture:
        """Page `number`, from 1."""
        source, own = self._order[number - 1]
        return source.load(own)

    def words(self, number: int) -> tuple[list[Word], float]:
        """The text that the page brings along, and how much of it letters could cover."""
        source, own = self._order[number - 1]
        return source.words(own) if isinstance(source, PdfSource) else ([], 0.0)
