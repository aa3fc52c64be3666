"""Pages on this computer's disk, from the scanner until the portal has acknowledged their hash.

One folder for each order, in it one for each time the clerk started the scanner. Whatever dies
when, the files say what is still to be done: scanimage runs on by itself when this program is
killed, because paper that went through the feeder does not come back.
"""

import contextlib
import fcntl
import hashlib
import io
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

# Runs the scanner with a lock that lasts as long as it does, and leaves what it said at its end.
_WATCHED = 'echo $$ >pid; "$@" >/dev/null 2>log; echo $? >exit.new; mv exit.new exit'
_QUALITY = 90  # of JPEG: seals stay sharp; a page in colour has one to three megabytes
_GREY_MODES = frozenset({"1", "L", "I;16", "I"})
_KILL_AFTER = 10.0


class BadPicture(Exception):
    """The scanner gave something that is no picture."""


@dataclass(frozen=True)
class Page:
    """A page that waits to be sent."""

    number: int
    sha256: str
    path: Path


class Run:
    """One start of the scanner for an order."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.raw, self.pages = folder, folder / "raw", folder / "pages"

    @property
    def was_started(self) -> bool:
        """Whether the scanner may have moved paper for it."""
        return (self.folder / "started").exists()

    @property
    def is_running(self) -> bool:
        """Whether the scanner still works for it, started by this process or by one that died."""
        with contextlib.suppress(FileNotFoundError), (self.folder / "lock").open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    @property
    def first(self) -> int:
        """The number of its first page."""
        return int((self.folder / "started").read_text())

    def start(self, command: list[str], first: int) -> "subprocess.Popen[bytes]":
        """Let the scanner run, as a session of its own that outlives this program."""
        for folder in (self.raw, self.pages):
            folder.mkdir(parents=True, exist_ok=True)
        _write(self.folder / "started", str(first).encode())
        with (self.folder / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return subprocess.Popen(  # noqa: S603 - a fixed script; the scanner's command is its argument
                ["/bin/sh", "-c", _WATCHED, "scan", *command],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(lock.fileno(),),
                start_new_session=True,
            )

    def stop(self) -> None:
        """Stop the scanner, first with a word and then by force."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + _KILL_AFTER
            with contextlib.suppress(OSError, ValueError):
                if self.is_running:
                    os.killpg(int((self.folder / "pid").read_text()), sign)
            while self.is_running and time.monotonic() < deadline:
                time.sleep(0.05)

    def end(self) -> tuple[int, str] | None:
        """With which number the scanner ended, and its words; None where nobody heard its end."""
        try:
            status = int((self.folder / "exit").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return status, (self.folder / "log").read_text(errors="replace")

    def collect(self) -> None:
        """Make a page of each picture that the scanner has finished; a raw one goes only then."""
        for raw in sorted(self.raw.glob("*.tiff")):
            number = int(raw.stem)
            if not any(self.pages.glob(f"{number:04d}-*.jpg")):
                self._keep(number, as_jpeg(raw))
            raw.unlink()

    def waiting(self) -> list[Page]:
        """Pages that were not acknowledged yet, in order."""
        return [_page_of(path) for path in sorted(self.pages.glob("*.jpg"))]

    def arrived(self, page: Page) -> None:
        """The portal has written down this very hash: only that there was a page stays here."""
        counted = page.path.with_suffix(".sent")
        page.path.rename(counted)
        os.truncate(counted, 0)

    def put_aside(self) -> None:
        """Pages the portal will not take: kept until the clerk has closed the order."""
        aside = self.folder / "aside"
        aside.mkdir(exist_ok=True)
        for page in self.waiting():
            page.path.rename(aside / page.path.name)

    def count(self) -> int:
        """How many pages it has brought, sent or not."""
        return sum(path.suffix in (".jpg", ".sent") for path in self.pages.iterdir())

    def _keep(self, number: int, data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        _write(self.pages / f"{number:04d}-{digest}.jpg", data)


@dataclass(frozen=True)
class Spool:
    """All orders of which something lies on this computer."""

    folder: Path

    def orders(self) -> list[str]:
        """Their names."""
        if not self.folder.exists():
            return []
        return sorted(path.name for path in self.folder.iterdir() if path.is_dir())

    def run(self, order: str, number: int) -> Run:
        """The folder of one start of the scanner, there or not."""
        return Run(self.folder / order / f"run-{number}")

    def runs(self, order: str) -> list[Run]:
        """Everything that was started for an order."""
        return [Run(path) for path in sorted((self.folder / order).glob("run-*"))]

    def forget(self, order: str) -> None:
        """The portal has it all, or the clerk wants none of it: stop the scanner and remove it."""
        for run in self.runs(order):
            run.stop()
        shutil.rmtree(self.folder / order, ignore_errors=True)

    def count(self) -> int:
        """How many pages lie here and wait, whatever their order."""
        return sum(
            len(run.waiting()) + len(list(run.raw.glob("*.tiff")))
            for order in self.orders()
            for run in self.runs(order)
        )


def as_jpeg(raw: Path) -> bytes:
    """The scanner's picture as it is sent, with the resolution it was taken at."""
    try:
        with Image.open(raw) as picture:
            dpi = picture.info.get("dpi", (0, 0))
            flat = picture.convert("L" if picture.mode in _GREY_MODES else "RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise BadPicture(raw.name) from error
    told = {"dpi": (round(dpi[0]), round(dpi[1]))} if dpi[0] else {}
    data = io.BytesIO()
    flat.save(data, "JPEG", quality=_QUALITY, **told)
    return data.getvalue()


def _page_of(path: Path) -> Page:
    number, _, digest = path.stem.partition("-")
    return Page(int(number), digest, path)


def _write(path: Path, data: bytes) -> None:
    """The whole file under its name, on the disk, or nothing under it."""
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
