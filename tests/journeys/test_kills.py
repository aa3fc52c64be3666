"""Kill -9 of the web in the middle of a submission: each intention is one whole dossier."""

import http.client
import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access import Role
from portal.accounts import sessions
from portal.app import create_app
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.directory.importer import load_organisations
from portal.directory.models import Organisation
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier, DossierEvent
from portal.extensions import db
from portal.idempotency import IdempotencyKey
from portal.settings import read_settings
from tests.rig.forms import new_key
from tests.rig.processes import PortalProcess, children_of
from tests.rig.sign_in import SignIn
from tests.rig.waiting import until

ROOT = Path(__file__).resolve().parents[2]
KILLS = 12
OFFICE = "BC56-01"

pytestmark = pytest.mark.journey


@dataclass
class Intention:
    """One person at the counter: his name is in one dossier or something is lost."""

    name: str
    key: str


class Counter:
    """A clerk's browser without a browser: cookies, a token, and one form."""

    def __init__(self, portal: PortalProcess, site: Flask) -> None:
        self.portal = portal
        with site.app_context():
            office = db.session.scalars(select(Organisation).filter_by(code=OFFICE)).one()
            client = SignIn(site)(Role.POSTAL_CLERK, at=office)
            self.cookies = {sessions.cookie_name(): token_in(client)}
        page = self.ask("GET", "/buu-dien/ho-so-moi")[1]
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found, "every page carries a token"
        self.token = found[1]

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        """Status, and the page or the address it sends to."""
        line = http.client.HTTPConnection(urlsplit(self.portal.url).netloc, timeout=20)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {
            "Cookie": cookies,
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            line.request(method, path, body.encode(), headers)
            answer = line.getresponse()
            for given in answer.headers.get_all("Set-Cookie") or []:
                self.cookies |= {n: m.value for n, m in SimpleCookie(given).items()}
            page = answer.read().decode()
            return answer.status, answer.headers.get("Location") or page
        finally:
            line.close()

    def submits(self, intention: Intention) -> str | None:
        """Where the answer sends to; None when there was no answer."""
        fields = {
            "csrf_token": self.token,
            "idempotency_key": intention.key,
            "act": "send",
            "procedure": "1.004873",
            "applicant_name": intention.name,
            "citizen_number": "056185000123",
            "phone": "0900000123",
            "commune_code": "22366",
            "address": "Số 1, đường Mẫu",
            "return_mode": "desk",
        }
        try:
            status, said = self.ask("POST", "/buu-dien/ho-so-moi", urlencode(fields))
        except (OSError, http.client.HTTPException):
            return None
        assert status == 303, f"{status}: {said[:2000]}"
        return said


def token_in(client: object) -> str:
    """The session token the rig has put into its own client."""
    cookie = client.get_cookie(sessions.cookie_name())  # type: ignore[attr-defined]
    return str(cookie.value)


def the_same_site(portal: PortalProcess) -> Flask:
    """The application on the running portal's own folder, in this process."""
    data = portal.data
    given = {
        "DATA_DIR": str(data),
        "SECRET_KEY": (data / "secret_key").read_text().strip(),
        "DATA_KEYS": (data / "data_keys").read_text().strip(),
    }
    site = create_app(read_settings(given))
    with site.app_context(), transaction() as session:
        load_organisations(session, ROOT / "data" / "organisations.json")
    return site


def kill_web(portal: PortalProcess) -> None:
    """The master first, so that it starts nobody in between, then every worker."""
    master = portal.child("web")
    assert master is not None
    for pid in (master, *children_of(master)):
        os.kill(pid, signal.SIGKILL)


def is_back(portal: PortalProcess) -> bool:
    try:
        return portal.get("/readyz")[0] == 200
    except OSError:
        return False


def test_a_web_killed_in_the_middle_of_submissions_leaves_whole_dossiers_only(
    start_portal: Callable[..., PortalProcess], filled_folder: Path
) -> None:
    portal = start_portal("--no-demo", like=filled_folder)
    site = the_same_site(portal)
    counter = Counter(portal, site)
    began = time.monotonic()
    first = Intention("Người Đầu Tiên", new_key())
    assert counter.submits(first)
    usual = time.monotonic() - began
    pauses = random.Random(11)  # noqa: S311 - spread over the request, the same in each run
    intentions = [first]
    for number in range(KILLS):
        intention = Intention(f"Người Thứ {number}", new_key())
        intentions.append(intention)
        answers: list[str | None] = []
        sender = threading.Thread(
            target=lambda i=intention, a=answers: a.append(counter.submits(i))
        )
        sender.start()
        time.sleep(pauses.uniform(0, usual))  # the moment of the kill is what is being varied
        kill_web(portal)
        sender.join()
        until(lambda: is_back(portal), "the web is back", within=60)
        again = counter.submits(intention)
        assert again
        assert answers[0] in (None, again)
    with site.app_context():
        dossiers = db.session.scalars(select(Dossier)).all()
        assert sorted(d.applicant_name for d in dossiers) == sorted(i.name for i in intentions)
        assert {d.status for d in dossiers} == {Status.REGISTERED}
        assert len({d.code for d in dossiers}) == len(intentions)
        for kind, wanted in ((DossierEvent, "submit"), (AuditEvent, "dossier:submit")):
            told = [row.dossier_id for row in db.session.scalars(select(kind)) if row.act == wanted]
            assert sorted(told) == sorted(d.id for d in dossiers)
        keys = {row.key for row in db.session.scalars(select(IdempotencyKey))}
        assert {i.key for i in intentions} <= keys
