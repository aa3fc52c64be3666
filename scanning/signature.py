"""Reads the name at the foot of a paper again where a seal or a pen crosses it.

Agencies press their seal over the signer's name. In colours it vanishes with the red; copied in
grey it is as much ink as the name, and the reader passes over both or guesses. But print is mostly
blacker and its strokes are thicker, so the foot of the page is read in several depths of ink.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from scanning.image.darkest import black_of, darkest_of
from scanning.image.light import flatten
from scanning.image.resize import to_dpi
from scanning.ocr.lines import Line, page_lines
from scanning.ocr.names import FEWEST, MOST, is_common, is_name
from scanning.ocr.signers import is_by_citizens, name_at_the_foot
from scanning.ocr.titles import title_of
from scanning.page import Pixels, Word

Read = Callable[[Pixels, int], list[Word]]  # a block of lines at so many dots per inch

_DPI = 300
_LEFT = 0.42  # of the page: agencies sign at the right
_FOOT_INCHES = 3.0  # from the last line of the text to the name
_FULL_LINE, _SURE_LINE = 0.4, 0.75
_LEAST_PIECES = 12  # of the size of letters; a seal has thirty, a pen's stroke alone a few
_AGREED = 1.6  # what two readings that agree are worth
_BELIEVED = 0.85  # of the worst word: rare names that were read so stay
_MARKS = ".,;:'\"“”"
_UNSURE = 0.6  # a name read so is for a person to confirm, however sure the reader was


def with_name_at_the_foot(
    words: list[Word], picture: Callable[[], Pixels], dpi: int, read: Read
) -> list[Word]:
    """The words, with the signer's name where it was missed or is no name as it was read.

    `picture` gives the upright page in grey at `dpi`; it is asked only where a foot is to be read.
    """
    lines = page_lines(1, words)
    title = title_of(lines)
    known = name_at_the_foot(lines)
    if title and is_by_citizens(title):
        return words
    if known and (is_common(known.text) or known.confidence >= _BELIEVED):
        return words
    top = _end_of_text(lines)
    if top is None:
        return words
    flat = flatten(picture(), dpi)
    place = _Foot(top, flat, dpi)
    if not known and not place.is_crowded():
        return words
    found = _read_foot(place, read)
    if found is None or (known and not is_common(_text(found))):
        return words
    name = place.on_page(found)
    stays = not known and _says_something_else(_at(words, name), name)
    return words if stays else _with(words, name)


def _end_of_text(lines: Sequence[Line]) -> float | None:
    """Where the last full line ends, as a share of the page."""
    full = [
        max(word.box[3] for word in line.words)
        for line in lines
        if line.right - line.left >= _FULL_LINE
        and np.mean([word.confidence for word in line.words]) >= _SURE_LINE
    ]
    return max(full, default=None)


class _Foot:
    """The part of the page where the name is looked for."""

    def __init__(self, top: float, flat: Pixels, dpi: int) -> None:
        self.height, self.width = flat.shape
        self.top, self.left = int(top * self.height) + dpi // 50, int(_LEFT * self.width)
        self.black = black_of(flat)
        self.part = flat[self.top : self.top + int(_FOOT_INCHES * dpi), self.left :]
        self.dpi = dpi

    def is_crowded(self) -> bool:
        """Whether there is more than nothing or a pen's stroke."""
        if min(self.part.shape) < self.dpi // 4:
            return False
        ink = (self.part < self.black + 0.5 * (255 - self.black)).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
        height = stats[1:, cv2.CC_STAT_HEIGHT]
        return int(((height > self.dpi * 0.04) & (height < self.dpi * 0.3)).sum()) >= _LEAST_PIECES

    def enlarged(self) -> Pixels:
        """The part as it is read."""
        return to_dpi(self.part, self.dpi, _DPI)

    def on_page(self, words: Iterable[Word]) -> list[Word]:
        """With places on the page instead of in the part."""
        high, wide = self.part.shape

        def across(share: float) -> float:
            return (self.left + share * wide) / self.width

        def down(share: float) -> float:
            return (self.top + share * high) / self.height

        return [
            replace(w, box=(across(w.box[0]), down(w.box[1]), across(w.box[2]), down(w.box[3])))
            for w in words
        ]


def _read_foot(place: _Foot, read: Read) -> list[Word] | None:
    """The name most readings agree on, those first that are names as many people bear them."""
    part = place.enlarged()
    readings: dict[str, list[Word]] = {}
    votes: defaultdict[str, float] = defaultdict(float)
    for picture in darkest_of(part, place.black):
        for name in _names_in(read(picture, _DPI)):
            text = _text(name)
            readings.setdefault(text, name)
            votes[text] += min(word.confidence for word in name)
            if is_common(text) and votes[text] >= _AGREED:
                return name
    best = max(votes, key=lambda text: (is_common(text), votes[text]), default=None)
    return readings[best] if best else None


def _names_in(words: list[Word]) -> list[list[Word]]:
    """The longest name of each line that has one."""
    found = []
    for line in page_lines(1, words):
        bare = [replace(word, text=word.text.strip(_MARKS)) for word in line.words]
        runs = [
            bare[start:end]
            for start in range(len(bare))
            for end in range(start + FEWEST, min(start + MOST, len(bare)) + 1)
            if is_name([word.text for word in bare[start:end]])
        ]
        if runs:
            found.append(max(runs, key=len))
    return found


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _says_something_else(there: list[Word], name: list[Word]) -> bool:
    """Whether the page was surely read there, each word of it, and not as this name."""
    are_sure = bool(there) and min(word.confidence for word in there) >= _BELIEVED
    return are_sure and [w.text.strip(_MARKS) for w in there] != [w.text for w in name]


def _at(words: list[Word], name: list[Word]) -> list[Word]:
    """What was read where the name stands."""
    left, top = min(w.box[0] for w in name), min(w.box[1] for w in name)
    right, bottom = max(w.box[2] for w in name), max(w.box[3] for w in name)

    def is_there(word: Word) -> bool:
        across, down = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
        return left <= across <= right and top <= down <= bottom

    return [word for word in words if is_there(word)]


def _with(words: list[Word], name: list[Word]) -> list[Word]:
    """The name in a line of its own at the end, instead of what was read in its place."""
    gone = {id(word) for word in _at(words, name)}
    line = max((word.line for word in words), default=-1) + 1
    block = max((word.block for word in words), default=-1) + 1
    kept = [word for word in words if id(word) not in gone]
    return kept + [
        replace(w, line=line, block=block, confidence=min(w.confidence, _UNSURE)) for w in name
    ]
