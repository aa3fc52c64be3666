"""The watch over a thread that is deep in a library."""

import hashlib
import threading
import time

from scanning.watch import Watch
from tests.rig.waiting import until


def test_who_takes_too_much_of_the_processor_is_ended():
    ended = threading.Event()
    with Watch(0.2, ended.set).over():
        while not ended.is_set():
            hashlib.sha256(bytes(1_000_000)).digest()
    assert ended.is_set()


def test_who_only_waits_is_left_alone(monkeypatch):
    ended, looks, look = threading.Event(), [], time.clock_gettime

    def counted(clock):
        looks.append(clock)
        return look(clock)

    monkeypatch.setattr(time, "clock_gettime", counted)
    with Watch(0.2, ended.set).over():
        until(lambda: len(looks) > 3, "the watch has looked three times")
    assert not ended.is_set()
