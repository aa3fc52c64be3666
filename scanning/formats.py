"""What a file is by its first bytes; names and declared types are not believed."""

from pathlib import PurePath

from scanning.errors import Refused
from scanning.settings import Limits

HEAD_BYTES = 2048

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "heic": "image/heic",
}

_SUFFIXES = {
    ".pdf": "pdf",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".png": "png",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".webp": "webp",
    ".bmp": "bmp",
    ".heic": "heic",
    ".heif": "heic",
}
_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"BM", "bmp"),
)
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
# What a wrong suffix usually hides: web pages, archives and office files, programs, other media.
_OTHERS = (
    b"PK",
    b"MZ",
    b"\x7fELF",
    b"GIF8",
    b"Rar!",
    b"\x1f\x8b",
    b"7z\xbc",
    b"\xd0\xcf\x11\xe0",
    b"RIFF",
    b"{",
    b"<",
)


def kind_of(head: bytes) -> str | None:
    """One of CONTENT_TYPES from the first kilobyte, or None."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return "heic"
    # Readers accept a PDF that begins within the first kilobyte; one behind a web page is a trick.
    if b"%PDF-" in head[:1024] and not _is_another_format(head):
        return "pdf"
    return None


def check_head(head: bytes, size: int, name: str, limits: Limits) -> str:
    """The kind of an upload; raises `Refused` for what is empty, too large or unknown."""
    if size == 0:
        raise Refused("empty")
    if size > limits.upload_bytes:
        raise Refused("too_large")
    kind = kind_of(head)
    if kind is None:
        raise Refused(_refusal_of(head, name))
    return kind


def _refusal_of(head: bytes, name: str) -> str:
    """Why a file without a known beginning is refused: broken, or something else altogether."""
    promised = _SUFFIXES.get(PurePath(name).suffix.lower())
    return "damaged" if promised and not _is_another_format(head) else "unsupported"


def _is_another_format(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_OTHERS)
