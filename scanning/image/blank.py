"""Tells an empty side from one that bears as little as a page number, a signature or a stamp."""

from dataclasses import dataclass

import cv2
import numpy as np

from scanning.image.light import flatten
from scanning.image.resize import to_dpi
from scanning.page import Pixels

_DPI = 150  # the digit of a small page number is eleven dots high
_MM = _DPI / 25.4
_INK, _FAINT = 170, 205  # of 255 for the paper; grain and the yellow of age are lighter
_STRONG = 130  # what shows through ordinary paper is lighter, ink and stamps have something darker
_BLACK = 100
_PRINTED = 0.005  # so much black is no blank page whatever its shape
_SPECK = 7  # dots in length; grains of glass and toner have up to four
_SPECK_AREA = 12
_FAINT_AREA = 130  # two letters in pencil; a smudge is smaller
_EDGE_MM = 8  # what grows from the edge so far inwards is the lid, a shadow or a torn rim
_LETTER_MM, _CUT_LETTERS = (1.2, 10), 5
_SMALLER = 2
_SHIFT = 12  # dots at half the size, 4 mm: so far front and back may lie apart
_COVERED = 0.85  # of the faint marks; a note meets up to three quarters of a full page's lines


@dataclass(frozen=True)
class Trace:
    """The marks of a page as it lies in the file, kept small to be held against its other side."""

    is_marked: bool  # something is as dark as ink
    faint: Pixels | None  # marks that are not, where there are enough of them
    shadow: Pixels  # 1 wherever there is ink, at half the size

    @property
    def is_empty(self) -> bool:
        """Nothing at all stands on it."""
        return not self.is_marked and self.faint is None


def trace_of(pixels: Pixels, dpi: int) -> Trace:
    """Looks at the darkest colour of each dot, so that no stamp is lost whatever its ink."""
    small = to_dpi(pixels, dpi, _DPI)
    flat = flatten(small if small.ndim == 2 else _darkest_colour(small), _DPI)
    shadow = _smaller((flat < _INK).astype(np.uint8))
    band = round(_EDGE_MM * _MM)
    black = np.count_nonzero(flat[band:-band, band:-band] < _BLACK)
    if black > _PRINTED * flat.size or _is_marked(flat):
        return Trace(is_marked=True, faint=None, shadow=shadow)
    return Trace(is_marked=False, faint=_faint(flat), shadow=shadow)


def _darkest_colour(pixels: Pixels) -> Pixels:
    red, green, blue = cv2.split(pixels)
    return cv2.min(cv2.min(red, green), blue)


def _is_marked(flat: Pixels) -> bool:
    """Whether a piece of any size has something of the darkness of ink."""
    pieces = _pieces(_without_edges((flat < _INK).astype(np.uint8)))
    return bool((flat[pieces] < _STRONG).any())


def _faint(flat: Pixels) -> Pixels | None:
    soft = cv2.GaussianBlur(flat, (0, 0), 1.5)
    pieces = _pieces(_without_edges((soft < _FAINT).astype(np.uint8)))
    return _smaller(pieces.astype(np.uint8)) if int(pieces.sum()) >= _FAINT_AREA else None


def shows_through(back: Trace, front: Trace) -> bool:
    """Whether the faint marks of one side are the ink of the other, seen from behind."""
    if back.faint is None or back.is_marked:
        return False
    return any(_covered(back.faint, cv2.flip(front.shadow, way)) >= _COVERED for way in (1, 0))


def _covered(faint: Pixels, behind: Pixels) -> float:
    """The share of the faint marks over ink, where the two sides fit best."""
    height, width = faint.shape
    ink = cv2.dilate(cv2.resize(behind, (width, height)), np.ones((3, 3), np.uint8))
    room = cv2.copyMakeBorder(ink, *(_SHIFT,) * 4, cv2.BORDER_CONSTANT, value=0)
    fits = cv2.matchTemplate(room.astype(np.float32), faint.astype(np.float32), cv2.TM_CCORR)
    return float(fits.max()) / max(1, int(faint.sum()))


def _without_edges(ink: Pixels) -> Pixels:
    """Without what grows in from the edges; a stamp over two sheets reaches further in."""
    band = round(_EDGE_MM * _MM)
    if min(ink.shape) < 4 * band:  # a cutting, of which the edges are half
        return ink
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    rims = np.zeros(count, bool)
    for rim in (labels[:2], labels[-2:], labels[:, :2], labels[:, -2:]):
        rims[np.unique(rim)] = True
    rims[0] = False
    sizes = stats[:, 2:4] / _MM
    letters = rims & (sizes > _LETTER_MM[0]).all(axis=1) & (sizes < _LETTER_MM[1]).all(axis=1)
    if letters.sum() >= _CUT_LETTERS:  # a line of words that the edge has cut
        rims &= ~letters
    grown = rims[labels]
    grown[band:-band, band:-band] = False
    return np.where(grown, 0, ink).astype(np.uint8)


def _pieces(ink: Pixels) -> Pixels:
    """True where a piece lies that is no speck and no hole of a binder."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    kept = (np.maximum(stats[:, 2], stats[:, 3]) >= _SPECK) & (stats[:, 4] >= _SPECK_AREA)
    kept &= ~_holes(stats, labels.shape)
    kept[0] = False  # the paper
    pieces: Pixels = kept[labels]
    return pieces


def _holes(stats: Pixels, shape: tuple[int, ...]) -> Pixels:
    """Of a binder, seen dark: round, five to eight millimetres wide, near an edge or cut by it."""
    left, top, width, height, area = stats.T
    right, bottom = shape[1] - left - width, shape[0] - top - height
    edge = np.minimum(np.minimum(left, right), np.minimum(top, bottom)) / _MM
    fill, long = area / np.maximum(width * height, 1), np.maximum(width, height) / _MM
    is_round = (np.abs(width - height) <= 0.2 * height) & (np.abs(fill - 0.78) < 0.1)
    whole = is_round & (long >= 4.5) & (long <= 8.5) & (edge < 14)
    cut = (fill > 0.6) & (long >= 3) & (long <= 8.5) & (np.abs(edge - _EDGE_MM) < 0.5)
    holes: Pixels = whole | cut
    return holes


def _smaller(marks: Pixels) -> Pixels:
    """1 where any of the dots was."""
    height, width = marks.shape
    return cv2.resize(
        cv2.dilate(marks, np.ones((_SMALLER, _SMALLER), np.uint8)),
        (max(1, width // _SMALLER), max(1, height // _SMALLER)),
        interpolation=cv2.INTER_NEAREST,
    )
