"""Goes through a picture strip by strip, so that no second whole copy of it lies in memory."""

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from scanning.page import Pixels

_STRIP_PIXELS = 2_000_000

Flat = Callable[[Image.Image], np.ndarray]


def pixels_of(image: Image.Image, by: int = 1) -> Pixels:
    """Grey or colours of eight bits at a `by`-th of the size, on white where it is transparent."""
    flat = _flat_of(image)
    pixels: np.ndarray | None = None
    for top, strip in _strips(image, by):
        whole = _full(strip)
        part = flat(whole.reduce(by) if by > 1 else whole)
        if pixels is None:
            pixels = np.empty((-(-image.height // by), *part.shape[1:]), np.uint8)
        pixels[top // by : top // by + len(part)] = part
    assert pixels is not None
    return pixels


def _strips(image: Image.Image, step: int) -> Iterator[tuple[int, Image.Image]]:
    """Strips from top to bottom, each with the row where it begins: a multiple of `step`."""
    rows = max(1, _STRIP_PIXELS // max(1, image.width) // step) * step
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(image.height, top + rows)))


def _full(image: Image.Image) -> Image.Image:
    """What cannot be averaged as it is, made so that it can: bits, and colours by number."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("P", "PA"):
        return image.convert("RGBA" if _is_clear(image) else "RGB")
    return image.convert("I") if image.mode.startswith("I;") else image


def _flat_of(image: Image.Image) -> Flat:
    """How a strip of such a picture becomes grey or colours."""
    if image.mode.startswith(("I", "F")):
        return _squeezed(image)
    if _is_clear(image):
        return _on_white
    if image.mode in ("1", "L", "P", "RGB"):
        return np.asarray
    return lambda strip: np.asarray(strip.convert("RGB"))


def _is_clear(image: Image.Image) -> bool:
    return "transparency" in image.info or "A" in image.getbands()


def _squeezed(image: Image.Image) -> Flat:
    """Grey of more than eight bits to eight, from darkest to lightest of the whole picture."""
    strips = (np.asarray(_full(strip)) for _, strip in _strips(image, 1))
    ends = [(float(strip.min()), float(strip.max())) for strip in strips]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    factor = 255.0 / max(1.0, high - low)
    return lambda strip: ((np.asarray(strip) - low) * factor).astype(np.uint8)


def _on_white(strip: Image.Image) -> np.ndarray:
    layered = strip.convert("RGBA")
    white = Image.new("RGBA", layered.size, "white")
    return np.asarray(Image.alpha_composite(white, layered).convert("RGB"))
