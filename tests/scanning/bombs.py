"""Files of some kilobytes that unfold to gigabytes, or to hours, in whoever opens them."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
from PIL import Image

from tests.scanning import files

MEGABYTE = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
HEIC = Path(__file__).parent / "samples/don.heic"


def office(inside: str) -> bytes:
    """An office file with 200 MB of one letter inside, as a .docx or .xlsx is a ZIP."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        with made.open(inside, "w", force_zip64=True) as part:
            for _ in range(40):
                part.write(b"A" * 5 * MEGABYTE)
    return held.getvalue()


def zip_of_zips() -> bytes:
    """A file of files of files."""
    data = office("a")
    for depth in range(3):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
            for number in range(10):
                made.writestr(f"{depth}-{number}.zip", data)
        data = held.getvalue()
    return data


def repeated(block: bytes, times: int) -> bytes:
    """`block` so many times, compressed, without compressing it each time."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    once = squeeze.compress(block) + squeeze.flush(zlib.Z_FULL_FLUSH)
    check = 1
    for _ in range(times):
        check = zlib.adler32(block, check)
    return b"\x78\xda" + once * times + b"\3\0" + struct.pack(">I", check)


def stacked(layers: int = 3) -> bytes:
    """A gigabyte of spaces under several filters."""
    data = repeated(b" " * MEGABYTE, 1024)
    for _ in range(layers - 1):
        data = zlib.compress(data, 9)
    return data


def _raw_pdf(*objects: bytes) -> bytes:
    """Objects numbered from 1, the first of them the root; no library builds these."""
    held, places = io.BytesIO(), []
    held.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, start=1):
        places.append(held.tell())
        held.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    start = held.tell()
    held.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    held.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    held.write(b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(places) + 1))
    held.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return held.getvalue()


ROOT = b"<< /Type /Catalog /Pages 2 0 R >>"
ONE_PAGE = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"


def _stream(head: bytes, data: bytes) -> bytes:
    return b"<< " + head + b" /Length %d >>\nstream\n" % len(data) + data + b"\nendstream"


def _page(rest: bytes = b"", box: bytes = b"0 0 595 842") -> bytes:
    return b"<< /Type /Page /Parent 2 0 R /MediaBox [" + box + b"] " + rest + b" >>"


def stacked_content() -> bytes:
    """A page whose drawing is a gigabyte under three filters."""
    drawing = _stream(b"/Filter [/FlateDecode /FlateDecode /FlateDecode]", stacked())
    return _raw_pdf(ROOT, ONE_PAGE, _page(b"/Contents 4 0 R"), drawing)


def _picture_pdf(head: bytes, data: bytes) -> bytes:
    resources = b"/Resources << /XObject << /Im 5 0 R >> >> /Contents 4 0 R"
    drawing = _stream(b"", b"q 595 0 0 842 0 0 cm /Im Do Q")
    return _raw_pdf(
        ROOT,
        ONE_PAGE,
        _page(resources),
        drawing,
        _stream(b"/Type /XObject /Subtype /Image " + head, data),
    )


def stacked_picture() -> bytes:
    """A page with a picture of a gigabyte under three filters, whose head says 36 megapixels."""
    head = b"/Width 6000 /Height 6000 /ColorSpace /DeviceRGB /BitsPerComponent 8 "
    return _picture_pdf(head + b"/Filter [/FlateDecode /FlateDecode /FlateDecode]", stacked())


def wide_picture() -> bytes:
    """A page with a picture as large as may be, of four inks at sixteen bits: a gigabyte."""
    data = repeated(bytes(12_000 * 8 * 10), 1_200)
    head = b"/Width 12000 /Height 12000 /ColorSpace /DeviceCMYK /BitsPerComponent 16 "
    return _picture_pdf(head + b"/Filter /FlateDecode", data)


def hidden_picture(side: int = 30_000) -> bytes:
    """The same out of sight of whoever only looks at the page's own pictures."""
    data = repeated(bytes(side * 3 * 10), side // 10)
    inner = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] "
    return _raw_pdf(
        ROOT,
        ONE_PAGE,
        _page(b"/Resources << /XObject << /F 5 0 R >> >> /Contents 4 0 R"),
        _stream(b"", b"/F Do"),
        _stream(
            inner + b"/Resources << /XObject << /Im 6 0 R >> >>", b"q 595 0 0 842 0 0 cm /Im Do Q"
        ),
        _stream(
            b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB"
            b" /BitsPerComponent 8 /Filter /FlateDecode" % (side, side),
            data,
        ),
    )


def many_pages(count: int = 100_000) -> bytes:
    """A tree with one real page for each of a hundred thousand."""
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(count))
    pages = b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % count
    return _raw_pdf(ROOT, pages, *[_page()] * count)


def one_page_many_times(count: int = 100_000) -> bytes:
    """A tree that names the same page a hundred thousand times."""
    kids = b"3 0 R " * count
    pages = b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % count
    return _raw_pdf(ROOT, pages, _page())


def knotted_tree() -> bytes:
    """A tree whose branches are its own trunk."""
    pages = b"<< /Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Count 2000000000 >>"
    return _raw_pdf(ROOT, pages, b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 1 >>")


def branching_tree(depth: int = 30) -> bytes:
    """Thirty branchings that each name the next one twice: a milliard of pages."""
    branches = [
        b"<< /Type /Pages /Kids [%d 0 R %d 0 R] /Count %d >>"
        % (number + 3, number + 3, 2 ** (depth - number))
        for number in range(depth)
    ]
    return _raw_pdf(ROOT, *branches, _page())


def deep_arrays(depth: int = 2_000_000) -> bytes:
    """Brackets in brackets."""
    return _raw_pdf(ROOT, ONE_PAGE, _page(b"/Annots " + b"[" * depth + b"]" * depth))


def deep_tree(depth: int = 100_000) -> bytes:
    """A page at the end of a hundred thousand branches."""
    branches = [
        b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 3) for number in range(depth)
    ]
    return _raw_pdf(ROOT, *branches, _page())


def vast_sheet() -> bytes:
    """A page of many kilometres."""
    return _raw_pdf(ROOT, ONE_PAGE, _page(b"/UserUnit 75000", box=b"0 0 1000000000 1000000000"))


def endless_drawing(depth: int = 12, times: int = 10) -> bytes:
    """Drawings that each draw the next ten times: a billion strokes from two kilobytes."""
    forms = [
        _stream(
            b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]"
            b" /Resources << /XObject << /F %d 0 R >> >>" % (number + 6),
            b"/F Do " * times,
        )
        for number in range(depth)
    ]
    last = _stream(
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]", b"0 0 500 500 re f 9 9 m 99 99 l S"
    )
    page = _page(b"/Resources << /XObject << /F 5 0 R >> >> /Contents 4 0 R")
    return _raw_pdf(ROOT, ONE_PAGE, page, _stream(b"", b"/F Do"), *forms, last)


def heavy_pattern() -> bytes:
    """A page tiled a million times with shadings."""
    tile = (
        b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1]"
        b" /XStep 0.01 /YStep 0.01 /Resources << >>"
    )
    return _raw_pdf(
        ROOT,
        ONE_PAGE,
        _page(b"/Resources << /Pattern << /P 5 0 R >> >> /Contents 4 0 R"),
        _stream(b"", b"/Pattern cs /P scn 0 0 595 842 re f " * 2000),
        _stream(tile, b"0 0 1 rg 0 0 0.5 0.5 re f"),
    )


def flat_picture(form: str, side: int, mode: str = "RGB", **options: object) -> bytes:
    """A picture of one colour: enormous, and hardly any bytes."""
    held = io.BytesIO()
    Image.new(mode, (side, side), "white" if mode == "RGB" else 1).save(held, form, **options)
    return held.getvalue()


def flat_png(side: int, kind: int, bytes_a_pixel: int) -> bytes:
    """The same without ever having it in memory; `kind` 2 is colours, 3 colours by number."""
    rows = repeated(bytes(1 + side * bytes_a_pixel) * 10, side // 10)
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, kind, 0, 0, 0))
    palette = _chunk(b"PLTE", b"\xff\xff\xff") if kind == 3 else b""
    return PNG + head + palette + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def vast_webp() -> bytes:
    """A WebP of 17 megapixels: its decoder would keep four of them."""
    return flat_picture("WEBP", 4_200)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def stuffed_png() -> bytes:
    """A small picture with notes that unpack to gigabytes."""
    held = io.BytesIO()
    Image.new("L", (40, 40), 255).save(held, "PNG")
    head, body = held.getvalue()[:33], held.getvalue()[33:]
    note = repeated(b"x" * MEGABYTE, 1024)
    notes = _chunk(b"zTXt", b"note\0\0" + note) + _chunk(b"iTXt", b"n\0\1\0\0\0" + note)
    return head + notes + body


def frames(form: str, count: int = 60, side: int = 500) -> bytes:
    """Many pictures in one file."""
    held = io.BytesIO()
    first = Image.new("P", (side, side), 0)
    others = (Image.new("P", (side, side), number % 2) for number in range(1, count))
    first.save(held, form, save_all=True, append_images=others)
    return held.getvalue()


def tiff_of_pages(count: int = 5000) -> bytes:
    """A TIFF whose pages follow one another without end: the last one names the first."""
    # One entry list per page, each pointing at the next.
    held = io.BytesIO(b"")
    held.write(b"II*\0" + struct.pack("<I", 8))
    size = 2 + 12 * 9 + 4
    for number in range(count):
        place = 8 + number * size
        entries = [
            (256, 4, 30_000),
            (257, 4, 30_000),
            (258, 3, 8),
            (259, 3, 1),
            (262, 3, 1),
            (273, 4, 8),
            (277, 3, 1),
            (278, 4, 30_000),
            (279, 4, 900_000_000),
        ]
        held.write(struct.pack("<H", len(entries)))
        held.write(b"".join(struct.pack("<HHII", tag, kind, 1, of) for tag, kind, of in entries))
        held.write(struct.pack("<I", 8 if number == count - 1 else place + size))
    return held.getvalue()


def vast_jpeg() -> bytes:
    """A JPEG that says 65,500 by 65,500, in passes that must all be kept."""
    held = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(held, "JPEG", progressive=True)
    return _resized_jpeg(held.getvalue(), b"\xff\xc2", 65_500, 65_500)


def passing_jpeg(side: int = 12_000) -> bytes:
    """One that is let in by its size, and needs a gigabyte for its passes."""
    held = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(held, "JPEG", progressive=True, subsampling=0)
    return _resized_jpeg(held.getvalue(), b"\xff\xc2", side, side)


def _resized_jpeg(data: bytes, marker: bytes, width: int, height: int) -> bytes:
    at = data.index(marker) + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def vast_heic() -> bytes:
    """A HEIC photograph whose head promises 60,000 by 60,000."""
    data = HEIC.read_bytes()
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", 60_000, 60_000) + data[at + 8 :]


def _xml_bomb() -> bytes:
    entities = "".join(
        f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 12)
    )
    return (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>&l11;</dc:title>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def laughing_pdf() -> bytes:
    """Its metadata laugh a hundred milliards of times."""
    made = files.pdf()
    meta = pikepdf.Stream(made, _xml_bomb())
    meta.update(pikepdf.Dictionary(Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML))
    made.Root.Metadata = made.make_indirect(meta)
    return files.saved(made)


def laughing_jpeg() -> bytes:
    """The same in the notes of a photograph."""
    held = io.BytesIO()
    Image.new("RGB", (400, 560), "white").save(held, "JPEG", xmp=_xml_bomb())
    return held.getvalue()


def vast_bmp() -> bytes:
    """Packed runs of one colour: 149 megapixels in some kilobytes."""
    width = height = 12_000
    rows = (b"\xff\x01" * (width // 255) + bytes([width % 255, 1]) + b"\0\0") * height
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(rows), 0, 0, 256, 0)
    place = 14 + 40 + 1024
    return struct.pack("<2sIHHI", b"BM", place + len(rows), 0, 0, place) + head + bytes(1024) + rows


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "office text": ("don.docx", lambda: office("word/document.xml")),
    "office sheet": ("bang.xlsx", lambda: office("xl/worksheets/sheet1.xml")),
    "zip in zip": ("don.pdf", zip_of_zips),
    "filters over the table of a PDF": ("don.pdf", files.stacked_pdf),
    "filters over a drawing": ("don.pdf", stacked_content),
    "filters over a picture": ("don.pdf", stacked_picture),
    "picture of a gigabyte in a PDF": ("don.pdf", wide_picture),
    "picture out of sight": ("don.pdf", hidden_picture),
    "100,000 pages": ("don.pdf", many_pages),
    "one page 100,000 times": ("don.pdf", one_page_many_times),
    "knotted tree": ("don.pdf", knotted_tree),
    "branching tree": ("don.pdf", branching_tree),
    "deep tree": ("don.pdf", deep_tree),
    "deep arrays": ("don.pdf", deep_arrays),
    "vast sheet": ("don.pdf", vast_sheet),
    "endless drawing": ("don.pdf", endless_drawing),
    "endless pattern": ("don.pdf", heavy_pattern),
    "laughing metadata": ("don.pdf", laughing_pdf),
    "laughing notes": ("don.jpg", laughing_jpeg),
    "900 megapixels, PNG": ("don.png", files.huge_png),
    "149 megapixels, PNG": ("don.png", lambda: flat_png(12_200, 2, 3)),
    "149 megapixels by number, PNG": ("don.png", lambda: flat_png(12_200, 3, 1)),
    "notes in a PNG": ("don.png", stuffed_png),
    "animated PNG": ("don.png", lambda: frames("PNG")),
    "animated WebP": ("don.webp", lambda: frames("WEBP")),
    "animated GIF": ("don.jpg", lambda: frames("GIF")),
    "vast WebP": ("don.webp", vast_webp),
    "vast BMP": ("don.bmp", vast_bmp),
    "TIFF without end": ("don.tiff", tiff_of_pages),
    "149 megapixels of bits, TIFF": (
        "don.tiff",
        lambda: flat_picture("TIFF", 12_200, "1", compression="group4"),
    ),
    "vast JPEG": ("don.jpg", vast_jpeg),
    "JPEG in passes": ("don.jpg", passing_jpeg),
    "vast HEIC": ("don.heic", vast_heic),
}
