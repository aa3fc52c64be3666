"""Through the real web server, in two processes, killed outright in the middle of sending."""

import http.client
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.access import Role
from portal.accounts import services, sessions
from portal.accounts.models import User
from portal.app import create_app
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.documents.models import Document
from portal.dossiers.models.dossier import Dossier, DossierEvent
from portal.extensions import db
from portal.idempotency import IdempotencyKey
from portal.schema import upgrade
from portal.settings import read_settings
from tests.factories.world import make_world
from tests.portal.ground.served import Served, settings
from tests.rig import on_both_databases
from tests.rig.forms import TOKEN, new_key
from tests.rig.waiting import until

PATH = "/buu-dien/ho-so-moi"
WALK_IN = {
    "procedure": "1.004873",
    "applicant_name": "Trần Văn Khách",
    "citizen_number": "056088001234",
    "phone": "0912345678",
    "email": "khach@test.invalid",
    "address": "12 Trần Phú",
    "commune_code": "22366",
    "return_mode": "post",
    "return_address": "12 Trần Phú",
    "return_commune_code": "22366",
    "act": "send",
}
KILLS = 3
FORMS = 18
pytestmark = on_both_databases


@dataclass
class Counter:
    """A clerk's browser at a portal of two processes, and a look into its database."""

    app: Flask
    served: Served
    cookies: str
    token: str

    def send(self, key: str) -> str:
        """Send a walk-in, again until somebody answers; returns where the answer leads."""
        body = urlencode(WALK_IN | {"idempotency_key": key, "csrf_token": self.token})
        headers = {
            "Cookie": self.cookies,
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        }
        return until(lambda: self.ask(body, headers), "the form is answered", within=90)

    def ask(self, body: str, headers: dict[str, str]) -> str | None:
        connection = self.served.connect()
        try:
            connection.request("POST", PATH, body=body, headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None  # killed while it was at it: send the same again
        finally:
            connection.close()
        if answer.status == 503:
            return None
        assert answer.status == 303, text
        return answer.headers["Location"]

    def wait_for(self, forms: int) -> None:
        """Wait until so many forms have had their effect."""
        until(lambda: self.count(IdempotencyKey.id) >= forms, "forms have an effect", within=90)

    def count(self, column: object) -> int:
        with self.app.app_context():
            return db.session.scalar(select(func.count(column))) or 0  # type: ignore[arg-type] # any column


@pytest.fixture
def counter(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Counter]:
    changes = {"LC_ALL": "C.UTF-8"}
    if database_kind == "postgresql":
        changes["DATABASE_URL"] = request.getfixturevalue("postgres").create("killed")
    environment = settings(tmp_path, **changes)
    app = create_app(read_settings(environment))
    upgrade(app.config["SETTINGS"].database_url)
    with Served(environment) as served:
        token, cookies = signed_in(app, served)
        yield Counter(app, served, cookies, token)
    with app.app_context():
        db.engine.dispose()
    if database_kind == "postgresql":
        request.getfixturevalue("postgres").drop("killed")


def signed_in(app: Flask, served: Served) -> tuple[str, str]:
    """A clerk's session, and a form's token from the real server."""
    with app.app_context():
        clerk = make_world().actor(Role.POSTAL_CLERK)
        with transaction() as session:
            user = session.get_one(User, clerk.user_id)
            membership = services.first_membership(user)
            assert membership is not None
            sid = f"sid={sessions.open_session(user, membership)}"
    connection = served.connect()
    connection.request("GET", PATH, headers={"Cookie": sid})
    page = connection.getresponse()
    form = (page.headers["Set-Cookie"] or "").partition(";")[0]
    token = TOKEN.search(page.read().decode())
    connection.close()
    assert token
    return token[1], f"{sid}; {form}"


def test_twenty_identical_forms_at_two_processes_make_one_dossier(counter: Counter) -> None:
    key, together = new_key(), Barrier(20)

    def press(_number: int) -> str:
        together.wait()
        return counter.send(key)

    with ThreadPoolExecutor(20) as pool:
        places = list(pool.map(press, range(20)))
    assert len(set(places)) == 1
    assert counter.count(Dossier.id) == 1
    assert counter.count(Dossier.code) == 1


def test_server_killed_in_the_middle_leaves_neither_half_nor_twice(counter: Counter) -> None:
    keys = [new_key() for _ in range(FORMS)]

    def kill_now_and_then() -> None:
        for kill in range(1, KILLS + 1):
            counter.wait_for(FORMS * kill // (KILLS + 1))
            os.killpg(counter.served.process.pid, signal.SIGKILL)
            counter.served.process.communicate()
            counter.served.start()

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    with ThreadPoolExecutor(6) as pool:
        places = list(pool.map(counter.send, keys))
    killer.join()
    assert len(set(places)) == FORMS
    assert [counter.send(key) for key in keys] == places
    with counter.app.app_context():
        found = db.session.scalars(select(Dossier)).all()
        assert len(found) == FORMS
        assert len({dossier.code for dossier in found if dossier.code}) == FORMS
        assert {f"{PATH.removesuffix('-moi')}/{row.public_id}/kiem-dem?moi=1" for row in found} == (
            set(places)
        )
        for dossier in found:
            assert parts_of(dossier.id) == {"sent": 1, "written": 1, "papers": 2}


def parts_of(dossier_id: int) -> dict[str, int]:
    """What a dossier that was sent must have, counted."""
    questions = {
        "sent": select(func.count(DossierEvent.id)).filter_by(dossier_id=dossier_id, act="submit"),
        "written": select(func.count(AuditEvent.id)).filter_by(
            dossier_id=dossier_id, act="dossier:submit"
        ),
        "papers": select(func.count(Document.id)).filter_by(dossier_id=dossier_id),
    }
    return {name: db.session.scalar(question) or 0 for name, question in questions.items()}
