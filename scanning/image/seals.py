"""Paints out the rings of seals that a copy shows as dark as the words under them."""

import cv2
import numpy as np

from scanning.page import Pixels

_DPI = 200
_SCALE = 0.375  # circles are looked for at 75 dots per inch
# Agencies' seals are 30 to 42 mm wide; their inner rings are smaller and stay.
_RADII_MM = (13, 22)
_DIRECTIONS = 90
_WHOLE, _STILL_RING = 54, 40  # of the directions in which ink stands at a ring's distance
_THICKEST = 12
# Lines of words have ink in most directions too, but at every distance alike.
_BESIDE, _CONTRAST = 6, 1.6
_MOST = 3


def without_rings(page: Pixels) -> Pixels:
    """The page without them; a circle counts as a ring where most of its way is ink."""
    small = cv2.resize(255 - page, None, fx=_SCALE, fy=_SCALE, interpolation=cv2.INTER_AREA)
    least, most = (round(radius / 25.4 * _DPI * _SCALE) for radius in _RADII_MM)
    circles = cv2.HoughCircles(
        cv2.GaussianBlur(small, (0, 0), 1),
        cv2.HOUGH_GRADIENT,
        dp=1.5,
        minDist=60,
        param1=120,
        param2=40,
        minRadius=least,
        maxRadius=most,
    )
    if circles is None:
        return page
    cleaned = page.copy()
    found = [_paint_out(cleaned, *map(float, circle)) for circle in circles[0][:_MOST] / _SCALE]
    return cleaned if any(found) else page


def _paint_out(page: Pixels, column: float, row: float, radius: float) -> bool:
    """Whether there was a ring."""
    reach = int(radius + _THICKEST + 3)
    top, left = max(0, int(row) - reach), max(0, int(column) - reach)
    part = page[top : int(row) + reach, left : int(column) + reach]
    rows, columns = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
    far = np.hypot(rows - row, columns - column)
    turn = (np.arctan2(rows - row, columns - column) + np.pi) / (2 * np.pi)
    direction = (turn * _DIRECTIONS).astype(int) % _DIRECTIONS
    ink = part < 160

    def inked(at: float, within: float) -> int:
        """In how many directions there is ink at a distance."""
        return int(np.unique(direction[ink & (np.abs(far - at) <= within)]).size)

    tried = np.arange(radius - 8, radius + 8.1, 1)
    best = max(tried, key=lambda at: inked(float(at), 1.5))
    inner = outer = float(best)
    while outer < best + _THICKEST and inked(outer + 1, 0.7) >= _STILL_RING:
        outer += 1
    while inner > best - _THICKEST and inked(inner - 1, 0.7) >= _STILL_RING:
        inner -= 1
    beside = (inked(inner - _BESIDE, 0.7) + inked(outer + _BESIDE, 0.7)) / 2
    is_ring = inked(float(best), 0.7) >= max(_WHOLE, _CONTRAST * beside)
    if is_ring:
        part[(far >= inner - 1.5) & (far <= outer + 1.5)] = 255
    return is_ring
