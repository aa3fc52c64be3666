"""Evens out the light: red seals vanish, shadows and yellow paper become white."""

import cv2
import numpy as np

from scanning.page import Pixels


def grey_of(pixels: Pixels) -> Pixels:
    """The red channel: red seals over the text are white in it, blue and black ink stay."""
    return pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[:, :, 0])


def flatten(grey: Pixels, dpi: int) -> Pixels:
    """Divide by the paper behind the ink, found as the local maximum at about 25 dots per inch."""
    height, width = grey.shape
    scale = min(1.0, 25 / dpi)
    small = cv2.resize(
        grey,
        (max(1, round(width * scale)), max(1, round(height * scale))),
        interpolation=cv2.INTER_AREA,
    )
    # A quarter of an inch is wider than any stroke, so the maximum is paper; the blur smooths it.
    paper = cv2.dilate(small, np.ones((7, 7), np.uint8))
    paper = cv2.GaussianBlur(cv2.medianBlur(paper, 7), (0, 0), 3)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(grey, np.maximum(paper, 1), scale=255)


def cut_faint(flat: Pixels) -> Pixels:
    """Make what is nearly paper fully white: grain, creases and the other side showing through."""
    return cv2.LUT(flat, _CURVE)


# Below 40 % all black, above 85 % all white: ink of worn copies lies between.
_CURVE = np.clip((np.arange(256) - 0.25 * 255) * (255 / (0.60 * 255)), 0, 255).astype(np.uint8)
