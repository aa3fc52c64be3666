"""Unpacks pages of picture files: upright by their own note, on white, no larger than needed."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from scanning.errors import Refused
from scanning.image.header import frame_count, open_image, resolution_of
from scanning.page import Picture, Pixels

A4_INCHES = (8.27, 11.69)
MAX_DPI = 300  # more adds nothing to reading or to the archive but weight
_LEAST_DPI = 75
_MAX_PIXELS = 30_000_000  # an A3 page at 300 dpi is 17 million


class ImageSource:
    """The pages of one picture file; not for several threads at once."""

    def __init__(self, path: Path, kind: str) -> None:
        self.image = open_image(path, kind)
        self.pages = frame_count(self.image)
        self._path, self._kind = path, kind

    def load(self, number: int) -> Picture:
        """Page `number` (from 1); a page whose data is broken refuses the file."""
        # Opened anew: a draft or a turned frame must not leak into the next page.
        with open_image(self._path, self._kind) as image:
            try:
                if number > 1:
                    image.seek(number - 1)
                return _picture(image)
            except (OSError, ValueError, SyntaxError, EOFError, KeyError):
                raise Refused("damaged") from None


def _picture(image: Image.Image) -> Picture:
    dpi, source = guess_dpi(image)
    width, height = image.size
    shrink = max(1, int(min(dpi / MAX_DPI, max(width, height) / 1000)))
    while width * height / shrink**2 > _MAX_PIXELS:
        shrink += 1
    if shrink > 1 and image.format in ("JPEG", "MPO"):
        image.draft(None, (width // shrink, height // shrink))
    image.load()
    left = max(1, round(image.width / (width / shrink)))
    if left > 1:
        # Black and white, or colours by number, cannot be averaged as they are.
        image = _full(image).reduce(left)
    dpi = max(1, round(dpi * image.width / width))
    ImageOps.exif_transpose(image, in_place=True)
    return Picture(_pixels(image), dpi, source)


def guess_dpi(image: Image.Image) -> tuple[int, str]:
    """What the file says if it can be true; else as if an A4 sheet filled the picture."""
    claim = resolution_of(image)
    long, short = max(image.size), min(image.size)
    if claim and 2.5 <= long / claim <= 50:
        return claim, "file"
    if abs(long / short - A4_INCHES[1] / A4_INCHES[0]) < 0.02:
        return max(1, round(long / A4_INCHES[1])), "page_size"
    # The sheet lies inside the picture, so both sides must hold it.
    # A small picture is part of a sheet rather than a whole one.
    return max(_LEAST_DPI, round(min(long / A4_INCHES[1], short / A4_INCHES[0]))), "assumed"


def _full(image: Image.Image) -> Image.Image:
    """Bits and palettes as grey or colours; what is transparent stays so."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("P", "PA"):
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    return image


def _pixels(image: Image.Image) -> Pixels:
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return np.asarray(image)
    if image.mode == "1":
        return np.asarray(image.convert("L"))
    if image.mode.startswith(("I", "F")):
        return _squeeze(np.asarray(image))
    if "A" in image.getbands() or "transparency" in image.info:
        layered = image.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return np.asarray(Image.alpha_composite(white, layered).convert("RGB"))
    return np.asarray(image.convert("RGB"))


def _squeeze(deep: np.ndarray) -> Pixels:
    """Grey of more than eight bits to eight, from darkest to lightest."""
    low, high = float(deep.min()), float(deep.max())
    return ((deep - low) * (255.0 / max(1.0, high - low))).astype(np.uint8)
