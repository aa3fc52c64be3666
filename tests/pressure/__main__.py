"""Presses on a portal started as script/server starts it, and prints what it stood.

An open loop: requests come when they come (Poisson), whether or not the portal has answered those
before, and each is timed from the moment it was due.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import quantiles
from urllib.parse import urlsplit

from flask import Flask

from portal.app import create_app
from portal.settings import read_settings
from tests.pressure.people import MIX, People, Sending, again, completed, photograph
from tests.pressure.wire import Answer, Ask, Wire
from tests.rig.postgres import PostgresServer
from tests.rig.processes import PortalProcess
from tests.rig.waiting import until

Turn = Callable[[float], Coroutine[None, None, None]]


@dataclass
class Book:
    """What was seen: seconds by kind, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str, seconds: float, answer: Answer, *good: int) -> None:
        """Write one request down."""
        self.seconds.setdefault(kind, []).append(seconds)
        if answer.status not in good:
            self.wrong[f"{kind}: {answer.status or 'no answer'}"] += 1

    def print(self, title: str, took: float) -> None:
        """A table of it."""
        everything = sorted(second for kind in self.seconds.values() for second in kind)
        print(
            f"\n{title}: {len(everything) / took:.1f} a second, {sum(self.wrong.values())} errors"
        )
        print(f"{'':22}{'number':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'most':>8}  (ms)")
        for kind, seconds in [*sorted(self.seconds.items()), ("all", everything)]:
            marks = (
                quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else seconds * 99
            )
            figures = "".join(f"{mark * 1000:8.0f}" for mark in (marks[49], marks[94], marks[98]))
            print(f"{kind:22}{len(seconds):8}{figures}{max(seconds) * 1000:8.0f}")
        for what, number in self.wrong.most_common():
            print(f"  {number} × {what}")


async def press(turn: Turn, rate: float, seconds: float, rng: Random) -> None:
    """Let turns begin at random moments, `rate` a second, and wait until all have ended."""
    loop = asyncio.get_running_loop()
    begun, due = loop.time(), 0.0
    going = set()
    while (due := due + rng.expovariate(rate)) < seconds:
        await asyncio.sleep(max(0.0, begun + due - loop.time()))
        task = loop.create_task(turn(begun + due))
        going.add(task)
        task.add_done_callback(going.discard)
    await asyncio.gather(*going)


async def mixed(
    wire: Wire, asked: dict[str, list[Ask]], options: argparse.Namespace, rng: Random
) -> None:
    """Everything people do, in the proportions of MIX."""
    clock = asyncio.get_running_loop().time
    kinds = [kind for kind in MIX if kind in asked]
    weights = [MIX[kind] for kind in kinds]
    book = Book()

    async def turn(due: float) -> None:
        kind = rng.choices(kinds, weights)[0]
        question = rng.choice(asked[kind])
        if question.method == "POST":
            question = again(question, rng)
        answer = await wire.ask(question)
        book.note(kind, clock() - due, answer, 200, 303)

    await press(turn, options.rate / 2, options.warm_up, rng)
    book = Book()
    begun = time.monotonic()
    await press(turn, options.rate, options.seconds, rng)
    book.print(f"Mixed requests at {options.rate:g} a second", time.monotonic() - begun)


async def submissions(
    wire: Wire, ready: list[Sending], options: argparse.Namespace, rng: Random
) -> None:
    """Each turn sends one dossier: three files, the check of the answers, the button."""
    clock, book = asyncio.get_running_loop().time, Book()

    async def step(question: Ask, good: int) -> Answer:
        begun = clock()
        answer = await wire.ask(question)
        book.note(question.kind, clock() - begun, answer, good)
        return answer

    async def turn(due: float) -> None:
        if not ready:
            return
        one = ready.pop()
        await step(one.files, 303)
        check = await step(one.check, 200)
        pressed = completed(one.send, check.text)
        if pressed is None:
            book.wrong["the draft was not complete"] += 1
            return
        answer = await step(pressed, 303)
        book.note("whole submission", clock() - due, answer, 303)

    begun = time.monotonic()
    seconds = len(ready) / options.submissions
    await press(turn, options.submissions, seconds, rng)
    book.print(f"Submissions at {options.submissions:g} a second", time.monotonic() - begun)


def keys() -> dict[str, str]:
    """Settings that the pressed portal and whoever prepares its people must share."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATA_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def main() -> None:
    """Start, prepare, press, print."""
    parser = argparse.ArgumentParser(prog="script/load", description=__doc__)
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL (default SQLite)")
    parser.add_argument("--rate", type=float, default=60, help="mixed requests a second")
    parser.add_argument("--seconds", type=float, default=30, help="how long")
    parser.add_argument("--warm-up", type=float, default=10, help="seconds at half the rate before")
    parser.add_argument("--submissions", type=float, default=5, help="dossiers sent a second")
    parser.add_argument("--dossiers", type=int, default=100, help="how many are sent")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-load-")))
        settings = keys()
        if options.postgresql:
            server = PostgresServer(flags="")  # as durable as it is by itself
            stack.callback(server.stop)
            settings["DATABASE_URL"] = server.create("portal")
        portal = stack.enter_context(PortalProcess(folder, **settings))
        app = create_app(
            read_settings(
                settings | {"DATA_DIR": str(portal.data), "DEMO": "1", "PUBLIC_URL": portal.url}
            )
        )
        print(f"{portal.url}, {'PostgreSQL' if options.postgresql else 'SQLite'}, ", end="")
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}", flush=True)
        run(app, portal, options)


def run(app: Flask, portal: PortalProcess, options: argparse.Namespace) -> None:
    """Prepare everybody, then press."""
    rng = Random(options.seed)  # noqa: S311 - the same pressure every time
    people, picture = People(app), photograph(rng)
    asked = people.questions()
    print("asked:", {kind: len(found) for kind, found in asked.items()}, f"{len(picture)} bytes")
    ready = [people.sending(number, picture) for number in range(options.dossiers)]
    parts = urlsplit(portal.url)
    assert parts.hostname
    assert parts.port
    until(lambda: "portal_jobs{" not in portal.get("/metrics")[1], "all is read", within=600)
    used = portal.processor_seconds()

    async def both() -> None:
        wire = Wire(parts.hostname or "", parts.port or 0)
        await mixed(wire, asked, options, rng)
        await submissions(wire, ready, options, rng)

    asyncio.run(both())
    print(f"\nThe portal took {portal.processor_seconds() - used:.0f} seconds of the processors.")


if __name__ == "__main__":
    main()
