"""Draws the papers of the demonstration: each says on its face that it is no real paper."""

from __future__ import annotations

import io
import json
import textwrap
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageDraw, ImageFont

MARK = "BẢN TRÌNH DIỄN – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
# Of fonts-croscore and fonts-dejavu-core; both hold every Vietnamese letter.
FONTS = (
    "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
)
A4_INCHES = (8.27, 11.69)
INK, STAMP = 20, 90
Box = tuple[float, float, float, float]


@dataclass
class Sheet:
    """A white page that is written on from top to bottom, and remembers each word's place."""

    dpi: int
    y: float = 0.8
    words: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        size = (round(A4_INCHES[0] * self.dpi), round(A4_INCHES[1] * self.dpi))
        self.image = Image.new("L", size, 255)
        self.pen = ImageDraw.Draw(self.image)

    def letters(self, points: float) -> ImageFont.FreeTypeFont:
        """The first font of the list that this machine has."""
        for path in FONTS:
            try:
                return ImageFont.truetype(path, round(points * self.dpi / 72))
            except OSError:
                continue
        raise RuntimeError("fonts-croscore or fonts-dejavu-core must be installed")

    def line(self, text: str, points: float = 13, *, centred: bool = False, ink: int = INK) -> None:
        """Write one line, word by word."""
        font = self.letters(points)
        width, space = font.getlength(text), font.getlength(" ")
        x = (self.image.width - width) / 2 if centred else 1.0 * self.dpi
        y = self.y * self.dpi
        for word in text.split():
            self.pen.text((x, y), word, font=font, fill=ink)
            left, top, right, bottom = self.pen.textbbox((x, y), word, font=font)
            self._remember(word, (left, top, right, bottom))
            x += font.getlength(word) + space
        self.lines.append(text)
        self.y += points / 72 * 1.5

    def paragraph(self, text: str, points: float = 13) -> None:
        """Write several lines."""
        for part in textwrap.wrap(text, 62):
            self.line(part, points)

    def gap(self, inches: float = 0.15) -> None:
        """Leave some room."""
        self.y += inches

    def _remember(self, word: str, box: Box) -> None:
        width, height = self.image.size
        fractions = [box[0] / width, box[1] / height, box[2] / width, box[3] / height]
        self.words.append(
            {
                "text": word,
                "box": [round(min(max(value, 0.0), 1.0), 4) for value in fractions],
                "confidence": 1.0,
                "line": len(self.lines),
            }
        )


@dataclass(frozen=True)
class Drawn:
    """A page in the forms in which the portal keeps pages."""

    pdf: bytes
    image: bytes
    thumb: bytes
    words: bytes
    text: str
    width: int
    height: int
    dpi: int


def draw(title: str, body: list[str], dpi: int = 110) -> Sheet:
    """A paper with the head of all Vietnamese papers, a title and some lines."""
    sheet = Sheet(dpi)
    sheet.line(MARK, 9, centred=True, ink=STAMP)
    sheet.gap()
    sheet.line(NATION, 13, centred=True)
    sheet.line(MOTTO, 12, centred=True)
    sheet.gap(0.3)
    for part in textwrap.wrap(title.upper(), 44):
        sheet.line(part, 15, centred=True)
    sheet.gap()
    for text in body:
        sheet.paragraph(text)
        sheet.gap(0.08)
    sheet.y = 10.9
    sheet.line(MARK, 9, centred=True, ink=STAMP)
    return sheet


def finished(sheet: Sheet) -> Drawn:
    """The page as picture, thumbnail, word boxes and PDF."""
    small = sheet.image.resize((sheet.image.width // 3, sheet.image.height // 3))
    content = {
        "number": 1,
        "width_px": sheet.image.width,
        "height_px": sheet.image.height,
        "words": sheet.words,
    }
    return Drawn(
        pdf=_saved(sheet.image.convert("1", dither=Image.Dither.NONE), "PDF", sheet.dpi),
        image=_saved(sheet.image, "WEBP", sheet.dpi),
        thumb=_saved(small, "WEBP", sheet.dpi),
        words=json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(),
        text=unicodedata.normalize("NFC", "\n".join(sheet.lines)),
        width=sheet.image.width,
        height=sheet.image.height,
        dpi=sheet.dpi,
    )


def scanned(sheet: Sheet, degrees: float) -> bytes:
    """The page as a desk scanner gives it: a little askew, a little grey."""
    askew = sheet.image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=255)
    grey = askew.point(lambda value: 12 + value * 235 // 255)
    return _saved(grey, "JPEG", sheet.dpi)


def _saved(image: Image.Image, form: str, dpi: int) -> bytes:
    file = io.BytesIO()
    if form == "PDF":
        image.save(file, form, resolution=dpi)
    elif form == "JPEG":
        image.save(file, form, quality=80, dpi=(dpi, dpi))
    else:
        image.save(file, form, quality=70)
    return file.getvalue()
