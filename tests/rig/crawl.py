"""Opens every door of the table on everything there is, and notes what each opening did."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.access import Role
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.catalogue.models import Procedure
from portal.db import transaction
from portal.directory.models import Organisation
from portal.documents.models import Document, DocumentFile, DocumentPage
from portal.doorman import Row
from portal.doors import ROWS
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.postal.models import Pickup, PostalItem
from tests.access.canaries import Finder, text_of, word
from tests.factories.everything import ORIGINAL, WORD, Everything
from tests.rig.queries import counted_queries
from tests.rig.reader import Forms

WRITES = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) \"?(\w+)", re.IGNORECASE)
PDF, PICTURE = "application/pdf", "image/"
ENOUGH, FEW = 2, 3
ASKED = {
    "directory.communes": {"ten": "commune", "commune_province": "56"},
    "office.search": {"q": WORD},
    "leader.search": {"q": WORD},
    "files.words": {"q": WORD},
    "office.dossier": {"tim": WORD},
    "leader.dossier": {"tim": WORD},
}


@dataclass
class Visit:
    """One opening of one door by one person."""

    door: str
    role: Role | None
    path: str
    is_fragment: bool
    status: int
    mimetype: str
    shows: bool  # words or bytes of what was handed in, or a printed paper
    queries: list[str] = field(default_factory=list)
    # The lines this opening left in the log: what was done, to which dossier.
    lines: list[tuple[str, int | None]] = field(default_factory=list)
    speaks_of: frozenset[tuple[int, str]] = frozenset()  # dossiers, and which words of theirs
    forms: frozenset[str] = frozenset()  # where its forms with a version go

    @property
    def is_page(self) -> bool:
        """Whether there was something behind the door."""
        return self.status == 200

    @property
    def told(self) -> list[str]:
        """The acts of its lines."""
        return [act for act, _dossier in self.lines]

    @property
    def written(self) -> set[str]:
        """The tables it wrote to."""
        found = (WRITES.match(text.lstrip()) for text in self.queries)
        return {match[1] for match in found if match}


class Crawl:
    """Walks through a world; `paths` of a door are its address with every name that fits."""

    def __init__(self, made: Everything) -> None:
        self.made = made
        self.finder = _planted(made)
        self.names = _names(made)

    def paths(self, row: Row) -> list[str]:
        """The door's address, once for each thing it may open."""
        wanted = re.findall(r"<(?:\w+:)?(\w+)>", row.path)
        pools = [self._pool(row.path, name) for name in wanted]
        return [_filled(row.path, found) for found in itertools.product(*pools)]

    def _pool(self, path: str, name: str) -> list[str]:
        if name == "page_id" and path.startswith("/cua-toi"):
            return self.names["topics"]
        if name != "public_id":
            return self.names[name]
        return next(names for part, names in self._of_path() if part in path)

    def _of_path(self) -> list[tuple[str, list[str]]]:
        made = self.made
        return [
            ("/cua-toi/ban-nhap/", made.drafts),
            ("/cua-toi/thu-gom/", made.bookings),
            ("/tuyen/thu-gom/", made.pickups),
            ("/ban-giao/", made.handovers),
            ("/buu-gui/", made.items),
            ("/nguoi-dung/", self.names["users"]),
            ("/to-chuc/", self.names["organisations"]),
            ("/ho-so/", made.dossiers),
            ("/ket-qua/", made.dossiers),
            ("/lenh-quet/", made.orders),
            ("/gui-tiep/", ["khong-co"]),
        ]

    def visit(self, row: Row, role: Role | None, path: str, **how: bool) -> Visit:
        """Open it; `fragment=True` as htmx would, and what is written is noted."""
        headers = {"HX-Request": "true"} if how.get("fragment") else {}
        last = self._last_line()
        with counted_queries() as seen:
            client = self.made.clients[role]
            answer = client.get(path, query_string=ASKED.get(row.name), headers=headers)
        return Visit(
            row.name,
            role,
            path,
            bool(headers),
            answer.status_code,
            answer.mimetype,
            _shows(answer),
            list(seen),
            self._told_since(last) if "audit_events" in " ".join(seen) else [],
            frozenset(self.finder.found(text_of(answer))),
            _forms(answer),
        )

    def everywhere(self) -> Iterator[Visit]:
        """Every reading door, as everybody it lets in, on the first things it opens on."""
        for row in ROWS:
            if row.method == "GET" and not row.is_machine:
                opened: list[Visit] = []
                for role in sorted(row.who) or [None, Role.CITIZEN]:
                    opened += self._as_one(row, role, has_opened=any(v.is_page for v in opened))
                yield from opened

    def _as_one(self, row: Row, role: Role | None, *, has_opened: bool) -> list[Visit]:
        """Until two things opened, or a printed paper, which is dear, did so for anybody."""
        visits: list[Visit] = []
        for path in self.paths(row)[: FEW if has_opened else None]:
            if has_opened and path.endswith(".pdf"):
                break
            visits.append(self.visit(row, role, path))
            if visits[-1].mimetype == PDF:
                break
            if sum(visit.is_page for visit in visits) == (1 if has_opened else ENOUGH):
                break
        last = visits[-1] if visits else None
        if last and last.is_page and not has_opened and last.mimetype == "text/html":
            visits.append(self.visit(row, role, last.path, fragment=True))
        return visits

    def _last_line(self) -> int:
        with self.made.app.app_context():
            return db.session.scalar(select(func.max(AuditEvent.id))) or 0

    def _told_since(self, last: int) -> list[tuple[str, int | None]]:
        with self.made.app.app_context():
            lines = select(AuditEvent.act, AuditEvent.dossier_id).where(AuditEvent.id > last)
            return [(act, dossier) for act, dossier in db.session.execute(lines)]


def _shows(answer: TestResponse) -> bool:
    """Whether it gives bytes of a file, a printed paper, or words that stand on a page only."""
    if answer.status_code != 200:
        return False
    if answer.mimetype == PDF or answer.mimetype.startswith(PICTURE):
        return True
    of_a_file = answer.request.path.startswith("/giay-to/")
    return of_a_file or any(mark in answer.data for mark in (WORD.encode(), ORIGINAL))


def _forms(answer: TestResponse) -> frozenset[str]:
    """Where the page's forms go that carry the version they were filled in on."""
    if answer.status_code != 200 or b'name="version"' not in answer.data:
        return frozenset()
    return frozenset(form.action for form in Forms(answer.text).found if "version" in form.names)


def _planted(made: Everything) -> Finder:
    """A word of its own in the name and the address of each dossier, and beside them its code."""
    finder = Finder()
    with made.app.app_context(), transaction() as session:
        for dossier in session.scalars(select(Dossier)):
            number = dossier.id
            dossier.applicant_name = f"Nguyễn {word(number, 'n')}"
            dossier.address = word(number, "a")
            for paper in dossier.documents:
                if paper.component_id is None:
                    paper.title = f"Tờ khai {word(number, 't')}"
            codes = {dossier.code: "code"} if dossier.code else {}
            finder.plant(number, codes | {dossier.public_id: "id"})
        for pickup in session.scalars(select(Pickup)):
            pickup.address = word(pickup.dossier_id, "p")
            finder.plant(pickup.dossier_id, {pickup.public_id: "id"})
        for item in session.scalars(select(PostalItem)):
            finder.plant(item.dossier_id, {item.public_id: "id"})
    return finder


def _filled(path: str, values: tuple[str, ...]) -> str:
    for value in values:
        path = re.sub(r"<[^>]+>", value, path, count=1)
    return path


def _names(made: Everything) -> dict[str, list[str]]:
    """What doors call the things there are, by the name of the part of the address."""
    with made.app.app_context():

        def all_of(model: Any) -> list[str]:
            return list(db.session.scalars(select(model.public_id).order_by(model.id)))

        return {
            "code": list(db.session.scalars(select(Procedure.code))),
            "number": ["1"],
            "topics": ["requester", "request", "who", "where", "slot", "return"],
            "document_id": all_of(Document),
            "file_id": all_of(DocumentFile),
            "page_id": all_of(DocumentPage),
            "users": all_of(User),
            "organisations": all_of(Organisation),
        }
