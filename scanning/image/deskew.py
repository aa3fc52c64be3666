"""How far the lines lean: the angle at which they fall into the sharpest rows."""

import cv2
import numpy as np

from scanning.page import Pixels

_REACH = 8.0  # degrees to either side; Tesseract loses paragraphs from 2.5
_POINTS = 40_000  # a page has about 60,000 pixels of ink at 100 dots per inch


def skew_of(mask: Pixels) -> tuple[float, float]:
    """Degrees to turn counter-clockwise so that lines lie straight, and how sharp they are then."""
    places = cv2.findNonZero(mask)
    if places is None or len(places) < 300:
        return 0.0, 0.0
    step = max(1, len(places) // _POINTS)
    x, y = places.reshape(-1, 2)[::step].T.astype(np.float32)
    best = _sharpest(y, x, np.arange(-_REACH, _REACH + 0.01, 0.5))
    best = _sharpest(y, x, best + np.arange(-0.5, 0.51, 0.1))
    best = _sharpest(y, x, best + np.arange(-0.1, 0.11, 0.02))
    return round(best, 2), _sharpness(y, x, best)


def _sharpest(y: np.ndarray, x: np.ndarray, angles: np.ndarray) -> float:
    return float(max(angles, key=lambda angle: _sharpness(y, x, float(angle))))


def _sharpness(y: np.ndarray, x: np.ndarray, angle: float) -> float:
    """How strongly ink gathers in rows when the page is turned by `angle`."""
    turn = np.deg2rad(angle)
    rows = (y * np.cos(turn) - x * np.sin(turn)).astype(np.int32)
    profile = np.bincount(rows - rows.min()).astype(np.float64)
    return float(np.square(np.diff(profile)).sum())
