"""The papers people carry on the walk: drawn here, with a word that stands nowhere else."""

import random
from pathlib import Path

import pypdfium2
from PIL import Image

from tests.drawing.pages import NATION, Sheet, photographed, to_bytes

WORD = "Thạch Nhũ Kỳ Vân"
TYPED = "thach nhu ky van"


def declaration(seed: int, word: str = "") -> Image.Image:
    """A declaration as somebody would fill it in."""
    sheet = Sheet(dpi=200, font=seed % 3)
    for line in NATION:
        sheet.line(line, bold=True, centre=True)
    sheet.gap(8)
    sheet.line("TỜ KHAI", bold=True, centre=True, point=16)
    sheet.gap()
    sheet.line("Kính gửi: Ủy ban nhân dân phường Nha Trang")
    sheet.paragraph("Tôi xin cam đoan những nội dung khai trên đây là đúng sự thật.")
    if word:
        sheet.paragraph(f"Nơi cư trú trước đây: khu nhà {word}, phường Nha Trang.")
    sheet.paragraph("Đề nghị quý cơ quan xem xét, giải quyết theo quy định của pháp luật.")
    sheet.gap()
    sheet.line("NGƯỜI KHAI", bold=True, centre=True)
    return sheet.image


def outcome() -> Image.Image:
    """The paper with which the department answers."""
    sheet = Sheet(dpi=200, font=0)
    for line in NATION:
        sheet.line(line, bold=True, centre=True)
    sheet.gap(8)
    sheet.line("GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN", bold=True, centre=True, point=15)
    sheet.gap()
    sheet.paragraph("Xác nhận người có tên trên hiện tại chưa đăng ký kết hôn với ai.")
    sheet.seal(140, 120)
    return sheet.image


def phone_photo(folder: Path) -> Path:
    """A photo of the declaration, lying on a table."""
    path = folder / "to-khai.jpg"
    path.write_bytes(to_bytes(photographed(declaration(1), random.Random(7))))  # noqa: S311 - repeatable
    return path


def as_pdf(image: Image.Image, path: Path) -> Path:
    """One page of PDF."""
    path.write_bytes(to_bytes(image, "PDF", dpi=None))
    return path


def scan(folder: Path, name: str, word: str = "", *, turn: int = 0) -> Path:
    """A page as the counter's scanner gives it; perhaps put in upside down."""
    path = folder / name
    image = declaration(2, word).rotate(turn, expand=True)
    path.write_bytes(to_bytes(image))
    return path


def words(pdf: bytes) -> str:
    """All that stands on the pages of a PDF."""
    pages = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in pages).split())
