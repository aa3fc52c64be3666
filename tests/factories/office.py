"""An office to test in: people at their desks, dossiers brought to any state by the real verbs."""

import functools
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from portal import clock
from portal.access import Actor, Role
from portal.accounts.models import User
from portal.db import transaction
from portal.directory.models import Organisation
from portal.documents import search, store
from portal.documents import services as documents
from portal.documents.models import DocumentPage, DocumentPurpose, FileState
from portal.documents.services import PDF, Taken
from portal.dossiers import services
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Channel, Dossier, ReturnMode
from portal.dossiers.models.notices import OutcomeKind
from portal.extensions import db
from tests.factories.world import World, make_dossier
from tests.rig.sign_in import SignIn
from vietnam.folding import fold

FRIDAY = datetime(2026, 11, 20, 10, 12, tzinfo=clock.ZONE)


class Office:
    """One service centre with its department, and ways to lay dossiers on its desks."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app = app
        self.world = world
        self.known: dict[tuple[Role, int | None, str], Actor] = {}

    @contextmanager
    def inside(self) -> Iterator[None]:
        """A context of its own, so that nobody holds an old picture of the database."""
        with self.app.test_request_context():
            yield

    def actor(self, role: Role, at: int | None = None, name: str = "Người Thử") -> Actor:
        key = (role, at, name)
        if key not in self.known:
            with self.inside():
                self.known[key] = self.world.actor(role, at, name)
        return self.known[key]

    def client(self, role: Role, at: int | None = None, name: str = "Người Thử") -> FlaskClient:
        actor = self.actor(role, at, name)
        with self.inside():
            user = db.session.get_one(User, actor.user_id)
        return SignIn(self.app).known(user)

    def dossier(
        self,
        status: Status = Status.REGISTERED,
        *,
        at: datetime = FRIDAY,
        name: str = "Nguyễn Thị Mẫu",
        return_mode: ReturnMode = ReturnMode.DESK,
        channel: Channel = Channel.ONLINE,
        pace: timedelta = timedelta(),
    ) -> str:
        """A dossier in this state, each step `pace` after the other; returns its public id."""
        for role in (Role.CITIZEN, Role.ONESTOP_OFFICER, Role.OFFICER):
            self.actor(role)
        with self.inside():
            citizen = self.actor(Role.CITIZEN)
            public_id = make_dossier(self.world, citizen, at=at, name=name, channel=channel)
            with transaction():
                self.load(public_id).return_mode = return_mode
            for verb in ROADS[status]:
                at += pace
                with transaction():
                    getattr(self, verb)(self.load(public_id), at)
        return public_id

    def look(self, public_id: str) -> Dossier:
        """The dossier as the database has it now."""
        with self.inside():
            return self.load(public_id)

    def load(self, public_id: str) -> Dossier:
        return db.session.query(Dossier).filter_by(public_id=public_id).one()

    def page(self, public_id: str, text: str, *, fields: list[dict[str, Any]] | None = None) -> str:
        """Lay a scanned page with these words into a dossier, as the reader leaves it."""
        citizen = self.actor(Role.CITIZEN)
        with self.inside():
            return self._page(public_id, text, fields or [], citizen)

    def _page(self, public_id: str, text: str, fields: list[dict[str, Any]], citizen: Actor) -> str:
        lines = [line.split() for line in text.splitlines()]
        words = [
            {"text": word, "box": [0.1 + 0.08 * x, 0.1 * y, 0.17 + 0.08 * x, 0.1 * y + 0.04]}
            for y, line in enumerate(lines, start=1)
            for x, word in enumerate(line)
        ]
        picture = store.put(webp(620, 877), "image/webp")
        content = json.dumps({"number": 1, "words": words}).encode()
        boxes = store.put(content, "application/json")
        at = FRIDAY
        with transaction() as session:
            dossier = self.load(public_id)
            paper = documents.add_document(dossier, "Tờ khai", DocumentPurpose.VOLUNTARY, at)
            original = store.put(b"%PDF-1.7 as it came", "application/pdf")
            taken = Taken("file", "tờ khai.pdf", original.key, original.sha256, 19, PDF, 1)
            file = documents.attach(paper, taken, by=citizen, at=at)
            file.state = FileState.READ
            file.fields = fields
            page = DocumentPage(
                file=file,
                number=1,
                width_px=620,
                height_px=877,
                dpi=75,
                text_source="ocr",
                text=text,
                folded=fold(text),
                image_key=picture.key,
                image_sha256=picture.sha256,
                thumb_key=picture.key,
                thumb_sha256=picture.sha256,
                words_key=boxes.key,
                words_sha256=boxes.sha256,
            )
            session.add(page)
            session.flush()
            search.index_page(page)
            return page.public_id

    def take(self, dossier: Dossier, at: datetime) -> None:
        services.take_from_post(dossier, by=self.actor(Role.ONESTOP_OFFICER), at=at)

    def accept(self, dossier: Dossier, at: datetime) -> None:
        if dossier.channel is Channel.POST:
            self.take(dossier, at)
        services.accept(dossier, by=self.actor(Role.ONESTOP_OFFICER), at=at)

    def refuse(self, dossier: Dossier, at: datetime) -> None:
        services.refuse(
            dossier, "Không thuộc thẩm quyền", by=self.actor(Role.ONESTOP_OFFICER), at=at
        )

    def forward(self, dossier: Dossier, at: datetime) -> None:
        department = db.session.get_one(Organisation, self.world.department)
        services.forward(dossier, department, by=self.actor(Role.ONESTOP_OFFICER), at=at)

    def ask(self, dossier: Dossier, at: datetime) -> None:
        items = [{"component": None, "text": "Bản sao trích lục"}]
        services.ask_supplement(dossier, items, "Thiếu", by=self.actor(Role.OFFICER), at=at)

    def bill(self, dossier: Dossier, at: datetime) -> None:
        services.ask_payment(dossier, 15000, "Lệ phí", by=self.actor(Role.OFFICER), at=at)

    def withdraw(self, dossier: Dossier, at: datetime) -> None:
        services.withdraw(dossier, "Không cần nữa", by=self.actor(Role.CITIZEN), at=at)

    def stop(self, dossier: Dossier, at: datetime) -> None:
        services.stop(dossier, "Không bổ sung", by=self.actor(Role.OFFICER), at=at)

    def decide(self, dossier: Dossier, at: datetime) -> None:
        kind = OutcomeKind.GRANTED
        services.decide(dossier, kind, "Đồng ý", "12/XN", None, by=self.actor(Role.OFFICER), at=at)

    def give(self, dossier: Dossier, at: datetime) -> None:
        services.return_outcome(dossier, by=self.actor(Role.ONESTOP_OFFICER), at=at)


@functools.cache
def webp(width: int, height: int) -> bytes:
    """A small picture of an empty sheet."""
    held = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(held, "WEBP")
    return held.getvalue()


_TO_DEPARTMENT = ("accept", "forward")
ROADS: dict[Status, tuple[str, ...]] = {
    Status.REGISTERED: (),
    Status.ACCEPTED: ("accept",),
    Status.REJECTED: ("refuse",),
    Status.PROCESSING: _TO_DEPARTMENT,
    Status.SUPPLEMENT_REQUIRED: (*_TO_DEPARTMENT, "ask"),
    Status.PAYMENT_REQUIRED: (*_TO_DEPARTMENT, "bill"),
    Status.WITHDRAWN: (*_TO_DEPARTMENT, "withdraw"),
    Status.STOPPED: (*_TO_DEPARTMENT, "stop"),
    Status.RESOLVED: (*_TO_DEPARTMENT, "decide"),
    Status.RETURNED: (*_TO_DEPARTMENT, "decide", "give"),
}
