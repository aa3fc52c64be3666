"""The limits within which papers are read, taken once from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MEGABYTE = 1024 * 1024


class SettingsError(ValueError):
    """A setting is wrong; the message is one plain sentence."""


@dataclass(frozen=True)
class Limits:
    """How large a file may be and how much of the machine its reading may use."""

    upload_bytes: int = 20 * MEGABYTE
    image_megapixels: int = 150  # A4 at 1,200 dpi
    pages: int = 1000
    page_seconds: int = 120
    file_seconds: int = 900
    seconds_for_each_page: int = 6  # of a file so long that these are more than file_seconds
    draw_seconds: int = 6  # of the processor for unpacking or drawing one page; honest ones need 1
    memory_bytes: int = (
        1536 * MEGABYTE
    )  # of address space; two A4 pages at 300 dpi need about 700 MB
    data_bytes: int = 320 * MEGABYTE  # written to by one page at a time; A3 at 300 dpi takes 260 MB
    unpack_bytes: int = 256 * MEGABYTE  # so much more while a large picture is unpacked

    def more_seconds(self, pages: int) -> int:
        """How much longer than `file_seconds` a file of so many pages may take."""
        return max(0, min(pages, self.pages) * self.seconds_for_each_page - self.file_seconds)

    @property
    def image_pixels(self) -> int:
        """The most pixels one picture may have."""
        return self.image_megapixels * 1_000_000


@dataclass(frozen=True)
class ScanSettings:
    """Everything the reading of papers can be told from outside."""

    languages: str = "vie"
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "ScanSettings":
        """Read the settings; a wrong one is refused with one plain sentence."""
        env = os.environ if environment is None else environment
        return cls(
            languages=check_languages(env.get("OCR_LANGUAGES") or "vie"),
            limits=Limits(
                upload_bytes=_positive(env, "MAX_UPLOAD_MB", 20) * MEGABYTE,
                image_megapixels=_positive(env, "MAX_IMAGE_MEGAPIXELS", 150),
            ),
        )


def check_languages(languages: str) -> str:
    """Tesseract language codes joined by +; anything else could become an option of the command."""
    if not re.fullmatch(r"[A-Za-z_]{3,20}(\+[A-Za-z_]{3,20}){0,5}", languages):
        raise SettingsError(
            f"OCR_LANGUAGES must be Tesseract codes such as vie or vie+eng, not {languages!r}."
        )
    return languages


def child_environment() -> dict[str, str]:
    """What a limited child may know of our environment: no credentials, one thread per library."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "LANG", "TESSDATA_PREFIX", "TMPDIR")
        if name in os.environ
    }
    # OpenMP inside Tesseract makes two cores six times slower; pages are the unit of parallel work.
    threads = dict.fromkeys(("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    # A page's pictures go back to the system at once, instead of lying about in pieces.
    pieces = {"MALLOC_MMAP_THRESHOLD_": str(MEGABYTE), "MALLOC_ARENA_MAX": "2"}
    return kept | threads | pieces | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}


def _positive(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise SettingsError(f"{name} must be a whole number above zero, not {text!r}.")
    return int(text)
