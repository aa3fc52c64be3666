"""Web and worker are killed at random moments while people work on: nothing is lost, half or twice.

FAULT_KILLS says how often; FAULT_SEED throws the dice of an earlier run again.
"""

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.kit.acts import Desk, Intention
from tests.faults.kit.chain import Chain
from tests.faults.kit.oracle import Entry, Oracle, read_folder
from tests.faults.kit.site import Back, NoAnswer, Site, Web
from tests.rig.postgres import PostgresServer
from tests.rig.processes import children_of
from tests.rig.waiting import until

pytestmark = [pytest.mark.proof, pytest.mark.tools]

KILLS = int(os.environ.get("FAULT_KILLS", "300"))
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
PER_SECOND = 5.0
PEOPLE = 12
ACTS = ("submit", "upload", "seal", "decide", "hand-over", "scan")
PAGES = ("/thu-tuc", "/tra-cuu", "/cua-toi", "/")
WORKER = ("--slots", "2", "--lease", "5")


class Crew:
    """People who come at fixed times; each sends his form again until it is answered."""

    def __init__(self, desk: Desk, web: Web, dice: random.Random) -> None:
        self.desk, self.web, self.dice = desk, web, dice
        self.laying, self.over = threading.Lock(), threading.Event()
        self.free = threading.Semaphore(PEOPLE)
        self.threads: list[threading.Thread] = []
        self.ledger: list[Entry] = []
        self.answers: Counter[int] = Counter()
        self.unkind: list[str] = []

    def __enter__(self) -> "Crew":
        self.gate = threading.Thread(target=self._come, daemon=True)
        self.gate.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self.over.set()
        self.gate.join(60)
        for one in self.threads:
            one.join(300)
        assert not any(one.is_alive() for one in self.threads), "somebody still waits"

    def _come(self) -> None:
        while not self.over.wait(1 / PER_SECOND):
            act = self.dice.choice((*ACTS, *PAGES))
            if self.free.acquire(blocking=False):
                work = self._read if act in PAGES else self._do
                self.threads.append(threading.Thread(target=work, args=(act,), daemon=True))
                self.threads[-1].start()

    def _read(self, path: str) -> None:
        with self._leaving(), contextlib.suppress(NoAnswer):
            person = self.web.person(self.desk.citizen) if path == "/cua-toi" else None
            self.answers[self.web.get(path, person, patience=30).status] += 1

    def _do(self, act: str) -> None:
        with self._leaving(), contextlib.suppress(NoAnswer):  # killed while he was signing in
            with self.laying:
                intention = self.desk.lay[act]()
            self.ledger.append(intention.entry)
            while self._must_be_sent(intention):
                pass

    def _must_be_sent(self, intention: Intention) -> bool:
        """Send it; whether it must be sent again."""
        try:
            answer = intention.sending.send(self.web, patience=60)
        except NoAnswer:
            self.answers[0] += 1
            return True
        self.answers[answer.status] += 1
        if answer.status == 303:
            intention.entry.receipts.append(answer.location)
        elif answer.status != 503:
            self.unkind.append(f"{intention.entry.act} was answered with {answer.status}")
        return answer.status == 503

    @contextmanager
    def _leaving(self) -> Iterator[None]:
        try:
            yield
        finally:
            self.free.release()


class Reaper:
    """Kills the web, one of its processes, or the worker, and starts what no longer runs."""

    def __init__(self, site: Site, web: Web, dice: random.Random) -> None:
        self.site, self.web, self.dice = site, web, dice
        self.struck: Counter[str] = Counter()
        self.over = threading.Event()

    def reap(self, kills: int) -> None:
        """Until so many have been killed; the worker has a rhythm of its own."""
        worker = threading.Thread(target=self._worker, daemon=True)
        worker.start()
        while self.struck.total() < kills:
            time.sleep(self.dice.uniform(0.1, 4.0))  # the moment of the kill
            assert self.web.process is not None
            parts = children_of(self.web.process.pid)
            if parts and self.dice.random() < 0.6:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.dice.choice(parts), signal.SIGKILL)
                    self.struck["one process of the web"] += 1
            else:
                self.web.kill()
                self.struck["web"] += 1
                self.web.start()
        self.over.set()
        worker.join(60)

    def _worker(self) -> None:
        dice = random.Random(self.dice.random())  # noqa: S311 - its own throws of the same seed
        while not self.over.is_set():
            with Back(self.site, *WORKER):
                self.over.wait(dice.uniform(1.0, 15.0))
            self.struck["worker"] += 1


@pytest.fixture(params=["postgres", "sqlite"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    url = ""
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create("random_kills")
    site = Site(tmp_path, url)
    yield site
    site.close()


def test_nothing_is_lost_at_random_moments_either(site: Site) -> None:
    print(f"random kills: FAULT_SEED={SEED}")
    dice = random.Random(SEED)  # noqa: S311 - a run can be had again
    oracle = Oracle(site.database_url, read_folder(site.objects))
    begun = time.monotonic()
    with Web(site) as web:
        crew, reaper = Crew(Desk(site, web), web, dice), Reaper(site, web, dice)
        with crew:
            reaper.reap(KILLS)
        seconds = time.monotonic() - begun
        print(
            f"{dict(reaper.struck)} killed within {seconds:.0f} s, {len(crew.ledger)} acts,"
            f" {crew.answers.total() / seconds:.1f} requests/s, answers {dict(crew.answers)}"
        )
        assert oracle.faults(crew.ledger) + crew.unkind == []
        is_read = _everything_is_read(site, oracle)
        told = web.command("audit", "verify")
    assert set(crew.answers) <= {0, 200, 303, 503}
    assert len(crew.ledger) >= KILLS / 10
    assert is_read
    assert oracle.faults(crew.ledger) + Chain(site, oracle).faults() == []
    assert "The log is whole" in told, told


def _everything_is_read(site: Site, oracle: Oracle) -> bool:
    """The next worker does all that is left: each file is read, none given up, all mail sent."""

    def left() -> int:
        return oracle.number(
            "SELECT (SELECT count(*) FROM jobs WHERE state IN ('queued', 'leased'))"
            " + (SELECT count(*) FROM outbox_messages WHERE state <> 'sent')"
        )

    print(f"{left()} pieces of work and messages left")
    with Back(site, *WORKER):
        until(lambda: left() == 0, "all work is done", within=3600, every=1.0)
    tries = dict(oracle.rows("SELECT tries, count(*) FROM jobs GROUP BY tries"))
    jobs = dict(oracle.rows("SELECT state, count(*) FROM jobs GROUP BY state"))
    print(f"work: {jobs}, by tries: {tries}")
    return set(jobs) == {"done"}
