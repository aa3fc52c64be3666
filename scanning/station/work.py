"""The station's day: asks for orders, lets the scanner run, sends pages, drops what has arrived."""

import contextlib
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field

from scanning.station import scanner
from scanning.station.pairing import WrongUse
from scanning.station.scanner import Scanner, Wish
from scanning.station.spool import BadPicture, Run, Spool
from scanning.station.wire import Away, Closed, Order, Portal, Refused

_AT_WORK = frozenset({"waiting", "scanning"})
_LOOK_EVERY = 0.2  # at the folder of a scanner that runs
_LONGEST_PAUSE = 15.0  # between tries while the portal is away
_TROUBLES = frozenset({"unplugged", "failed"})  # after which the scanner is looked for anew


@dataclass
class Station:
    """What it knows of its work is in the spool and in the portal; it may die at any moment."""

    portal: Portal
    spool: Spool
    device: str
    program: str
    options: tuple[str, ...]
    every: float  # seconds between questions while there is nothing to do
    failures: int = 0
    has_greeted: bool = False
    asked_at: float = float("-inf")
    scanner: Scanner | None = None
    children: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def forever(self) -> None:
        """Work until somebody ends the program, or the portal no longer knows it (Revoked)."""
        while True:
            time.sleep(self.once())

    def once(self) -> float:
        """One round; how long to wait before the next."""
        try:
            pause = self._round()
        except Away as error:
            self._gather()
            return self._wait_out(str(error))
        except Refused as refusal:
            return self._wait_out(f"cổng từ chối: {refusal}")
        except OSError as error:  # a full disk: what the scanner has written stays
            return self._wait_out(f"ổ đĩa của máy này: {error.strerror}")
        if self.failures:
            say("Đã nối lại được với cổng.")
        self.failures = 0
        return pause

    def _wait_out(self, why: str) -> float:
        if not self.failures:
            held = self.spool.count()
            say(f"Chưa gửi được ({why}). Máy này đang giữ {held} trang và sẽ tự thử lại.")
        self.failures += 1
        self.asked_at = float("-inf")
        longest = min(_LONGEST_PAUSE, 0.5 * 2 ** min(self.failures, 6))
        return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads stations, hides nothing

    def _gather(self) -> None:
        """Make pages of what the scanner brings meanwhile: a raw one takes ten times the room."""
        with contextlib.suppress(BadPicture, OSError):
            for order in self.spool.orders():
                for run in self.spool.runs(order):
                    run.collect()

    def _round(self) -> float:
        if not self.has_greeted:
            self._greet()
        order = self._order()
        for known in self.spool.orders():
            if order is None or known != order.id:
                self.spool.forget(known)
        if order is None or order.state not in _AT_WORK:
            return self.every
        try:
            return self._serve(order)
        except Closed:
            self.spool.forget(order.id)
            self.asked_at = float("-inf")
            return 0

    def _order(self) -> Order | None:
        """What the portal wants, asked now and then also while the scanner runs."""
        if time.monotonic() - self.asked_at >= self.every:
            self.portal.order()
            self.asked_at = time.monotonic()
        return self.portal.last

    def _greet(self) -> None:
        """Tell the portal of the scanner; without one, orders are answered all the same."""
        try:
            found = self._scanner()
            self.portal.greet(found.name, sorted(found.sources) or ["glass"])
            say(f"Máy quét: {found.name} ({found.device}). Đang chờ lệnh quét.")
        except WrongUse as problem:
            self.portal.greet("", [])
            say(str(problem))
        self.has_greeted = True

    def _scanner(self) -> Scanner:
        """Found once: some scanners need many seconds to say who they are."""
        self.scanner = self.scanner or scanner.find(self.program, self.device, self.options)
        return self.scanner

    def _serve(self, order: Order) -> float:
        """Begin what is new, carry on what was begun."""
        run = self.spool.run(order.id, order.run)
        if not run.was_started:
            self._start(order, run)
            return 0
        self.children = [child for child in self.children if child.poll() is None]
        is_over = not run.is_running  # asked first: what it finished before is then collected
        reason = ""
        try:
            run.collect()
        except BadPicture:
            run.stop()
            reason = "failed"  # the pages before it are sent all the same
        try:
            self._send(order, run)
        except Refused as refusal:
            say(f"Cổng không nhận một trang: {refusal}")
            run.stop()
            run.put_aside()
            return self._end(order, run, "page_refused")
        if reason or is_over:
            return self._end(order, run, reason or self._reason(order, run))
        return _LOOK_EVERY

    def _send(self, order: Order, run: Run) -> None:
        for page in run.waiting():
            taken = self.portal.send(order.id, page.number, page.path.read_bytes(), page.sha256)
            if taken != page.sha256:
                raise Away("cổng ghi nhận sai mã băm của trang")
            run.arrived(page)

    def _start(self, order: Order, run: Run) -> None:
        first = self.portal.begin(order)
        try:
            found = self._scanner()
        except WrongUse as problem:
            say(str(problem))
            self._tell_end(order, first - 1, "unplugged")
            return
        if not found.can(order.source):
            self._tell_end(order, first - 1, "no_source")
            return
        wish = Wish(order.source, order.mode, order.resolution, first, order.most - first + 1)
        self.children.append(run.start(found.command(wish, run.raw), first))
        say(f"Bắt đầu quét từ trang {first}.")

    def _reason(self, order: Order, run: Run) -> str:
        end = run.end()
        if end is None:
            return "interrupted"
        reason = scanner.reason_of(*end, run.count())
        if not reason and end[0] == 0 and order.source != "glass":
            return "too_many"  # the feeder was not empty yet
        return reason

    def _end(self, order: Order, run: Run, reason: str) -> float:
        pages = run.first - 1 + run.count()
        say(f"Đã quét và gửi {pages} trang." if not reason else f"Dừng ở trang {pages}: {reason}.")
        self._tell_end(order, pages, reason)
        return 0

    def _tell_end(self, order: Order, pages: int, reason: str) -> None:
        self.portal.end(order, pages, reason)
        self.asked_at = float("-inf")
        if reason in _TROUBLES:
            self.scanner = None


def say(sentence: str) -> None:
    """One line for whoever looks at the counter's computer."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
