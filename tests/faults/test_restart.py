"""Told to end under load, or killed all at once: nobody is refused, and everything comes back."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import OnDisk
from tests.faults.kit.site import NoAnswer, Web
from tests.rig.processes import PortalProcess, is_alive
from tests.rig.waiting import until


class Crowd:
    """People who ask for pages all the time, each request on a connection of its own.

    So many wait at most that a busy machine serves them all once the web is there again.
    """

    def __init__(self, web: Web, per_second: float, *, waiting: int = 30) -> None:
        self.web, self.pause = web, 1 / per_second
        self.places = threading.Semaphore(waiting)
        self.over = threading.Event()
        self.statuses: list[int] = []
        self.failures: list[str] = []
        self.threads: list[threading.Thread] = []

    def __enter__(self) -> "Crowd":
        threading.Thread(target=self._come, daemon=True).start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self.over.set()
        for thread in list(self.threads):
            thread.join(130)

    def _come(self) -> None:
        """One more at fixed times, whether or not the others have been served."""
        while not self.over.wait(self.pause):
            if not self.places.acquire(timeout=self.pause):
                continue
            self.threads.append(threading.Thread(target=self._ask, daemon=True))
            self.threads[-1].start()

    def _ask(self) -> None:
        try:
            self.statuses.append(self.web.get("/tra-cuu", patience=120).status)
        except NoAnswer as error:
            self.failures.append(str(error))
        finally:
            self.places.release()


def test_nobody_is_refused_while_the_web_starts_again(on_disk: OnDisk) -> None:
    web, form = on_disk.web, on_disk.desk.upload()
    answers: list[int] = []
    with Crowd(web, 10) as crowd:
        until(lambda: len(crowd.statuses) >= 5, "people are served")
        sender = threading.Thread(target=lambda: answers.append(form.sending.send(web).status))
        sender.start()
        web.end_politely()
        web.start()
        sender.join(130)
        served = len(crowd.statuses)
        until(lambda: len(crowd.statuses) >= served + 5, "people are served again", within=60)
    assert crowd.failures == []
    assert set(crowd.statuses) == {200}
    assert answers == [303]


@pytest.mark.proof
def test_a_portal_whose_every_process_died_comes_back_by_itself(
    start_portal: Callable[..., PortalProcess], filled_folder: Path
) -> None:
    portal = start_portal("--no-demo", like=filled_folder)
    family = portal.family()
    portal.process.kill()
    for pid in family:
        os.kill(pid, signal.SIGKILL)
    portal.process.wait()
    until(lambda: not any(map(is_alive, family)), "all are dead", within=10)
    begun = time.monotonic()
    portal.start()
    until(lambda: portal.get("/readyz")[0] == 200, "it is ready", within=30)
    print(f"every process killed, ready again after {time.monotonic() - begun:.1f} s")
