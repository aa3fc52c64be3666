"""Pages of every paper and look, each with its own lean, turn, font and size."""

import random
from collections.abc import Callable

from PIL import Image

from tests.drawing.copies import copied
from tests.drawing.pages import (
    PAPERS,
    DrawnPage,
    Sheet,
    photographed,
    to_bytes,
    worn,
)
from tests.drawing.papers import notice, roll

_PAPERS = {**PAPERS, "notice": notice, "roll": roll}
LOOKS: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "clean": lambda image, _: image,
    "worn": worn,
    "phone": photographed,
    "copied": copied,
}
_TURNED = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}


def mixed_page(seed: int, look: str) -> DrawnPage:
    """A page of its own for each seed; every fourth is of the same paper."""
    rng = random.Random(seed * 7919 + 13)  # noqa: S311 - the same page for the same seed
    dpi = rng.choice((200, 200, 300))
    sheet = Sheet(dpi=dpi, font=rng.randrange(3), point=rng.choice((12, 13, 13, 14)))
    fields = list(_PAPERS.values())[seed % 4](sheet, rng)
    image = sheet.image.rotate(rng.uniform(-2, 2), Image.Resampling.BICUBIC, fillcolor="white")
    image = LOOKS[look](image, rng)
    turn = rng.choice((0, 0, 0, 90, 180, 270))
    if turn:
        image = image.transpose(_TURNED[turn])
    form = "PNG" if image.mode == "1" else "JPEG"
    return DrawnPage(to_bytes(image, form, dpi), sheet.text, fields, image)
