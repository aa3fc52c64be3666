"""A counter: a portal that is served, a clerk, and a computer with a scanner that may be killed."""

import io
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
from PIL import Image, ImageStat
from sqlalchemy import select

from portal import clock
from portal.access import Actor
from portal.db import transaction
from portal.directory.models import Organisation
from portal.documents.models import DocumentFile, HeldPage
from portal.documents.services import open_object
from portal.extensions import db
from portal.postal import scan_orders, stations
from portal.postal.models import OrderState, ScanOrder, Source
from tests.factories.stations import make_order, with_role
from tests.faults.kit.site import Site, Web
from tests.rig.processes import ROOT
from tests.rig.proxy import Proxy
from tests.rig.waiting import until

COUNTING = str(Path(__file__).with_name("counting_scanimage"))
SHEET = (210, 297)
LIGHT, STEP = 40, 20  # how bright sheet n is: what came in which order can be seen in the file


def sane_folder(folder: Path) -> Path:
    """SANE with its two make-believe scanners and no other: a folder for SANE_CONFIG_DIR."""
    found = folder / "sane"
    found.mkdir(exist_ok=True)
    (found / "dll.conf").write_text("test\npnm\n")
    return found


def draw_sheets(folder: Path, count: int) -> Path:
    """So many sheets, each of another grey."""
    folder.mkdir(exist_ok=True)
    for number in range(1, count + 1):
        picture = Image.new("L", SHEET, LIGHT + STEP * number)
        picture.save(folder / f"{number}.pnm", "PPM")
    return folder


@dataclass
class Computer:
    """The counter's computer: its folder, and the station as a process."""

    folder: Path
    environment: dict[str, str]
    url: str
    program: str = COUNTING
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def data(self) -> Path:
        return self.folder / "station"

    @property
    def log(self) -> Path:
        return self.folder / "station.log"

    def call(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """One command of the station, to its end."""
        return subprocess.run(
            self.command(*words),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "scanning.station", "--data", str(self.data), *words]

    def start(self, *before: str, program: str = "", options: tuple[str, ...] = ()) -> None:
        """Start it; `before` is what runs it, a tracer for example."""
        words = ["run", "--poll", "0.2", "--scanimage", program or self.program, *options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*before, *self.command(*words)],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill the station, and not its scanner, which is a session of its own."""
        if self.process is not None:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def held(self) -> int:
        """Pages on its disk that the portal has not acknowledged."""
        return len(list(self.data.glob("spool/*/run-*/pages/*.jpg")))


@dataclass
class Counter:
    """Everything together."""

    folder: Path
    site: Site
    web: Web
    wire: Proxy
    computer: Computer
    station: str = ""
    orders: int = 0
    sheets: Path = field(default_factory=Path)

    @classmethod
    def opened(cls, folder: Path) -> "Counter":
        site = Site(folder / "site")
        web = Web(site)
        web.start()
        wire = Proxy("127.0.0.1", int(web.host.rpartition(":")[2]))
        environment = {
            "PATH": os.environ["PATH"],
            "SANE_CONFIG_DIR": str(sane_folder(folder)),
            "SHEETS": str(folder / "sheets"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        computer = Computer(folder, environment, f"http://127.0.0.1:{wire.port}")
        counter = cls(folder, site, web, wire, computer, sheets=folder / "sheets")
        counter.pair()
        return counter

    def close(self) -> None:
        self.computer.kill()
        self.wire.__exit__()
        self.web.__exit__()
        self.site.close()

    def pair(self) -> None:
        with self.site.app.test_request_context(), transaction() as session:
            office = session.get_one(Organisation, self.clerk.place_id)
            made, code = stations.invite(office, "Quầy 1", by=self.clerk, at=clock.now())
            self.station = made.public_id
        done = self.computer.call("pair", "--url", self.computer.url, "--code", code)
        assert done.returncode == 0, done.stderr

    @property
    def clerk(self) -> Actor:
        return self.site.road.clerk

    def fresh(self, count: int) -> None:
        """Other sheets lie in the feeder; nothing runs."""
        self.computer.kill()
        for left in self.sheets.glob("*") if self.sheets.exists() else ():
            left.unlink()
        draw_sheets(self.sheets, count)
        with self.site.app.test_request_context(), transaction():
            found = stations.get(self.station, for_=self.clerk)
            stations.greet(found.id, "Noname", ["feeder", "glass"])

    def order(self, source: Source = Source.FEEDER) -> str:
        """The clerk presses the button for the first paper of a new dossier."""
        with self.site.app.test_request_context():
            dossier = self.site.road.registered()
            return make_order(dossier, self.station, self.clerk, clock.now(), source=source)

    def state(self, order: str) -> tuple[OrderState, int, str]:
        """How far it is: state, pages, reason."""
        with self.site.app.test_request_context():
            found = scan_orders.get(order)
            return found.state, found.pages, found.reason

    def becomes(self, order: str, *states: OrderState, within: float = 40) -> OrderState:
        def look() -> OrderState | None:
            state = self.state(order)[0]
            return state if state in states else None

        found = until(look, f"the order is {states}", within=within)
        assert found is not None
        return found

    def go_on(self, order: str) -> None:
        """The clerk lays the rest of the paper in and presses the button once more."""
        with self.site.app.test_request_context(), transaction():
            found = scan_orders.get(order, lock=True)
            scan_orders.go_on(found, by=with_role(self.clerk), at=clock.now())

    def forget(self, order: str) -> None:
        """Whatever became of it, it stands in nobody's way any more."""
        with self.site.app.test_request_context(), transaction():
            scan_orders.cancel(scan_orders.get(order, lock=True), by=None, at=clock.now())

    def sheets_of(self, order: str) -> list[int]:
        """Which sheets stand in the files of the order's paper, in their order."""
        with self.site.app.test_request_context():
            paper = db.session.scalar(select(ScanOrder.document_id).filter_by(public_id=order))
            files = db.session.scalars(
                select(DocumentFile).filter_by(document_id=paper).order_by(DocumentFile.id)
            )
            return [
                number
                for file in files
                for number in _sheets(open_object(file.original_key, file.original_sha256))
            ]

    def waiting_pages(self) -> int:
        """Pages that the portal holds for orders that are not done."""
        with self.site.app.test_request_context():
            return len(db.session.scalars(select(HeldPage.id)).all())


def _sheets(data: bytes) -> list[int]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pictures = [
            Image.open(io.BytesIO(next(iter(page.get_images().values())).read_raw_bytes()))
            for page in pdf.pages
        ]
        return [round((ImageStat.Stat(one).mean[0] - LIGHT) / STEP) for one in pictures]
