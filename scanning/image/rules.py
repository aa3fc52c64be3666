"""Paints out the rules of tables; used only where the reader stumbles over them."""

import cv2
import numpy as np

from scanning.page import Pixels

# Pixels at 200 dots per inch.
_INK = 200
_LENGTH = 120
_MOST_THICK = 13
_GAP = 7  # worn rules have gaps
_BESIDE = 4  # ink so far to both sides of a rule is a stroke that crosses it


def without_rules(page: Pixels) -> Pixels:
    """The page without long thin lines; strokes of letters that cross one stay whole."""
    ink = (page < _INK).astype(np.uint8)
    rules = _lying(ink) | _lying(ink.T).T
    if not rules.any():
        return page
    cleaned = page.copy()
    cleaned[rules] = 255
    return cleaned


def _lying(ink: Pixels) -> Pixels:
    """Where lines lie flat and nothing crosses them."""
    ink = np.ascontiguousarray(ink)
    whole = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, _GAP), np.uint8))
    lines = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((1, _LENGTH), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    thin = stats[:, cv2.CC_STAT_HEIGHT] <= _MOST_THICK
    thin[0] = False
    rules = cv2.dilate(thin[labels].astype(np.uint8), np.ones((3, 1), np.uint8)) > 0
    crossing = np.ones_like(rules)
    for step in (_BESIDE, -_BESIDE):
        crossing &= (np.roll(ink, step, axis=0) > 0) & ~np.roll(rules, step, axis=0)
    lying: Pixels = rules & ~crossing
    return lying
