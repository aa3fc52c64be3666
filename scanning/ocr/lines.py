"""A line of words that can be searched without marks and cut back into its words."""

from dataclasses import dataclass
from functools import cached_property

from scanning.contract import Box
from scanning.ocr.text import line_text, lines_of
from scanning.page import Word
from vietnam.folding import fold


@dataclass(frozen=True)
class Line:
    """One line of a page."""

    page: int
    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        """As it stands."""
        return line_text(list(self.words))

    @cached_property
    def folded(self) -> str:
        """Without marks and capitals, letter for letter as long as `text`."""
        return "".join((fold(c) or " ")[0] for c in self.text)

    @property
    def top(self) -> float:
        """Where the line begins, from 0 at the top of the page."""
        return min(word.box[1] for word in self.words)

    @property
    def left(self) -> float:
        """Where its first letter stands."""
        return min(word.box[0] for word in self.words)

    @property
    def right(self) -> float:
        """Where its last letter ends."""
        return max(word.box[2] for word in self.words)

    @property
    def middle(self) -> float:
        """Where its middle is, from 0 at the left."""
        return (self.left + self.right) / 2

    def piece(self, start: int, end: int) -> "Piece":
        """The words that share a letter with `text[start:end]`, and that text itself."""
        place, touched = 0, []
        for word in self.words:
            if place < end and place + len(word.text) > start:
                touched.append(word)
            place += len(word.text) + 1
        return Piece(self.page, self.text[start:end], tuple(touched))


@dataclass(frozen=True)
class Piece:
    """Part of a line: a value with its words."""

    page: int
    text: str
    words: tuple[Word, ...]

    @property
    def confidence(self) -> float:
        """Of the worst word: one wrong word makes the value wrong."""
        return min((word.confidence for word in self.words), default=0.0)

    @property
    def box(self) -> Box:
        """Around all its words."""
        boxes = [word.box for word in self.words] or [(0.0, 0.0, 0.0, 0.0)]
        left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
        right, bottom = max(b[2] for b in boxes), max(b[3] for b in boxes)
        return (round(left, 4), round(top, 4), round(right, 4), round(bottom, 4))


def page_lines(page: int, words: list[Word]) -> list[Line]:
    """The lines of a page, in reading order."""
    return [Line(page, tuple(line)) for line in lines_of(words)]
