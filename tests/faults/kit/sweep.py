"""Kills at every boundary of an act, one after the other, and asks the oracle after each."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from tests.faults.kit import disk
from tests.faults.kit.acts import Desk, Intention
from tests.faults.kit.chain import Chain
from tests.faults.kit.oracle import Entry, Oracle, whole_of
from tests.faults.kit.site import Answer, NoAnswer, Web
from tests.faults.kit.wire import Gate
from tests.rig.waiting import until

PATIENCE = 60.0
# A sweep of hours may take each third boundary only, evenly; the suite takes them all.
EVERY = int(os.environ.get("FAULT_EVERY", "1"))


@dataclass
class Sweep:
    """What was found and what was hit; `faults` is empty when nothing was lost, half or twice."""

    boundaries: int = 0
    tried: int = 0  # blows; over wires one before and one after each boundary
    kills: int = 0
    replies_lost: int = 0  # durable, and the client never heard of it
    faults: list[str] = field(default_factory=list)
    ledger: list[Entry] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.boundaries} boundaries, {self.tried} blows, {self.kills} struck,"
            f" {self.replies_lost} lost replies, {len(self.faults)} faults"
        )


class Blow(Protocol):
    """One way to kill while a form is on its way; True when it struck."""

    def __call__(self, intention: Intention) -> bool: ...


class Killer:
    """Sends the forms of a desk while the web is killed, and keeps the client's ledger."""

    def __init__(self, web: Web, desk: Desk, oracle: Oracle) -> None:
        self.web, self.desk, self.oracle = web, desk, oracle
        self.chain = Chain(web.site, oracle)
        self.unkind: list[str] = []  # answers that are neither a receipt nor a sentence in time

    def over_wires(self, act: str, gate: Gate, *, to_first_fault: bool = False) -> Sweep:
        """Every boundary that passes the gate during one act, before and after."""
        first = self._laid(act)
        with gate.counted() as seen:
            self._must_answer(first)
            # Of a portal that answers too early the commit is still to come: it counts as well.
            whole = whole_of(first.entry)
            until(lambda: self.oracle.parts(first.entry).counts == whole, "it is all there")
            count = len(seen)
        sweep = Sweep(boundaries=count, ledger=[first.entry])
        for number in range(1, count + 1, EVERY):
            for when in ("before", "after"):
                self._one(sweep, act, partial(self._stop, gate, number, when))
                if to_first_fault and sweep.faults:
                    return sweep
        sweep.faults += self.oracle.faults(sweep.ledger)
        return sweep

    def over_disk(self, act: str, what: str, *calls: str, onwards: bool = False) -> Sweep:
        """Every call to the disk during one act: killed there, or answered with an error.

        `onwards`: the disk is broken from that call on, until the act is over.
        """
        first = self._laid(act)
        with disk.counted(self.web.workers()) as counts:
            self._must_answer(first)
        sweep = Sweep(ledger=[first.entry])
        for call in calls or disk.CALLS:
            sweep.boundaries += counts[call]
            for number in range(1, counts[call] + 1, EVERY):
                when = f"{number}+" if onwards else str(number)
                self._one(sweep, act, partial(self._fault, call, what, when))
        sweep.faults += self.oracle.faults(sweep.ledger)
        return sweep

    def _fault(self, call: str, what: str, when: str, intention: Intention) -> bool:
        """True when a process was killed, or the person was told that it was not taken."""
        doomed = self.web.workers()
        with disk.faulty(doomed, call, what, when):
            answer = self._try(intention)
        if answer is not None and answer.status not in (303, 503):
            self.unkind.append(f"{intention.entry.act}, {call} {when}: {answer.status}")
        return answer is None or answer.status != 303

    def _one(self, sweep: Sweep, act: str, blow: Blow) -> bool:
        """One act, one blow, everything started again, and the client's one retry."""
        intention = self._laid(act)
        entry = intention.entry
        sweep.ledger.append(entry)
        struck = blow(intention)
        sweep.tried += 1
        sweep.kills += struck
        sweep.faults += self.oracle.faults([entry])
        is_done = not self.oracle.parts(entry).are_none
        sweep.replies_lost += is_done and not entry.receipts
        if not self.web.runs():
            self.web.start()
        if not entry.receipts:
            again = self._again(intention)
            if again is None or again.status != 303:
                told = again.status if again else "nothing"
                sweep.faults.append(f"I3 {act} sent again was answered with {told}")
        sweep.faults += self.oracle.faults([entry]) + self.chain.faults()
        return struck

    def _stop(self, gate: Gate, number: int, when: str, intention: Intention) -> bool:
        """Kill the web's whole group while the wire stands still."""
        with gate.stopped(number, when) as stop, ThreadPoolExecutor(1) as pool:
            answer = pool.submit(self._try, intention)
            struck = stop.reached.wait(PATIENCE)
            assert struck, f"boundary {number} of {intention.entry.act} never came"
            self.web.kill()
            answer.result()
        return struck

    def _laid(self, act: str) -> Intention:
        """The act, ready; its person has just been here, so nothing else is written for him."""
        intention = self.desk.lay[act]()
        self.web.get("/thu-tuc", intention.sending.person)
        self.web.get("/vai-tro", intention.sending.person)
        return intention

    def _try(self, intention: Intention) -> Answer | None:
        """Send, and write down what was answered, if anything was."""
        try:
            answer = intention.sending.send(self.web, PATIENCE)
        except NoAnswer:
            return None
        if answer.status == 303:
            intention.entry.receipts.append(answer.location)
        return answer

    def _again(self, intention: Intention) -> Answer | None:
        """Sent as often as the person is told to: once, unless the machine is too busy."""
        for _ in range(5):
            answer = self._try(intention)
            if answer is None or answer.status != 503:
                break
        return answer

    def _must_answer(self, intention: Intention) -> None:
        answer = self._again(intention)
        assert answer is not None, f"{intention.entry.act}: no answer"
        assert answer.status == 303, f"{intention.entry.act}: {answer.status}\n{answer.text}"
