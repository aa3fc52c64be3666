"""The back door: reads files, sends messages and takes back what dead workers held.

Started as `python -m portal.worker`; several may run beside each other.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy.exc import DBAPIError

from portal import clock, forgetting, logs, meters, outbox, upkeep
from portal.app import create_app
from portal.audit import sealing
from portal.audit.tasks import seal_waiting
from portal.db import transaction
from portal.documents import erasing, scans, tasks, virus
from portal.dossiers import counting
from portal.jobs import services as jobs
from portal.jobs.messages import UNFORESEEN
from portal.jobs.models import Job
from portal.jobs.services import Claimed, LeaseLost
from portal.patience import BACK_SECONDS

log = logging.getLogger("portal.worker")

POLL = 0.5
SWEEP = 5.0
SEAL = 1.0
SEAL_FAR = 600.0
UPKEEP = 6 * 3600.0
FORGET = 300.0
OUTAGE = timedelta(seconds=15)
MOST_SLOTS = 2
# Pages. While longer files hold every slot, one of at most so many is read beside them.
SHORT = 20

# What each kind of work does, and what it leaves behind when it has failed for good.
TASKS: dict[str, Callable[[Claimed], None]] = {
    scans.SCAN: tasks.read_file,
    virus.VIRUS: tasks.check_file,
    erasing.ERASE: erasing.erase_objects,
}
GIVEN_UP: dict[str, Callable[[Job], None]] = {scans.SCAN: scans.give_up}


class Worker:
    """Claims work into its slots, keeps the leases alive, and does the small chores between."""

    def __init__(self, app: Flask, *, slots: int, lease: timedelta = jobs.LEASE) -> None:
        self.app = app
        self.slots = slots
        self.lease = lease
        self.name = secrets.token_hex(8)
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.tidied_at = time.monotonic()
        self.far_seal_at = float("-inf")
        self.running: dict[str, Claimed] = {}

    def start(self) -> None:
        """Begin to work, in threads of this process."""
        chores = (
            *((f"slot-{number}", self.work_once, POLL) for number in range(self.slots)),
            ("beside", self.work_beside, POLL),
            ("leases", self.keep_leases, self.lease.total_seconds() / 4),
            ("sweep", self.sweep, SWEEP),
            ("outbox", self.send, POLL),
            ("seal", self.seal, SEAL),
            ("counts", self.fold, 30.0),
            ("upkeep", self.tidy, 60.0),
            ("erased", self.forget, FORGET),
        )
        for name, chore, pause in chores:
            arguments = (chore, pause)
            threading.Thread(target=self._repeat, args=arguments, daemon=True, name=name).start()

    def stop(self) -> None:
        """End, and put back what is not done, so that the next worker need not wait for a lease.

        The threads die with the process, and the closed rooms they read in die with them.
        """
        self.stopping.set()
        with self.app.app_context():
            try:
                for claimed in self._held():
                    with transaction():
                        jobs.give_back(claimed, at=clock.now())
                with transaction():
                    jobs.rest(self.name)
            except DBAPIError:
                log.warning("could not give work back; its lease will run out")

    def work_once(self) -> bool:
        """Take one piece of work and do it; False when there was none."""
        return self._work(most=None)

    def work_beside(self) -> bool:
        """Read a short file while long ones hold every slot, so that nobody waits for hours."""
        held = [claimed for claimed in self._held() if claimed.size > SHORT]
        return len(held) >= self.slots and self._work(most=SHORT)

    def _work(self, *, most: int | None) -> bool:
        with transaction():
            claimed = jobs.claim(at=clock.now(), lease=self.lease, most=most)
        if claimed is None:
            return False
        with self.lock:
            self.running[claimed.token] = claimed
        try:
            _do(claimed)
        finally:
            with self.lock:
                self.running.pop(claimed.token, None)
        return True

    def keep_leases(self) -> bool:
        """Renew what the slots are working on."""
        for claimed in self._held():
            with transaction():
                jobs.renew(claimed, at=clock.now(), lease=self.lease)
        return False

    def sweep(self) -> bool:
        """Take back the work of dead workers, and give a sign of life."""
        with transaction():
            jobs.beat(self.name, tasks.lacks(self.app.config["SETTINGS"]), at=clock.now())
            for job in jobs.sweep(at=clock.now()):
                _give_up(job)
        return False

    def send(self) -> bool:
        """Send one waiting message."""
        return outbox.send_one(self.app.config["SETTINGS"])

    def seal(self) -> bool:
        """Chain new lines of the log; at the start and now and then also look for old ones."""
        back, now = sealing.NEAR, time.monotonic()
        if now - self.far_seal_at >= SEAL_FAR:
            back, self.far_seal_at = sealing.FAR, now
        try:
            seal_waiting(clock.now(), back=back)
        except OSError as error:
            log.warning("no checkpoint of the log could be left: %s", error)
        return False

    def fold(self) -> bool:
        """Keep the counts of dossiers short."""
        if counting.is_long():
            with transaction():
                counting.fold()
        return False

    def forget(self) -> bool:
        """Erase again what somebody has brought back past `restore`; also right at the start."""
        again = forgetting.settle(clock.now())
        if again:
            log.warning("erased again", extra={"fields": {"things": again}})
        return False

    def tidy(self) -> bool:
        """Sweep a few times a day; not at the start, when there is better to do."""
        if time.monotonic() - self.tidied_at >= UPKEEP:
            self.tidied_at = time.monotonic()
            done = upkeep.sweep(clock.now())
            log.info("sweep", extra={"fields": {"objects": done.objects, "rows": done.rows}})
        return False

    def _held(self) -> list[Claimed]:
        with self.lock:
            return list(self.running.values())

    def _repeat(self, chore: Callable[[], bool], pause: float) -> None:
        """Do a chore for ever: at once again while there is more, after a pause when not."""
        while not self.stopping.is_set():
            try:
                with self.app.app_context():
                    has_more = chore()
            except DBAPIError as error:
                log.warning("the database is away: %s", type(error.orig).__name__)
                has_more = False
            except Exception:
                log.exception("a chore of the worker failed")
                has_more = False
            if not has_more:
                self.stopping.wait(pause)


def _do(claimed: Claimed) -> None:
    """Do a piece of work, whatever it may raise: a job never takes the worker with it."""
    started = time.monotonic()
    try:
        TASKS[claimed.kind](claimed)
        outcome = "done"
    except LeaseLost:
        outcome = "lease lost"
    except tasks.Failed as failure:
        outcome = failure.reason
        _fail(claimed, failure)
    except Exception as error:
        outcome = type(error).__name__
        log.exception("a job failed in a way nobody foresaw")
        _fail(claimed, tasks.Failed(UNFORESEEN, again=True))
    meters.JOBS_RUN.labels(claimed.kind, outcome).inc()
    fields = {
        "job": claimed.public_id,
        "kind": claimed.kind,
        "try": claimed.tries,
        "outcome": outcome,
        "ms": round((time.monotonic() - started) * 1000),
    }
    log.info("job", extra={"fields": fields})


def _fail(claimed: Claimed, failure: tasks.Failed) -> None:
    with transaction() as session:
        if failure.is_outage:
            later = clock.now() + OUTAGE
            jobs.give_back(claimed, at=later, reason=failure.reason)
        elif jobs.fail(claimed, failure.reason, at=clock.now(), again=failure.again):
            _give_up(session.get_one(Job, claimed.id))


def _give_up(job: Job) -> None:
    told = GIVEN_UP.get(job.kind)
    if told is not None:
        told(job)


def main(arguments: list[str] | None = None) -> None:
    """Run one worker in this process until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m portal.worker", description=__doc__)
    parser.add_argument("--slots", type=int, default=min(MOST_SLOTS, os.cpu_count() or 1))
    parser.add_argument("--lease", type=float, default=jobs.LEASE.total_seconds(), help="seconds")
    options = parser.parse_args(arguments)
    logs.set_up()
    worker = Worker(
        create_app(patience=BACK_SECONDS),
        slots=options.slots,
        lease=timedelta(seconds=options.lease),
    )
    # Raising in the main thread is safe wherever it waits; setting an event there is not.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    worker.start()
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    worker.stop()


if __name__ == "__main__":
    main()
