"""An agency's seal as it is pressed over a name, and the stroke of a pen across it."""

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFont

AGENCIES = ("ỦY BAN NHÂN DÂN", "SỞ XÂY DỰNG", "TRUNG TÂM HÀNH CHÍNH CÔNG", "SỞ TƯ PHÁP")
PLACES = ("TỈNH THỬ NGHIỆM", "H. MINH HỌA", "X. MẪU SƠN", "TỈNH")
_RED, _BLUE = (205, 45, 50), (40, 45, 120)


def stamped(
    image: Image.Image, centre: tuple[int, int], radius: int, font: str, rng: random.Random
) -> Image.Image:
    """Two rings, words around, a star, all a little turned; ink over ink is darker."""
    seal = Image.new("RGB", (4 * radius, 4 * radius), "white")
    pen, middle = ImageDraw.Draw(seal), 2 * radius
    for share, width in ((1.0, 0.06), (0.9, 0.025), (0.55, 0.02)):
        r = radius * share
        box = (middle - r, middle - r, middle + r, middle + r)
        pen.ellipse(box, outline=_RED, width=max(1, round(radius * width)))
    letters = ImageFont.truetype(font, max(8, round(radius * 0.22)))
    _around(seal, rng.choice(AGENCIES), letters, radius * 0.73, over=True)
    _around(seal, rng.choice(PLACES), letters, radius * 0.73, over=False)
    star = [
        (
            middle + math.sin(corner * math.pi / 5) * radius * (0.34, 0.14)[corner % 2],
            middle - math.cos(corner * math.pi / 5) * radius * (0.34, 0.14)[corner % 2],
        )
        for corner in range(10)
    ]
    pen.polygon(star, fill=_RED)
    seal = seal.rotate(rng.uniform(-15, 15), Image.Resampling.BICUBIC, fillcolor="white")
    sheet = Image.new("RGB", image.size, "white")
    sheet.paste(seal, (centre[0] - middle, centre[1] - middle))
    return ImageChops.multiply(image.convert("RGB"), sheet)


def _around(
    seal: Image.Image, words: str, letters: ImageFont.FreeTypeFont, radius: float, *, over: bool
) -> None:
    middle = seal.width // 2
    step = 2 * math.pi * (0.55 if over else 0.3) / max(8, len(words))
    for place, letter in enumerate(words):
        angle = (place - (len(words) - 1) / 2) * step
        tile = Image.new("RGB", (letters.size * 2,) * 2, "white")  # type: ignore[operator]
        ImageDraw.Draw(tile).text(
            (tile.width / 2, tile.height / 2), letter, _RED, letters, anchor="mm"
        )
        turn = -math.degrees(angle) if over else math.degrees(angle)
        tile = tile.rotate(turn, Image.Resampling.BICUBIC, fillcolor="white")
        x = middle + math.sin(angle) * radius
        y = middle - math.cos(angle) * radius if over else middle + math.cos(angle) * radius
        at = (round(x - tile.width / 2), round(y - tile.height / 2))
        under = seal.crop((*at, at[0] + tile.width, at[1] + tile.height))
        seal.paste(ImageChops.multiply(under, tile), at)


def signed(
    image: Image.Image, start: tuple[int, int], length: int, rng: random.Random
) -> Image.Image:
    """A pen's loops, which cross the seal and often the name."""
    pen = ImageDraw.Draw(image)
    points, height = [], length * rng.uniform(0.15, 0.3)
    waves, tilt = rng.uniform(1.5, 3.5), rng.uniform(-0.3, 0.1)
    for step in range(80):
        share = step / 79
        points.append(
            (
                start[0] + share * length + math.sin(share * waves * 7) * length * 0.06,
                start[1]
                + math.sin(share * waves * 2 * math.pi) * height * (1 - share)
                + share * tilt * length,
            )
        )
    pen.line(points, fill=_BLUE, width=max(2, length // 90), joint="curve")
    return image
