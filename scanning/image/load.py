"""Unpacks pages of picture files: upright by their own note, on white, no larger than needed."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.ExifTags import Base

from scanning.errors import Refused
from scanning.image.header import frame_count, is_large, open_image, resolution_of
from scanning.image.strips import pixels_of
from scanning.page import Picture, Pixels

A4_INCHES = (8.27, 11.69)
MAX_DPI = 300  # more adds nothing to reading or to the archive but weight
_LEAST_DPI = 75
_MAX_PIXELS = 25_000_000  # an A3 page at 300 dpi is 17 million, a telephone's photo often 24
# How the camera was held, by the numbers of EXIF. Turned only here, when the file is closed again:
# a second picture of four bytes a pixel would cost more than all the rest.
_TURNS: dict[int, Callable[[Pixels], Pixels]] = {
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels.swapaxes(0, 1), 2),
    8: np.rot90,
}


class ImageSource:
    """The pages of one picture file; not for several threads at once."""

    def __init__(self, path: Path, kind: str) -> None:
        with open_image(path, kind) as image:  # some decoders hold the whole picture while open
            self.pages = frame_count(image)
        self._path, self._kind = path, kind

    def load(self, number: int) -> Picture:
        """Page `number` (from 1); a page whose data is broken refuses the file."""
        picture, note = self._unpack(number)
        turn = _TURNS.get(note)
        if turn is None:
            return picture
        return replace(picture, pixels=np.ascontiguousarray(turn(picture.pixels)))

    def _unpack(self, number: int) -> tuple[Picture, int]:
        """The page as it lies, and how the camera was held."""
        # Opened anew: a draft or a turned frame must not leak into the next page.
        with open_image(self._path, self._kind) as image:
            try:
                if number > 1:
                    image.seek(number - 1)
                with _room_for(image):
                    return _picture(image), int(image.getexif().get(Base.Orientation, 1))
            except (OSError, ValueError, TypeError, SyntaxError, EOFError, KeyError):
                raise Refused("damaged") from None


@contextmanager
def _room_for(image: Image.Image) -> Iterator[None]:
    """Memory up to the hard limit while a large picture is unpacked; drawings never get it."""
    least, most = resource.getrlimit(resource.RLIMIT_DATA)
    if is_large(image):
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (least, most))


def _picture(image: Image.Image) -> Picture:
    """The page as it lies in the file, shrunk while it is unpacked where that is possible."""
    dpi, source = guess_dpi(image)
    width, height = image.size
    shrink = max(1, int(min(dpi / MAX_DPI, max(width, height) / 1000)))
    while width * height / shrink**2 > _MAX_PIXELS:
        shrink += 1
    if shrink > 1 and image.format in ("JPEG", "MPO"):
        image.draft(None, (width // shrink, height // shrink))
    image.load()
    left = max(1, round(image.width / (width / shrink)))
    pixels = pixels_of(image, left)
    return Picture(pixels, max(1, round(dpi * pixels.shape[1] / width)), source)


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
