"""Gives pages of one bit a pixel the soft edges on which the reader was taught."""

import cv2
import numpy as np

from scanning.page import Pixels

_SPREAD = 0.75  # pixels at 200 dots per inch: closes broken hair lines, keeps the eyes of letters
_FEW_GREYS = 0.005


def is_hard(pixels: Pixels) -> bool:
    """Whether a page as its file shows it knows black and white only."""
    sample = pixels[::3, ::3]
    greys: np.floating = ((sample > 40) & (sample < 215)).mean()
    return bool(greys < _FEW_GREYS)


def soften(page: Pixels) -> Pixels:
    """The page, a little blurred; one that was soft already reads worse for it."""
    return cv2.GaussianBlur(page, (0, 0), _SPREAD)
