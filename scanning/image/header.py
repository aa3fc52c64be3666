"""How large a picture is and how many pages it holds, before anything is unpacked."""

import functools
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageFile, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import ROWSPERSTRIP, TiffImageFile

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
# What only comes whole is refused where it would fill more than this while unpacked: a sheet of A3
# in colours at 600 dpi fills 280 MB, a telephone's photograph of 50 megapixels in HEIC 350.
_MOST_BYTES = 360_000_000
# One that fills more than this must have a byte for so many pixels: paper has a grain. Of one
# colour it is empty, or a trap.
_LARGE_BYTES, _MOST_FOLDED = 180_000_000, 250
_QUICK_BYTES = 100_000_000  # of a JPEG in passes: the quick check has no room for more
_BYTES_BY_FORMAT = {"WEBP": 15, "HEIF": 7, "BMP": 4}  # their decoders keep copies of their own
_BYTES_BY_MODE = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
_TILE_WIDTH = 322  # the number of its note in a TIFF
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
        # The decoder of WebP takes room for the whole picture at once, and tells no more.
        is_vast = kind == "webp" and _pixels_of_webp(path) * _BYTES_BY_FORMAT["WEBP"] > _MOST_BYTES
        raise Refused("too_large" if is_vast else "damaged") from None


def _pixels_of_webp(path: Path) -> int:
    """What the head of a WebP promises, in each of its three ways; 0 where it says nothing."""
    with path.open("rb") as file:
        head = file.read(30).ljust(30, b"\0")
    if head[12:16] == b"VP8X":
        return (_number(head[24:27]) + 1) * (_number(head[27:30]) + 1)
    if head[12:16] == b"VP8L":
        sides = _number(head[21:25])
        return ((sides & 0x3FFF) + 1) * ((sides >> 14 & 0x3FFF) + 1)
    if head[12:16] == b"VP8 ":
        return (_number(head[26:28]) & 0x3FFF) * (_number(head[28:30]) & 0x3FFF)
    return 0


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")


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
        size = path.stat().st_size
        for number in range(pages):
            _check_frame(image, number, size, limits)
    return pages


def is_large(image: Image.Image) -> bool:
    """Whether unpacking it takes more than a page otherwise may."""
    return _weight(image) > _LARGE_BYTES


def frame_count(image: Image.Image) -> int:
    """Pages of the picture; a phone's extra pictures inside a JPEG (MPO) or HEIC are not pages."""
    return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1


def _check_frame(image: Image.Image, number: int, size: int, limits: Limits) -> None:
    try:
        if number:
            image.seek(number)
        width, height = image.size
        weight = _weight(image)
        is_flat = weight > _LARGE_BYTES and width * height > size * _MOST_FOLDED
        if width * height > limits.image_pixels or weight > _MOST_BYTES or is_flat:
            raise Refused("too_large")
        if number == 0:
            _check_data(image)
    except (OSError, ValueError, SyntaxError, EOFError, KeyError):
        raise Refused("damaged") from None


def _weight(image: Image.Image) -> int:
    """Bytes in memory of the picture while it is unpacked, its decoder's copies with it."""
    pixels = image.width * image.height
    if isinstance(image, JpegImageFile):
        return _weight_of_passes(image)
    each = _BYTES_BY_FORMAT.get(image.format or "", _BYTES_BY_MODE.get(image.mode, 4))
    return pixels * each + _strip_of(image, each)


def _weight_of_passes(image: JpegImageFile) -> int:
    """A JPEG shrinks on the way, but one that comes in passes is kept whole until the last."""
    if not image.info.get("progressive"):
        return 0
    samples = [across * down for _, across, down, _ in image.layer]
    return 2 * image.width * image.height * sum(samples) // max(1, *samples)


def _strip_of(image: Image.Image, each: int) -> int:
    """What a TIFF unpacks beside the picture: some scanners write it in one strip."""
    if not isinstance(image, TiffImageFile) or _TILE_WIDTH in image.tag_v2:
        return 0
    rows = image.tag_v2.get(ROWSPERSTRIP)
    pixels = image.width * min(rows if isinstance(rows, int) else image.height, image.height)
    return pixels // 8 if image.mode == "1" else pixels * each


def _check_data(image: Image.Image) -> None:
    """Unpack the first page where that is quick: a broken upload is best said at once."""
    if isinstance(image, JpegImageFile):
        if _weight(image) > _QUICK_BYTES:
            return
        image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
        image.load()
    elif image.width * image.height <= _QUICK_PIXELS and not is_large(image):
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
