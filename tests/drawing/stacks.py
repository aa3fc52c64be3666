"""Draws stacks of paper: separator sheets, backs with nothing or little on them."""

import io
import random

import segno
from PIL import Image, ImageChops, ImageFilter, ImageOps

from scanning.separators import A4_MM, CODE_MM, SQUARE_MM, TITLE, Target, payload_of, squares_mm
from tests.drawing.pages import SENTENCES, Sheet


def separator(
    target: Target | None = None,
    *,
    dpi: int = 150,
    code: bool = True,
    squares: bool = True,
    words: bool = True,
) -> Image.Image:
    """The sheet as the portal prints it, or with a part of it lost."""
    sheet = Sheet(dpi=dpi, size_mm=A4_MM)
    if squares:
        for left, top in squares_mm():
            corner = (sheet.mm(left), sheet.mm(top))
            size = sheet.mm(SQUARE_MM)
            sheet.pen.rectangle((*corner, corner[0] + size, corner[1] + size), fill="black")
    if words:
        sheet.y = sheet.mm(32)
        sheet.line(TITLE, bold=True, centre=True, point=30)
        sheet.line("Đặt tờ này lên trên giấy tờ ghi dưới đây rồi quét cùng.", centre=True)
    if code:
        side = sheet.mm(CODE_MM)
        sheet.paste(square(payload_of(target or Target()), side), (A4_MM[0] - CODE_MM) / 2, 75)
    return sheet.image


def square(text: str, side: int) -> Image.Image:
    """A QR code, so many dots wide."""
    file = io.BytesIO()
    segno.make(text, error="h", micro=False).save(file, kind="png", scale=4, border=4)
    return Image.open(file).convert("RGB").resize((side, side), Image.Resampling.NEAREST)


def titled(title: str, *more: str, seed: int = 0, dpi: int = 150, lines: int = 4) -> Image.Image:
    """The first page of a paper."""
    rng = random.Random(seed)  # noqa: S311 - the same page for the same seed
    sheet = Sheet(dpi=dpi, font=seed % 3)
    sheet.line(title, bold=True, centre=True, point=16)
    for line in more:
        sheet.line(line, bold=True, centre=True)
    sheet.gap()
    for sentence in rng.sample(SENTENCES, lines):
        sheet.paragraph(sentence)
    return sheet.image


def following(seed: int = 0, *, dpi: int = 150) -> Image.Image:
    """A page that goes on with the paper before it."""
    rng = random.Random(seed)  # noqa: S311 - the same page for the same seed
    sheet = Sheet(dpi=dpi, font=seed % 3)
    for sentence in rng.sample(SENTENCES, 5):
        sheet.paragraph(sentence)
    return sheet.image


def blank(dpi: int = 150) -> Image.Image:
    """An empty side."""
    return Sheet(dpi=dpi).image


def seen_through(front: Image.Image, strength: float = 0.35) -> Image.Image:
    """The back of a written page: its letters from behind, pale, soft, and a little apart."""
    ink = ImageOps.mirror(front.convert("L")).filter(ImageFilter.GaussianBlur(1.2))
    ink = ImageChops.offset(ink, 5, -4)
    return ink.point(lambda value: round(255 - (255 - value) * strength)).convert("RGB")


def stack_file(pages: list[Image.Image], dpi: int = 150) -> bytes:
    """What a feeder makes of them: one TIFF."""
    file = io.BytesIO()
    first, *rest = pages
    first.save(
        file,
        "TIFF",
        save_all=True,
        append_images=rest,
        dpi=(dpi, dpi),
        compression="tiff_deflate",
    )
    return file.getvalue()
