"""Writes pictures: JPEG for the archive, small WebP for screens, raw grey for the reader."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from scanning.image.resize import to_dpi
from scanning.page import Pixels

_JPEG_QUALITY = 55  # measured at 300 dpi: smaller than what OCRmyPDF keeps, letters without halos
_SCREEN_DPI = 150
_THUMB_WIDTH = 240
_COLOUR = 24  # difference between channels that counts as colour
_COLOURED_SHARE = 0.002  # a seal is about one per cent of a page


def without_false_colour(pixels: Pixels) -> Pixels:
    """Grey where the page has no colour worth keeping: a third less to store."""
    if pixels.ndim == 2:
        return pixels
    sample = pixels[::6, ::6].astype(np.int16)
    spread = sample.max(axis=2) - sample.min(axis=2)
    spread -= np.int16(np.median(spread))  # yellow paper alone is no colour
    coloured = float((spread > _COLOUR).mean())
    return pixels if coloured > _COLOURED_SHARE else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)


def write_jpeg(path: Path, pixels: Pixels) -> None:
    """The archival picture."""
    image = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(
        ".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    )
    if not done:
        raise OSError("the picture could not be encoded")
    path.write_bytes(data.tobytes())


def read_jpeg(path: Path) -> Pixels:
    """What `write_jpeg` wrote, in the grey that shows no red."""
    with Image.open(path) as image:
        return np.asarray(image if image.mode == "L" else image.getchannel(0))


def write_screen(path: Path, thumb: Path, pixels: Pixels, dpi: int) -> None:
    """The page as a viewer shows it, and its thumbnail."""
    screen = to_dpi(pixels, dpi, min(dpi, _SCREEN_DPI))
    # Method 1 costs a fifth of the default's time for a tenth more bytes.
    Image.fromarray(screen).save(path, "WEBP", quality=70, method=1)
    height, width = screen.shape[:2]
    size = (_THUMB_WIDTH, max(1, round(height * _THUMB_WIDTH / width)))
    Image.fromarray(cv2.resize(screen, size, interpolation=cv2.INTER_AREA)).save(
        thumb, "WEBP", quality=60, method=1
    )


def write_grey(path: Path, grey: Pixels) -> None:
    """For Tesseract: an uncompressed grey TIFF is what it opens fastest."""
    Image.fromarray(grey).save(path, "TIFF", compression="raw")


def read_grey(path: Path) -> Pixels:
    """What `write_grey` wrote."""
    with Image.open(path) as image:
        return np.asarray(image)
