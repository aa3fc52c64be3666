"""How large a picture is and how many pages it holds, before anything is unpacked."""

import functools
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageFile, UnidentifiedImageError

from scanning.errors import Refused
from scanning.settings import Limits

# Pillow's own bomb guard knows one number for all; every frame is judged by the site's limit.
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False

_PILLOW = {
    "jpeg": "JPEG",
    "png": "PNG",
    "tiff": "TIFF",
    "webp": "WEBP",
    "bmp": "BMP",
    "heic": "HEIF",
}
# What only whole pictures can be read from is refused where it would fill this while unpacked; JPEG
# shrinks on the way. A scan that weighs more has more than MAX_UPLOAD_MB: it is flat, or a trap.
_MOST_BYTES = 180_000_000
_BYTES_BY_FORMAT = {"WEBP": 15, "HEIF": 7, "BMP": 4}  # their decoders keep copies of their own
_BYTES_BY_MODE = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
_QUICK_PIXELS = 20_000_000  # unpacked in the quick check when no more than this: 60 MB, 0.2 s


def open_image(path: Path, kind: str) -> Image.Image:
    """The picture, not yet unpacked, read by the decoder of its kind only."""
    if kind == "heic":
        _learn_heic()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(
                path, formats=(_PILLOW[kind], "MPO") if kind == "jpeg" else (_PILLOW[kind],)
            )
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise Refused("damaged") from None


@functools.cache
def _learn_heic() -> None:
    import pi_heif  # noqa: PLC0415 - a third of the time of a quick check, and few send it

    pi_heif.register_heif_opener()


def check_image(path: Path, kind: str, limits: Limits) -> int:
    """Number of pages; refuses by the header what is too large, and what is plainly cut short."""
    with open_image(path, kind) as image:
        pages = frame_count(image)
        if pages > limits.pages:
            raise Refused("too_large")
        for number in range(pages):
            _check_frame(image, number, limits)
    return pages


def frame_count(image: Image.Image) -> int:
    """Pages of the picture; a phone's extra pictures inside a JPEG (MPO) or HEIC are not pages."""
    return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1


def _check_frame(image: Image.Image, number: int, limits: Limits) -> None:
    try:
        if number:
            image.seek(number)
        width, height = image.size
        if width * height > limits.image_pixels or _weight(image) > _MOST_BYTES:
            raise Refused("too_large")
        if number == 0:
            _check_data(image)
    except (OSError, ValueError, SyntaxError, EOFError, KeyError):
        raise Refused("damaged") from None


def _weight(image: Image.Image) -> int:
    """Bytes in memory of the unpacked picture."""
    if image.format in ("JPEG", "MPO"):
        return 0
    of_mode = _BYTES_BY_MODE.get(image.mode, 4)
    return image.width * image.height * _BYTES_BY_FORMAT.get(image.format or "", of_mode)


def _check_data(image: Image.Image) -> None:
    """Unpack the first page where that is quick: a broken upload is best said at once."""
    if image.format in ("JPEG", "MPO"):
        image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
        image.load()
    elif image.width * image.height <= _QUICK_PIXELS:
        image.copy().load()


def resolution_of(image: Image.Image) -> int | None:
    """Dots per inch the file claims, where the claim can be true of a paper."""
    claim: Any = image.info.get("dpi")
    try:
        dpi = round(min(float(claim[0]), float(claim[1])))
    except (TypeError, ValueError, IndexError, ZeroDivisionError, OverflowError):
        return None
    # 72 and 96 are what cameras and editors write when they know nothing.
    return dpi if 100 <= dpi <= 2400 else None
