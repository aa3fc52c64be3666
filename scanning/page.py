"""A page on its way: its picture, and the words found on it."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from scanning.contract import Box

# Eight bits: height × width (grey) or height × width × 3 (red, green, blue). Untyped by OpenCV.
Pixels = NDArray[Any]


@dataclass(frozen=True)
class Picture:
    """A page as the file shows it, at most about 300 dots per inch."""

    pixels: Pixels
    dpi: int
    dpi_source: str


@dataclass(frozen=True)
class Word:
    """A word and its place; a new `line` or `block` number begins a line or a block."""

    text: str
    box: Box
    confidence: float
    line: int
    block: int

    def to_dict(self) -> dict[str, Any]:
        """As it stands in STEM-NNN.words.json."""
        return {
            "text": self.text,
            "box": [round(x, 4) for x in self.box],
            "confidence": self.confidence,
            "line": self.line,
        }
