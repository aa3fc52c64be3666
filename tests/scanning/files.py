"""Awkward files, made on the spot."""

import io
import struct
import zlib

import pikepdf
import weasyprint
from PIL import Image

HTML = b"<!DOCTYPE html><html><body>Not found</body></html>"


def pdf(pages: int = 1, **catalogue: object) -> pikepdf.Pdf:
    """An open PDF of blank A4 pages."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(595, 842))
    for name, value in catalogue.items():
        made.Root[f"/{name}"] = value
    return made


def saved(made: pikepdf.Pdf, **options: object) -> bytes:
    """Its bytes."""
    file = io.BytesIO()
    made.save(file, **options)
    return file.getvalue()


def encrypted() -> bytes:
    """Opens only with a password."""
    return saved(pdf(), encryption=pikepdf.Encryption(user="mat-khau", owner="chu"))


def dynamic_form() -> bytes:
    """An XFA form whose page only says "please wait"."""
    return saved(pdf(NeedsRendering=True))


def with_script() -> bytes:
    """Runs JavaScript when opened."""
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    return saved(pdf(OpenAction=script))


def with_attachment() -> bytes:
    """Carries another file inside."""
    made = pdf()
    made.attachments["note.txt"] = pikepdf.AttachedFileSpec(made, b"hidden", filename="note.txt")
    return saved(made)


def huge_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """A header that promises pixels which would not fit anywhere; hardly any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def huge_pdf_picture() -> bytes:
    """A small PDF whose picture claims 1,225 megapixels."""
    made = pdf()
    picture = pikepdf.Stream(made, zlib.compress(b"\0" * 1000))
    picture.update(
        pikepdf.Dictionary(
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=35000,
            Height=35000,
            ColorSpace=pikepdf.Name.DeviceGray,
            BitsPerComponent=1,
            Filter=pikepdf.Name.FlateDecode,
        )
    )
    made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=picture))
    return saved(made)


def stacked_pdf(layers: int = 4) -> bytes:
    """A PDF whose cross-reference stream unpacks to gigabytes through several filters."""
    data = b"\0" * 10_000_000
    for _ in range(layers):
        data = zlib.compress(data * 4 if len(data) < 10_000_000 else data, 9)
    filters = "/FlateDecode " * layers
    return (
        b"%PDF-1.7\n1 0 obj\n<< /Type /XRef /Size 9 /W [1 4 2] /Root 2 0 R /Filter ["
        + filters.encode()
        + b"] /Length "
        + str(len(data)).encode()
        + b" >>\nstream\n"
        + data
        + b"\nendstream\nendobj\nstartxref\n9\n%%EOF"
    )


def tiff(*images: Image.Image) -> bytes:
    """One file of several pages."""
    file = io.BytesIO()
    first, *others = (image.copy() for image in images)  # Pillow trips over what JPEG left behind
    first.save(
        file,
        "TIFF",
        save_all=True,
        append_images=others,
        compression="tiff_lzw",
        dpi=(200, 200),
    )
    return file.getvalue()


def born_digital(*bodies: str) -> bytes:
    """A PDF with letters of its own, one page for each piece of HTML."""
    pages = '<p style="break-after: page">'.join(bodies)
    style = "<style>@page {size: A4} body {font: 13pt Tinos}</style>"
    return weasyprint.HTML(string=style + pages).write_pdf()


def scanned_pdf(jpeg: bytes, turn: int = 0) -> bytes:
    """A PDF whose only page is a picture, as an office scanner makes it."""
    made = pdf()
    page = made.pages[0]
    with Image.open(io.BytesIO(jpeg)) as image:
        width, height = image.size
    picture = pikepdf.Stream(made, jpeg)
    picture.update(
        pikepdf.Dictionary(
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=width,
            Height=height,
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
    )
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=picture))
    page.Contents = pikepdf.Stream(made, b"q 595 0 0 842 0 0 cm /Im Do Q")
    page.Rotate = turn
    return saved(made)
