"""Draws Vietnamese administrative pages with known text, as scanners, copiers and phones give them.

Pillow alone; the same seed gives the same bytes. `draw_page(seed)` is the short way; the
parts can be used one by one: `Sheet` writes lines, `worn` and `photographed` spoil a picture.
"""

import io
import random
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

# Of fonts-croscore and fonts-dejavu-core; all hold every Vietnamese letter.
FONTS = (
    ("/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf", "Tinos-Bold.ttf"),
    ("/usr/share/fonts/truetype/croscore/Arimo-Regular.ttf", "Arimo-Bold.ttf"),
    ("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
)
A4_MM = (210, 297)
NATION = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ")
MIDDLE = ("Văn", "Thị", "Minh", "Ngọc", "Thanh", "Hữu", "Quốc", "Thu")
GIVEN = ("Mẫu", "Bình", "Hạnh", "Dũng", "Hương", "Khánh", "Tuyết", "Vượng", "Ngân", "Phúc")
HAMLETS = ("Thôn 3", "Ấp Tân Hòa", "Khóm 5", "Tổ dân phố 8")
COMMUNES = ("xã Mẫu Sơn", "phường Thử Nghiệm", "xã Hòa Thuận", "phường Minh Họa")
SENTENCES = (
    "Kính đề nghị quý cơ quan xem xét, giải quyết theo quy định của pháp luật hiện hành.",
    "Tôi xin cam đoan những nội dung khai trên đây là đúng sự thật và chịu trách nhiệm.",
    "Thời gian giải quyết hồ sơ được tính từ ngày tiếp nhận đủ hồ sơ hợp lệ.",
    "Bộ phận tiếp nhận có trách nhiệm hướng dẫn bằng văn bản khi hồ sơ chưa đầy đủ.",
    "Giấy tờ kèm theo đơn này gồm có bản sao và bản chính để đối chiếu.",
    "Việc sử dụng thông tin phải đúng mục đích và được giữ bí mật theo quy định.",
)


@dataclass(frozen=True)
class DrawnPage:
    """A page and what truly stands on it."""

    data: bytes
    text: str
    fields: dict[str, str]
    image: Image.Image


@dataclass
class Sheet:
    """A white sheet that is written on from top to bottom; `text` remembers every line."""

    dpi: int = 200
    size_mm: tuple[float, float] = A4_MM
    font: int = 0
    point: float = 13
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (self.mm(self.size_mm[0]), self.mm(self.size_mm[1])), "white")
        self.pen = ImageDraw.Draw(self.image)
        self.y = self.mm(20)

    @property
    def text(self) -> str:
        """What was written, NFC."""
        return unicodedata.normalize("NFC", "\n".join(self.lines))

    def mm(self, length: float) -> int:
        """Millimetres in pixels."""
        return round(length * self.dpi / 25.4)

    def letters(
        self, point: float | None = None, *, bold: bool = False, italic: bool = False
    ) -> ImageFont.FreeTypeFont:
        """The sheet's font in a size."""
        regular, heavy = FONTS[self.font % len(FONTS)]
        path = Path(regular).with_name(heavy) if bold else Path(regular)
        slanted = Path(regular).with_name(Path(regular).name.replace("Regular", "Italic"))
        if italic and slanted.exists():
            path = slanted
        return ImageFont.truetype(path, round((point or self.point) * self.dpi / 72))

    def line(
        self, text: str, *, bold: bool = False, centre: bool = False, point: float | None = None
    ) -> None:
        """One line, at the left margin or in the middle."""
        letters = self.letters(point, bold=bold)
        x = (self.image.width - self.pen.textlength(text, letters)) / 2 if centre else self.mm(25)
        self.pen.text((x, self.y), text, fill=(20, 20, 30), font=letters)
        self.y += round((point or self.point) * 1.5 * self.dpi / 72)
        self.lines.append(text)

    def paragraph(self, text: str) -> None:
        """Broken into lines that fit."""
        letters, line = self.letters(), ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and self.pen.textlength(longer, letters) > self.image.width - self.mm(45):
                self.line(line)
                longer = word
            line = longer
        self.line(line)

    def side_by_side(
        self,
        left: str,
        right: str,
        *,
        bold: bool = False,
        point: tuple[float, float] | None = None,
        italic: bool = False,
    ) -> None:
        """Two words of their own in one row, each in the middle of its column."""
        sizes = point or (self.point - 2, self.point - 2)
        for text, middle_mm, size in ((left, 58, sizes[0]), (right, 146, sizes[1])):
            if text:
                letters = self.letters(size, bold=bold, italic=italic)
                x = self.mm(middle_mm) - self.pen.textlength(text, letters) / 2
                self.pen.text((x, self.y), text, fill=(20, 20, 30), font=letters)
                self.lines.append(text)
        self.y += round(max(sizes) * 1.5 * self.dpi / 72)

    def row(
        self, columns_mm: tuple[float, ...], cells: tuple[str, ...], *, bold: bool = False
    ) -> None:
        """A row of a table, in boxes."""
        letters, height = self.letters(self.point - 1, bold=bold), round(self.point * self.dpi / 40)
        edges = [self.mm(x) for x in (*columns_mm, self.size_mm[0] - 20)]
        for left, right, cell in zip(edges[:-1], edges[1:], cells, strict=True):
            self.pen.rectangle((left, self.y, right, self.y + height), outline=(60, 60, 70))
            self.pen.text((left + self.mm(1.5), self.y + height // 5), cell, (20, 20, 30), letters)
            self.lines.append(cell)
        self.y += height

    def gap(self, length_mm: float = 4) -> None:
        """Leave some white."""
        self.y += self.mm(length_mm)

    def seal(self, x_mm: float, y_mm: float, radius_mm: float = 16) -> None:
        """A red ring as agencies press over a signature."""
        x, y, r = self.mm(x_mm), self.mm(y_mm), self.mm(radius_mm)
        self.pen.ellipse((x - r, y - r, x + r, y + r), outline=(215, 40, 40), width=max(2, r // 12))

    def paste(self, picture: Image.Image, x_mm: float, y_mm: float) -> None:
        """Put a picture, such as a QR code, on the sheet."""
        self.image.paste(picture, (self.mm(x_mm), self.mm(y_mm)))


def person(rng: random.Random) -> dict[str, str]:
    """Somebody who does not exist."""
    name = f"{rng.choice(FAMILY)} {rng.choice(MIDDLE)} {rng.choice(GIVEN)}"
    year = rng.randint(1950, 2003)
    born = f"{rng.randint(1, 28):02}/{rng.randint(1, 12):02}/{year}"
    female = "Thị" in name or "Thu" in name
    century = (2 if year >= 2000 else 0) + female
    province = rng.choice(("022", "048", "079", "092"))
    return {
        "full_name": name,
        "date_of_birth": born,
        "id_number": f"{province}{century}{year % 100:02}{rng.randint(0, 999999):06}",
        "address": f"{rng.choice(HAMLETS)}, {rng.choice(COMMUNES)}, tỉnh Đồng Tháp",
    }


def application(sheet: Sheet, rng: random.Random) -> dict[str, str]:
    """A request form filled in by a citizen."""
    who = person(rng)
    for line in NATION:
        sheet.line(line, bold=True, centre=True)
    sheet.gap(8)
    sheet.line("ĐƠN ĐỀ NGHỊ", bold=True, centre=True, point=16)
    sheet.gap()
    sheet.line("Kính gửi: Ủy ban nhân dân xã Mẫu Sơn")
    sheet.line(f"Tôi tên là: {who['full_name']}; sinh ngày: {who['date_of_birth']}")
    sheet.line(f"Số căn cước công dân: {who['id_number']}")
    sheet.line(f"Địa chỉ thường trú: {who['address']}")
    sheet.gap()
    for sentence in rng.sample(SENTENCES, 5):
        sheet.paragraph(sentence)
    sheet.gap()
    sheet.line("NGƯỜI LÀM ĐƠN", bold=True, centre=True)
    sheet.line(who["full_name"], centre=True)
    return who | {"document_type": "ĐƠN ĐỀ NGHỊ"}


def decision(sheet: Sheet, rng: random.Random) -> dict[str, str]:
    """A decision of a people's committee, with number, date and seal."""
    number = f"{rng.randint(100, 3999)}/QĐ-UBND"
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2021, 2025)
    sheet.line("ỦY BAN NHÂN DÂN TỈNH ĐỒNG THÁP", bold=True)
    sheet.line(f"Số: {number}")
    for line in NATION:
        sheet.line(line, bold=True, centre=True)
    sheet.line(f"Đồng Tháp, ngày {day:02} tháng {month:02} năm {year}", centre=True)
    sheet.gap(8)
    sheet.line("QUYẾT ĐỊNH", bold=True, centre=True, point=16)
    sheet.gap()
    for sentence in rng.sample(SENTENCES, 5):
        sheet.paragraph(sentence)
    sheet.line("TM. ỦY BAN NHÂN DÂN", bold=True, centre=True)
    sheet.seal(105, sheet.y * 25.4 / sheet.dpi)
    return {
        "document_type": "QUYẾT ĐỊNH",
        "document_number": number,
        "issued_on": f"{day:02}/{month:02}/{year}",
    }


PAPERS = {"application": application, "decision": decision}


def draw_page(
    seed: int,
    *,
    paper: str = "application",
    dpi: int = 200,
    turn: int = 0,
    skew: float = 0.0,
    look: str = "clean",
    form: str = "JPEG",
) -> DrawnPage:
    """A whole page. `turn` is what must be undone clockwise; `look` is clean, worn or phone."""
    rng = random.Random(seed)  # noqa: S311 - the same page for the same seed
    sheet = Sheet(dpi=dpi, font=rng.randrange(len(FONTS)))
    fields = PAPERS[paper](sheet, rng)
    image = sheet.image
    if skew:
        image = image.rotate(skew, Image.Resampling.BICUBIC, fillcolor="white")
    image = {"clean": lambda x, _: x, "worn": worn, "phone": photographed}[look](image, rng)
    if turn:
        image = image.transpose(
            {90: 2, 180: 3, 270: 4}[turn]
        )  # counter-clockwise, as Pillow numbers them
    return DrawnPage(to_bytes(image, form, dpi), sheet.text, fields, image)


def worn(image: Image.Image, rng: random.Random) -> Image.Image:
    """A poor copy: grey, grainy, a little soft."""
    grey = image.convert("L").filter(ImageFilter.GaussianBlur(0.6))
    return _grain(grey.point(lambda v: 40 + v * 190 // 255), rng, 22).convert("RGB")


def photographed(image: Image.Image, rng: random.Random) -> Image.Image:
    """Lying on a table under a lamp: shadow, yellow light, slight perspective, table around it."""
    width, height = image.size
    margin, bend = width // 25, width // 90
    table = Image.new("RGB", (width + 2 * margin, height + 2 * margin), (92, 74, 60))
    light = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180, 270))).resize(image.size)
    shade = light.point(lambda v: 150 + v * 105 // 255)
    lit = ImageChops.multiply(
        image, Image.merge("RGB", (shade, shade.point(lambda v: v * 97 // 100), shade))
    )
    lit = ImageChops.multiply(lit, Image.new("RGB", image.size, (252, 246, 226)))
    table.paste(lit, (margin, margin))
    full = table.size
    corners = (-bend, 0, bend, full[1], full[0] - bend, full[1], full[0] + bend, 0)
    seen = table.transform(full, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    return _grain(seen.filter(ImageFilter.GaussianBlur(0.5)), rng, 8)


def to_bytes(image: Image.Image, form: str = "JPEG", dpi: int | None = 200) -> bytes:
    """The picture as a file of the given kind."""
    file = io.BytesIO()
    options = {"dpi": (dpi, dpi)} if dpi else {}
    image.save(file, form, quality=88, **options)
    return file.getvalue()


def _grain(image: Image.Image, rng: random.Random, strength: int) -> Image.Image:
    """Noise that is the same for the same seed."""
    noise = Image.frombytes("L", image.size, rng.randbytes(image.width * image.height))
    noise = noise.point(lambda v: 255 - strength + v * strength // 255)
    return ImageChops.multiply(
        image, noise if image.mode == "L" else Image.merge("RGB", (noise,) * 3)
    )
