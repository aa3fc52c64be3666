"""Puts pages together as PDF/A-2b: pictures, and under them invisible text word by word."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from statistics import median

import pikepdf
from PIL import ImageCms

from scanning.page import Word
from scanning.pdf.font import WIDTH, add_font

_PRODUCER = "Một Cửa"


@dataclass(frozen=True)
class PdfPage:
    """One page to write: its JPEG, the size of it, and its words."""

    jpeg: Path
    width: int
    height: int
    is_grey: bool
    dpi: int
    words: Sequence[Word] = ()


def compose(pages: Sequence[PdfPage], target: Path, made_at: datetime, *, with_text: bool) -> None:
    """Write the file; the JPEG data goes in as it is. Without text it is the archival picture."""
    with pikepdf.new() as pdf:
        characters = {c for page in pages for word in page.words for c in _writable(word.text)} | {
            " "
        }
        font = add_font(pdf, characters) if with_text and len(characters) > 1 else None
        for page in pages:
            _add_page(pdf, page, font)
        _make_archival(pdf, made_at)
        pdf.save(
            target,
            min_version="1.7",
            fix_metadata_version=False,
            compress_streams=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )


def _add_page(pdf: pikepdf.Pdf, page: PdfPage, font: pikepdf.Object | None) -> None:
    wide, high = page.width * 72 / page.dpi, page.height * 72 / page.dpi
    picture = pikepdf.Stream(
        pdf,
        page.jpeg.read_bytes(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=page.width,
        Height=page.height,
        ColorSpace=pikepdf.Name.DeviceGray if page.is_grey else pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=picture))
    drawing = [f"q {wide:.3f} 0 0 {high:.3f} 0 0 cm /Im Do Q"]
    if font is not None:
        resources.Font = pikepdf.Dictionary(T=font)
        drawing += _text(page.words, wide, high)
    content = pikepdf.Stream(pdf, "\n".join(drawing).encode("ascii"))
    pdf.pages.append(
        pikepdf.Page(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Page,
                MediaBox=[0, 0, round(wide, 3), round(high, 3)],
                Resources=resources,
                Contents=pdf.make_indirect(content),
            )
        )
    )


def _text(words: Sequence[Word], wide: float, high: float) -> list[str]:
    """Each word stretched over its own place, and a space so that words stay apart when copied."""
    drawn = ["BT 3 Tr"]  # mode 3: neither filled nor stroked
    for _, group in groupby(words, key=lambda word: word.line):
        line = [word for word in group if _writable(word.text) and word.box[2] > word.box[0]]
        if line:
            drawn += _line(line, wide, high)
    return [*drawn, "ET"]


def _line(words: list[Word], wide: float, high: float) -> Iterator[str]:
    """Words of a line share size and base, or readers would take a hyphen for another line."""
    base = (1 - median(word.box[3] for word in words)) * high
    size = max(1.0, median(word.box[3] - word.box[1] for word in words) * high)
    for word in words:
        text = _writable(word.text)
        left, _, right, _ = word.box
        stretch = (right - left) * wide / (len(text) * size * WIDTH / 1000) * 100
        codes = (text + " ").encode("utf-16-be").hex().upper()
        place = f"1 0 0 1 {left * wide:.2f} {base:.2f} Tm"
        yield f"/T {size:.2f} Tf {stretch:.2f} Tz {place} <{codes}> Tj"


def _writable(text: str) -> str:
    """Without what the two-byte font cannot say or a reader must not meet."""
    return "".join(
        c
        for c in text
        if c.isprintable() and 0x20 <= ord(c) < 0xFFFE and not 0xD800 <= ord(c) <= 0xDFFF
    )


def _make_archival(pdf: pikepdf.Pdf, made_at: datetime) -> None:
    """What PDF/A-2b wants besides: colours defined, metadata in XMP, a language, an identity."""
    profile = pikepdf.Stream(pdf, _srgb(), N=3, Alternate=pikepdf.Name.DeviceRGB)
    pdf.Root.OutputIntents = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.OutputIntent,
                S=pikepdf.Name.GTS_PDFA1,
                OutputConditionIdentifier=pikepdf.String("sRGB"),
                Info=pikepdf.String("sRGB"),
                DestOutputProfile=pdf.make_indirect(profile),
            )
        ]
    )
    pdf.Root.Lang = pikepdf.String("vi")
    pdf.Root.MarkInfo = pikepdf.Dictionary(Marked=False)
    moment = made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
        meta["pdfaid:part"] = "2"
        meta["pdfaid:conformance"] = "B"
        meta["xmp:CreateDate"] = meta["xmp:ModifyDate"] = moment
        meta["pdf:Producer"] = _PRODUCER
        meta["dc:language"] = ["vi"]
        meta["xmpMM:DocumentID"] = f"uuid:{uuid.uuid4()}"


@cache
def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
