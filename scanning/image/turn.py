"""Turns a page by quarters and by a few degrees."""

import cv2

from scanning.page import Pixels

_QUARTERS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

_NOT_WORTH = 0.15  # degrees that neither eye nor reader sees; drawing anew would only soften


def turn_quarters(pixels: Pixels, degrees: int) -> Pixels:
    """Turn clockwise by 0, 90, 180 or 270 degrees, without loss."""
    return cv2.rotate(pixels, _QUARTERS[degrees]) if degrees else pixels


def straighten(pixels: Pixels, degrees: float) -> Pixels:
    """Turn counter-clockwise by a small angle; the corners that open are painted white."""
    if abs(degrees) < _NOT_WORTH:
        return pixels
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(
        pixels,
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255,) * 3,
    )
