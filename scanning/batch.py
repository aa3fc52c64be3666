"""Reads files at one desk, without store or queue, and writes the results beside each other."""

import dataclasses
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scanning.errors import Refused, ScanError
from scanning.limited import LimitedChild
from scanning.outputs import Findings, fingerprint, publish, publish_refusal
from scanning.scratch import scratch_folder
from scanning.settings import MEGABYTE, Limits
from scanning.stack_report import Review, StackOptions, report_of

# Each further page at work holds its colours, its grey copies, and one more reader.
_MEMORY_PER_JOB = 512 * MEGABYTE


@dataclass(frozen=True)
class Options:
    """How the files of one call are read."""

    out: Path
    languages: str
    limits: Limits
    jobs: int = 2
    images: bool = False
    stack: StackOptions = field(default_factory=StackOptions)


@dataclass(frozen=True)
class Outcome:
    """What became of one input; `reason` is None when it was accepted."""

    path: Path
    reason: str | None
    detail: str = ""  # of the refusal
    review: tuple[Review, ...] = ()  # what a person must look at, though all was accepted


def read_all(inputs: Sequence[Path], options: Options) -> list[Outcome]:
    """Read the inputs, some at once; what is not a file's own fault is raised."""
    todo: queue.SimpleQueue[Path] = queue.SimpleQueue()
    outcomes: queue.SimpleQueue[Outcome | Exception] = queue.SimpleQueue()
    for path in inputs:
        todo.put(path)
    with scratch_folder() as slots:
        # Daemons: when this process is interrupted they end, and their children with them.
        threads = [
            threading.Thread(
                target=_work, args=(_Desk(options, str(slots)), todo, outcomes), daemon=True
            )
            for _ in range(min(options.jobs, len(inputs)))
        ]
        for thread in threads:
            thread.start()
        done = [_outcome(outcomes.get()) for _ in inputs]
        for thread in threads:  # each ends its child: what that took counts as ours
            thread.join()
        return done


def _outcome(outcome: Outcome | Exception) -> Outcome:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


class _Desk:
    """One child that reads file after file; a child that failed is replaced."""

    def __init__(self, options: Options, slots: str) -> None:
        self.options = options
        self.slots = slots
        self.child: LimitedChild | None = None

    def read(self, path: Path, folder: Path) -> Findings:
        """Ask a second time, and a new child, where that may help."""
        try:
            return self._ask(path, folder)
        except ScanError as error:
            self.close()
            if not error.try_again:
                raise _blame(error) from error
        try:
            return self._ask(path, folder)
        except ScanError as error:
            self.close()
            raise _blame(error) from error

    def close(self) -> None:
        """End the child, if there is one."""
        if self.child is not None:
            self.child.close()
            self.child = None

    def _ask(self, path: Path, folder: Path) -> Findings:
        limits, stack = self.options.limits, self.options.stack
        if self.child is None or self.child.is_closed:
            memory = limits.memory_bytes + (self.options.jobs - 1) * _MEMORY_PER_JOB
            self.child = LimitedChild(
                memory_bytes=memory,
                data_bytes=limits.data_bytes * self.options.jobs,
                unpack_bytes=limits.unpack_bytes,
                cpu_seconds=limits.file_seconds,
            )
        findings = Findings(folder)
        for event in self.child.ask(
            "scan",
            seconds=limits.file_seconds,
            path=str(path.resolve()),
            name=path.name,
            folder=str(folder),
            languages=self.options.languages,
            limits=dataclasses.asdict(limits),
            backs=str(stack.backs.resolve()) if stack.backs else None,
            split=stack.split,
            keep_blanks=stack.keep_blanks,
            two_sided=stack.is_two_sided,
            papers=stack.split,
            screens=self.options.images,
            archive=False,
            jobs=self.options.jobs,
            slots=self.slots,
        ):
            if event["event"] == "opened":
                self.child.allow(limits.more_seconds(int(event["total"])))
            findings.take(event)
        return findings


def _blame(error: ScanError) -> Exception:
    """A file that breaks its reader twice is refused; a missing engine is not the file's fault."""
    if error.code.startswith("engine"):
        return error
    return Refused("too_large" if error.code == "out_of_memory" else "damaged")


def _work(
    desk: _Desk,
    todo: "queue.SimpleQueue[Path]",
    outcomes: "queue.SimpleQueue[Outcome | Exception]",
) -> None:
    try:
        while True:
            outcomes.put(_read_one(desk, todo.get_nowait()))
    except queue.Empty:
        pass
    except Exception as error:
        outcomes.put(error)
    finally:
        desk.close()


def _read_one(desk: _Desk, path: Path) -> Outcome:
    started = time.monotonic()
    out, stack = desk.options.out, desk.options.stack
    backs = {"backs": fingerprint(stack.backs)} if stack.backs else {}
    with scratch_folder() as folder:
        try:
            findings = desk.read(path, folder)
        except Refused as refusal:
            publish_refusal(path, refusal.reason, out, time.monotonic() - started, backs)
            return Outcome(path, refusal.reason, refusal.detail)
        report = report_of(findings.pages, findings.answer, stack)
        publish(path, findings, out, time.monotonic() - started, backs | report.record)
        return Outcome(path, None, review=report.review)
