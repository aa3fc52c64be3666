"""The acts that must not be lost, each laid ready on a site and sent as a browser sends it."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

from PIL import Image

from portal import clock
from portal.access import Actor, Role
from portal.db import transaction
from portal.documents.services import ensure_documents
from portal.dossiers import services
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Channel
from portal.extensions import db
from tests.factories.country import REQUESTER
from tests.factories.office import Office
from tests.factories.papers import drawn, make_file
from tests.faults.kit.oracle import Entry
from tests.faults.kit.site import Sending, Site, Upload, Web

ANSWERS = {name: text for name, text in REQUESTER.items() if "province" not in name} | {
    "return_mode": "desk",
    "request_content": "Xin cấp một bản",
}


@dataclass
class Intention:
    """What somebody wants, and the line his own ledger has for it."""

    entry: Entry
    sending: Sending


def picture(number: int) -> bytes:
    """A small JPEG, different for each number."""
    held = io.BytesIO()
    Image.new("RGB", (300, 400), (255, number % 256, number // 256 % 256)).save(held, "JPEG")
    return held.getvalue()


def files(name: str, how_many: int) -> list[Upload]:
    """Files as a form carries them, none like another."""
    return [Upload(name, f"tep-{number}.jpg", picture(uuid4().int)) for number in range(how_many)]


class Desk:
    """Lays acts ready: the subject of each is new, so that one fault cannot hide another."""

    def __init__(self, site: Site, web: Web) -> None:
        self.site, self.web = site, web
        self.office = Office(site.app, site.world)
        with site.app.test_request_context():
            self.citizen = site.world.actor(Role.CITIZEN, name="Nguyễn Thị Mẫu")
        self.lay: dict[str, Callable[[], Intention]] = {
            "submit": self.submit,
            "upload": self.upload,
            "scan": self.scan,
            "seal": self.seal,
            "hand-over": self.hand_over,
            "decide": self.decide,
        }

    def submit(self) -> Intention:
        """A citizen's draft with three files that only needs to be sent."""
        subject = self._draft()
        uploads = files("files", 3)
        for one in uploads:
            with self.site.app.test_request_context():
                make_file(self.site.world, one.data, one.name, subject)
        return self._intention(
            "submit",
            subject,
            self.citizen,
            f"/cua-toi/ban-nhap/{subject}/gui",
            {"version": str(self._version(subject))},
            hashes=[sha256(one.data).hexdigest() for one in uploads],
        )

    def submit_later(self) -> Intention:
        """A draft that needs no file: nothing of it touches the object store."""
        subject = self._draft()
        told = {"version": str(self._version(subject))}
        return self._intention(
            "submit", subject, self.citizen, f"/cua-toi/ban-nhap/{subject}/gui", told
        )

    def upload(self) -> Intention:
        """Three files for the first paper of a draft."""
        subject = self._draft()
        with self.site.app.test_request_context():
            paper = self.site.road.papers(subject)[0].public_id
        return self._intention(
            "upload",
            subject,
            self.citizen,
            f"/cua-toi/ban-nhap/{subject}/giay-to/{paper}",
            uploads=files("files", 3),
        )

    def scan(self) -> Intention:
        """Two pages from the scanner of the counter."""
        road = self.site.road
        with self.site.app.test_request_context():
            subject = road.registered()
            paper = road.papers(subject)[0].public_id
        return self._intention(
            "scan",
            subject,
            road.clerk,
            f"/buu-dien/ho-so/{subject}/giay-to/{paper}/quet",
            uploads=files("files", 2),
        )

    def seal(self) -> Intention:
        """A counted and scanned envelope."""
        road = self.site.road
        with self.site.app.test_request_context():
            subject = road.registered()
            road.scanned(subject)
            first, second = (paper.public_id for paper in road.papers(subject))
        counted = {f"{first}-is_present": "y", f"{first}-pages": "2"}
        counted |= {f"{name}-kind": "original" for name in (first, second)}
        told = {"act": "seal", "seal_number": "NP-1", "version": str(self._version(subject))}
        path = f"/buu-dien/ho-so/{subject}/kiem-dem"
        return self._intention("seal", subject, road.clerk, path, counted | told)

    def hand_over(self) -> Intention:
        """A record that waits for the officer's signature."""
        road = self.site.road
        with self.site.app.test_request_context():
            item = road.sealed()
            record, code = road.proposed(item), road.item(item).code
            subject = road.item(item).dossier.public_id
        count = {"originals": "1", "copies": "0", "pages": "2", "verdict": "accept", "note": ""}
        told = {f"{code}-{name}": value for name, value in count.items()}
        return self._intention(
            "hand-over", subject, road.officer, f"/can-bo/ban-giao/{record}", told
        )

    def decide(self) -> Intention:
        """A dossier that is being worked on, its result and the paper that says so."""
        subject = self.office.dossier(Status.PROCESSING)
        told = {"kind": "granted", "summary": "Đồng ý cấp", "number": "12/XN-UBND"}
        return self._intention(
            "decide",
            subject,
            self.office.actor(Role.OFFICER),
            f"/can-bo/ho-so/{subject}/quyet-dinh",
            told | {"version": str(self._version(subject))},
            uploads=files("outcome", 1),
        )

    def page_to_read(self) -> str:
        """A scanned page that waits for the worker; gives the file's public id."""
        with self.site.app.test_request_context():
            return make_file(self.site.world, drawn(dpi=100))

    def _draft(self) -> str:
        with self.site.app.test_request_context(), transaction():
            version = self.site.world.version()
            draft = services.start_draft(version, Channel.ONLINE, by=self.citizen, at=clock.now())
            draft.answers_text = json.dumps(ANSWERS)
            ensure_documents(draft)
            return draft.public_id

    def _version(self, subject: str) -> int:
        with self.site.app.test_request_context():
            db.session.rollback()
            return self.site.road.dossier(subject).version

    def _intention(
        self,
        act: str,
        subject: str,
        actor: Actor,
        path: str,
        fields: dict[str, str] | None = None,
        *,
        uploads: list[Upload] | None = None,
        hashes: list[str] | None = None,
    ) -> Intention:
        uploads, key = uploads or [], uuid4().hex
        known = hashes if hashes is not None else [sha256(one.data).hexdigest() for one in uploads]
        person = self.web.person(actor)
        return Intention(
            Entry(act, subject, key, known), Sending(person, path, key, fields or {}, uploads)
        )
