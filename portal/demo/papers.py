"""Puts drawn papers into demo dossiers: most already read, some for the worker to read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from portal.access import Actor
from portal.audit.services import record
from portal.catalogue.models import ProcedureVersion
from portal.demo import pages
from portal.demo.people import Person
from portal.documents import search, services
from portal.documents.models import Document, DocumentFile, DocumentPage, FileState
from portal.documents.services import Taken
from portal.documents.store import StoredObject, put, put_many
from portal.extensions import db
from vietnam.folding import fold

PDF, JPEG, WEBP, JSON = "application/pdf", "image/jpeg", "image/webp", "application/json"
DOTS = "." * 34
PLEDGE = (
    "Tôi cam đoan những nội dung khai trên đây là đúng sự thật và chịu trách nhiệm trước"
    " pháp luật về nội dung cam đoan của mình."
)


@dataclass(frozen=True)
class Paper:
    """A drawn paper whose picture, thumbnail and words lie in the store."""

    drawn: pages.Drawn
    image: StoredObject
    thumb: StoredObject
    words: StoredObject


@dataclass
class Shelf:
    """Papers drawn once for each title; every file that shows one has bytes of its own."""

    papers: dict[str, Paper] = field(default_factory=dict)
    originals: dict[str, list[StoredObject]] = field(default_factory=dict)

    def stock(self, wanted: Counter[str], bodies: dict[str, list[str]]) -> None:
        """Draw every title and store as many originals of it as will be asked for.

        Done before anything is written into the database: objects come first.
        """
        for title, body in bodies.items():
            drawn = pages.finished(pages.draw(title, body))
            self.papers[title] = Paper(
                drawn, put(drawn.image, WEBP), put(drawn.thumb, WEBP), put(drawn.words, JSON)
            )
        copies = [title for title, number in wanted.items() for _ in range(number)]
        stored = put_many([(self.papers[title].drawn.pdf, PDF) for title in copies])
        for title, original in zip(copies, stored, strict=True):
            self.originals.setdefault(title, []).append(original)


def request_title(version: ProcedureVersion) -> str:
    """What stands over the request: the first paper of the procedure, without its remarks."""
    names = [component.name for component in version.components] or [version.procedure.name]
    return names[0].split(" (")[0]


def outcome_title(version: ProcedureVersion) -> str:
    """What stands over the result."""
    return version.outcome_name.split(";")[0] or f"Kết quả: {version.procedure.name}"


def request_body(version: ProcedureVersion, person: Person | None = None) -> list[str]:
    """The lines of a request; without a person they are left to be filled in."""
    name = person.name if person else DOTS
    year = str(person.birth_year) if person else "......"
    address = person.address if person else DOTS
    return [
        "Kính gửi: Trung tâm Phục vụ hành chính công phường Nha Trang",
        f"Họ và tên: {name}",
        f"Năm sinh: {year}. Số định danh cá nhân: {person.citizen_number if person else DOTS}",
        f"Nơi cư trú: {address}, tỉnh Khánh Hòa",
        f"Đề nghị giải quyết thủ tục: {version.procedure.name}.",
        PLEDGE,
        "Người làm đơn",
        name,
    ]


def outcome_body(version: ProcedureVersion) -> list[str]:
    """The lines of a result."""
    return [
        f"Căn cứ hồ sơ đề nghị giải quyết thủ tục: {version.procedure.name};",
        "Cơ quan có thẩm quyền trả kết quả giải quyết theo đề nghị của người nộp hồ sơ.",
        f"Cấp cho: {DOTS}",
        "Người ký",
    ]


def put_in(document: Document, title: str, shelf: Shelf, *, by: Actor, at: datetime) -> None:
    """A paper that was handed in and read long ago."""
    paper, original = shelf.papers[title], shelf.originals[title].pop()
    file = DocumentFile(
        document=document,
        name=f"{fold(title)[:60].replace(' ', '-')}.pdf",
        content_type=PDF,
        size=original.size,
        original_key=original.key,
        original_sha256=original.sha256,
        state=FileState.READ,
        pages_total=1,
        taken_by_id=by.user_id,
        taken_by_name=by.name,
        taken_place_id=by.organisation.id if by.organisation else None,
        taken_at=at,
    )
    page = _page(paper)
    file.pages.append(page)
    db.session.add(file)
    document.is_present, document.pages_declared = True, 1
    db.session.flush()
    search.index_page(page)
    record("file:take", file, by=by, dossier_id=document.dossier_id, sha256=original.sha256)


def put_in_scanned(
    document: Document, version: ProcedureVersion, person: Person, *, by: Actor, at: datetime
) -> None:
    """A paper as the scanner gave it, for the worker to read after the start."""
    sheet = pages.draw(request_title(version), request_body(version, person), dpi=150)
    data = pages.scanned(sheet, degrees=0.4 + person.birth_year % 5 / 4)
    original = put(data, JPEG)
    name = f"{fold(person.name).replace(' ', '-')}.jpg"
    taken = Taken("files", name, original.key, original.sha256, original.size, JPEG, pages=1)
    services.attach(document, taken, by=by, at=at)
    document.is_present, document.pages_declared = True, 1


def _page(paper: Paper) -> DocumentPage:
    drawn = paper.drawn
    return DocumentPage(
        number=1,
        width_px=drawn.width,
        height_px=drawn.height,
        dpi=drawn.dpi,
        confidence=1.0,
        text_source="existing",
        text=drawn.text,
        folded=fold(drawn.text),
        image_key=paper.image.key,
        image_sha256=paper.image.sha256,
        thumb_key=paper.thumb.key,
        thumb_sha256=paper.thumb.sha256,
        words_key=paper.words.key,
        words_sha256=paper.words.sha256,
    )
