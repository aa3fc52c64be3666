"""What a reader of pages must be able to do, whichever program does it."""

from pathlib import Path
from typing import Protocol

from scanning.contract import Engine
from scanning.page import Word


class Reader(Protocol):
    """Reads one upright grey picture at a time; may be used by several threads."""

    @property
    def engine(self) -> Engine:
        """Name, version and languages."""

    def read(self, picture: Path, dpi: int, *, as_block: bool = False) -> list[Word]:
        """The words of the picture in reading order; a block is lines and nothing else."""

    def turn_of(self, picture: Path) -> tuple[int, bool]:
        """Degrees clockwise that bring the picture upright, and whether the reader is sure."""
