"""What is asked of a scanning machine and what it answers: frozen, JSON both ways, versioned."""

from dataclasses import dataclass, field
from typing import Self

from scanning import codec
from scanning.settings import Limits

VERSION = 1  # raised when a reader of the old shape would misread the new one

Box = tuple[float, float, float, float]  # left, top, right, bottom as fractions of the upright page

REASONS = (
    "empty",
    "unsupported",
    "damaged",
    "encrypted",
    "no_pages",
    "too_large",
    "dynamic_form",
    "timeout",
    "unequal_stacks",  # of fronts and backs that were to be put in order
)
WARNINGS = (
    "signed",
    "signature_broken",
    "attachment_ignored",
    "active_content_removed",
    "repaired",
    "low_resolution",
    "existing_text_distrusted",
)
PROBLEMS = (
    "blurred",
    "cut_off",
    "too_dark",
    "too_light",
    "low_resolution",
    "orientation_unsure",
    "unreadable",
    "blank",
)


class Message:
    """What travels as JSON between portal and scanning machine."""

    def to_json(self) -> str:
        """One line of JSON."""
        return codec.dumps(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises `codec.ShapeError` when the text is not this message in a version we know."""
        message = codec.loads(cls, text)
        if getattr(message, "version", VERSION) != VERSION:
            raise codec.ShapeError(f"{cls.__name__} of an unknown version")
        return message


@dataclass(frozen=True)
class StoredObject:
    """Bytes in the object store; whoever reads them checks them against `sha256`."""

    key: str
    sha256: str
    size: int
    content_type: str


@dataclass(frozen=True)
class ScanJob(Message):
    """One file to read. `lease` tells the try: a late answer of a lost lease changes nothing."""

    job_id: str
    lease: str
    source_key: str
    source_sha256: str
    source_name: str
    languages: str = "vie"
    limits: Limits = field(default_factory=Limits)
    split: bool = False
    keep_blanks: bool = False  # in the papers of a split file
    version: int = VERSION


@dataclass(frozen=True)
class Code:
    """A QR or bar code as it stands on the page; its text is never opened or trusted."""

    kind: str
    text: str


@dataclass(frozen=True)
class PageResult:
    """One page. `text` is None until the page has been read; image and thumb are stored before."""

    number: int
    width_px: int
    height_px: int
    dpi: int
    dpi_source: str  # file, page_size or assumed
    rotated_by: int
    rotation_sure: bool
    skew_degrees: float
    blank: bool
    confidence: float
    problems: tuple[str, ...]
    codes: tuple[Code, ...]
    text_source: str  # ocr, existing or none
    separator: bool = False  # a sheet between papers, and no page of any; blank ones are neither
    text: str | None = None
    image: StoredObject | None = None
    thumb: StoredObject | None = None
    words: StoredObject | None = None


@dataclass(frozen=True)
class ScanProgress(Message):
    """A page was seen (`page.text is None`) or finished; `done` counts finished pages."""

    job_id: str
    lease: str
    done: int
    total: int
    page: PageResult | None = None
    version: int = VERSION


@dataclass(frozen=True)
class Signature:
    """A digital signature found in the file; `trusted` only with roots that the site has chosen."""

    signer: str
    covers_whole_file: bool
    intact: bool
    trusted: bool


@dataclass(frozen=True)
class Engine:
    """Which reader read the pages."""

    name: str
    version: str
    languages: str


@dataclass(frozen=True)
class Field:
    """A value as it stands on the paper, never altered; a failed check only asks for review."""

    name: str
    value: str
    page: int
    box: Box
    confidence: float
    needs_review: bool


@dataclass(frozen=True)
class Document:
    """Pages that belong together as one paper; its separator may name dossier and component."""

    pages: tuple[int, ...]
    kind: str
    title: str | None
    started_by: str  # separator, code, title or first_page
    fields: tuple[Field, ...] = ()
    dossier: str | None = None
    component: str | None = None


@dataclass(frozen=True)
class Separator:
    """A sheet between papers; one that nobody can read (`readable`) is for a person to look at.

    `pages` are those of the paper behind it, none where another separator or the end follows.
    """

    page: int
    readable: bool
    dossier: str | None
    component: str | None
    pages: tuple[int, ...]


@dataclass(frozen=True)
class ScanResult(Message):
    """The answer about one file: accepted with its pages, or refused with a reason.

    `archive` is the picture-only PDF/A that an operator signs; `searchable` the copy with text.
    """

    job_id: str
    lease: str
    verdict: str
    reason: str | None
    warnings: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    engine: Engine | None = None
    pages: tuple[PageResult, ...] = ()
    documents: tuple[Document, ...] = ()
    separators: tuple[Separator, ...] = ()
    blanks_dropped: tuple[int, ...] = ()  # of no paper, but kept and shown
    archive: StoredObject | None = None
    searchable: StoredObject | None = None
    seconds: float = 0.0
    version: int = VERSION


@dataclass(frozen=True)
class Intake(Message):
    """The quick answer at upload time, before anything is queued."""

    verdict: str
    reason: str | None
    pages: int
    kind: str  # pdf, jpeg, png, tiff, webp, bmp, heic or unknown
    content_type: str
    warnings: tuple[str, ...] = ()
    version: int = VERSION

    @property
    def is_accepted(self) -> bool:
        """Whether the file may be stored and queued."""
        return self.verdict == "accepted"
