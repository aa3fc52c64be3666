"""A portal to be hurt: its data, its processes as they ship, and people at their forms."""

import base64
import http.client
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from portal.access import Actor
from portal.accounts import services as accounts
from portal.accounts import sessions
from portal.accounts.models import User
from portal.app import create_app
from portal.db import transaction
from portal.extensions import db
from portal.schema import upgrade
from portal.settings import read_settings
from tests.factories.post import Road
from tests.factories.world import World, make_world
from tests.rig.forms import TOKEN
from tests.rig.processes import ROOT, descendants
from tests.rig.waiting import until

KEY = base64.b64encode(b"a key that only tests ever hold!").decode()
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """What a browser got back."""

    status: int
    location: str
    text: str
    headers: dict[str, str]


class NoAnswer(Exception):
    """The connection ended before a whole answer came."""


@dataclass
class Person:
    """A browser that is signed in."""

    actor: Actor
    cookies: str
    token: str


@dataclass
class Upload:
    """A file as a form carries it."""

    field: str
    name: str
    data: bytes


class Site:
    """Data folder, database and people; `wires` name what the processes are told instead."""

    def __init__(self, folder: Path, database_url: str = "", **settings: str) -> None:
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        self.database_url = database_url or f"sqlite:///{self.data}/portal.db"
        self.objects = self.data / "objects"
        self.log = folder / "processes.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "DATA_DIR": str(self.data),
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": "a secret that only tests ever hold",
            "DATA_KEYS": f"k1:{KEY}",
            "TMPDIR": str(folder),
            **settings,
        }
        self.app = create_app(read_settings(self.environment))
        upgrade(self.database_url)
        with self.app.test_request_context():
            self.world: World = make_world()
            self.road = Road.laid(self.world)
        self.people: dict[int, Person] = {}

    def tell(self, **settings: str) -> None:
        """Give the processes another setting than the harness has: a wire instead of a server."""
        self.environment |= settings

    def close(self) -> None:
        """Let go of the database."""
        with self.app.app_context():
            db.engine.dispose()


class Web:
    """Gunicorn as it ships, on a listening address that outlives it, as under script/server."""

    def __init__(self, site: Site, program: str = "", log: str = "") -> None:
        self.site = site
        self.log = log or str(site.log)
        self.program = program
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
        command += ["--bind", f"fd://{self.listener.fileno()}"]
        if self.program:
            command.append(self.program)
        with Path(self.log).open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={"WEB_CONCURRENCY": "2"} | self.site.environment,
                pass_fds=[self.listener.fileno()],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self.is_alive, "gunicorn answers", within=60, every=0.1)

    def is_alive(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "gunicorn ended by itself"
        try:
            return self.ask("GET", "/healthz", patience=5).status == 200
        except NoAnswer:
            return False

    def workers(self) -> list[int]:
        """The processes that answer."""
        assert self.process is not None
        return sorted(descendants(self.process.pid) - {self.process.pid})

    def runs(self) -> bool:
        """Whether it was started and not killed since."""
        return self.process is not None

    def kill(self) -> None:
        """Kill the whole group outright."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def end_politely(self) -> None:
        """Tell it to end, as a new version's start does, and wait until it has."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self.kill()
        self.listener.close()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        patience: float = 60,
    ) -> Answer:
        """One request on a connection of its own; raises NoAnswer."""
        connection = http.client.HTTPConnection(self.host, timeout=patience)
        try:
            connection.request(method, path, body=body or None, headers=headers or {})
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(type(error).__name__) from error
        finally:
            connection.close()
        found = dict(answer.headers.items())
        return Answer(
            answer.status, found.get("Location", ""), text.decode("utf-8", "replace"), found
        )

    def get(self, path: str, person: Person | None = None, patience: float = 60) -> Answer:
        """A page, as this person or as anybody."""
        return self.ask(
            "GET", path, headers={"Cookie": person.cookies} if person else {}, patience=patience
        )

    def fetch(self, path: str, person: Person) -> bytes:
        """The very bytes of a file."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request("GET", path, headers={"Cookie": person.cookies})
            answer = connection.getresponse()
            assert answer.status == 200, path
            return answer.read()
        finally:
            connection.close()

    def command(self, *words: str) -> str:
        """What an operator's command says."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=ROOT,
            env=self.site.environment,
            capture_output=True,
            text=True,
            timeout=600,  # no promise: a busy machine may take long to start it
            check=False,
        )
        return done.stdout + done.stderr

    def person(self, actor: Actor) -> Person:
        """Somebody's browser, signed in, with a token of this web's own."""
        known = self.site.people
        if actor.user_id in known:
            return known[actor.user_id]
        with self.site.app.test_request_context(), transaction() as session:
            user = session.get_one(User, actor.user_id)
            membership = accounts.first_membership(user)
            assert membership is not None
            sid = f"sid={sessions.open_session(user, membership)}"
        page = self.get("/thu-tuc", Person(actor, sid, ""))
        form = page.headers["Set-Cookie"].partition(";")[0]
        token = TOKEN.search(page.text)
        assert token
        known[actor.user_id] = Person(actor, f"{sid}; {form}", token[1])
        return known[actor.user_id]


class Back:
    """The worker as it ships, in a group of its own."""

    def __init__(self, site: Site, *options: str, **settings: str) -> None:
        self.site, self.options, self.settings = site, options, settings
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self.site.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.worker", *self.options],
                cwd=ROOT,
                env=self.site.environment | self.settings,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_reason: object) -> None:
        self.kill()

    def kill(self) -> None:
        """Kill it outright; what it had started notices and ends by itself."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def started(self) -> set[int]:
        """The processes it has started and that run now."""
        assert self.process is not None
        return descendants(self.process.pid) - {self.process.pid}


@dataclass
class Sending:
    """One form as one person sends it, once or again: the same key, the same bytes."""

    person: Person
    path: str
    key: str
    fields: dict[str, str]
    uploads: list[Upload] = field(default_factory=list)

    def send(self, web: Web, patience: float = 60) -> Answer:
        """Send it; raises NoAnswer."""
        body, kind = self._body()
        headers = {
            "Cookie": self.person.cookies,
            "Content-Type": kind,
            "Sec-Fetch-Site": "same-origin",
        }
        return web.ask("POST", self.path, body, headers, patience)

    def _body(self) -> tuple[bytes, str]:
        fields = self.fields | {"idempotency_key": self.key, "csrf_token": self.person.token}
        if not self.uploads:
            return urlencode(fields).encode(), FORM
        edge = "a-line-that-no-file-holds"
        parts = [
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
            for name, value in fields.items()
        ]
        parts += [
            f'Content-Disposition: form-data; name="{one.field}"; filename="{one.name}"\r\n'
            f"Content-Type: application/octet-stream\r\n\r\n".encode()
            + one.data
            for one in self.uploads
        ]
        body = b"".join(b"--" + edge.encode() + b"\r\n" + part + b"\r\n" for part in parts)
        return body + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"
