"""Spoils a drawn page as an old copier does: black and white, thin strokes, grains, black edges."""

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter


def copied(image: Image.Image, rng: random.Random) -> Image.Image:
    """One bit a pixel. Each copy is thinner or fatter, grainier or cleaner than the next."""
    grey = image.convert("L").filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.0)))
    grey = ImageChops.add(grey, _toner(image.size, rng))
    grey = _grained(grey, rng, rng.uniform(0, 1e-3))
    level = rng.randint(95, 175)  # low loses hair lines, high closes the eyes of letters
    page = grey.point(lambda value: 255 if value > level else 0)
    _edges(page, rng)
    if rng.random() < 0.5:
        _holes(page, rng)
    return page.convert("1")


def _toner(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """Where the drum gives less ink: stripes and a corner paler than the rest."""
    width, height = size
    pale = Image.new("L", (16, 16), 0)
    pen = ImageDraw.Draw(pale)
    for _ in range(rng.randint(0, 3)):
        x, y = rng.randrange(16), rng.randrange(16)
        pen.rectangle(
            (x, y, x + rng.randint(1, 4), y + rng.randint(1, 4)), fill=rng.randint(10, 60)
        )
    return pale.resize((width, height), Image.Resampling.BICUBIC)


def _grained(page: Image.Image, rng: random.Random, share: float) -> Image.Image:
    """Black grains of one to five pixels on the glass."""
    pen = ImageDraw.Draw(page)
    for _ in range(int(share * page.width * page.height / 6)):
        x, y = rng.randrange(page.width), rng.randrange(page.height)
        size = rng.choice((0, 0, 1, 1, 2, 3)) * page.width / 1654
        pen.ellipse((x, y, x + size, y + rng.choice((size, size / 2))), fill=0)
    return page


def _edges(page: Image.Image, rng: random.Random) -> None:
    """The lid, seen around a sheet that was not laid straight."""
    pen, (width, height) = ImageDraw.Draw(page), page.size
    depth = rng.uniform(0, 0.02) * width
    wave, start = rng.uniform(2, 5), rng.random() * 6
    for x in range(width):
        edge = depth * (1 + 0.5 * math.sin(start + wave * x / width * 6))
        pen.line((x, 0, x, edge), fill=0)
        pen.line((x, height - edge, x, height), fill=0)
    for y in range(height):
        edge = depth * (1 + 0.6 * math.sin(start + wave * y / height * 5))
        pen.line((0, y, edge, y), fill=0)


def _holes(page: Image.Image, rng: random.Random) -> None:
    """Two holes of a ring binder, seen black."""
    pen, radius = ImageDraw.Draw(page), page.width * 3 / 210
    x = page.width * rng.uniform(0.03, 0.06)
    for share in (0.36, 0.64):
        y = page.height * share
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
