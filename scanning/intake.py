"""The quick check at upload time: may this file come in at all, and why not?"""

from __future__ import annotations

import contextlib
import dataclasses

from scanning.codec import decode
from scanning.contract import Intake
from scanning.errors import Refused, ScanError
from scanning.formats import CONTENT_TYPES, HEAD_BYTES, check_head, kind_of
from scanning.limited import LimitedChild
from scanning.scratch import scratch_folder
from scanning.settings import MEGABYTE, Limits

_SECONDS = 10
_MEMORY = 300 * MEGABYTE
# A file too much for its reader keeps the processor busy; less than this is a machine's lack.
_AT_LEAST_WORKED = 0.3


class Gate(contextlib.AbstractContextManager["Gate"]):
    """Looks at the files of one sending, one after another, in one closed room.

    To start a room costs a tenth of a second of a processor, to look into a photograph a hundredth.
    Files of one person may follow each other in it; a file that was not accepted leaves it empty,
    and nobody else's ever comes in.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.room: LimitedChild | None = None

    def __exit__(self, *_reason: object) -> None:
        self._clear()

    def look(self, data: bytes, filename: str) -> Intake:
        """Judge an upload within ten seconds; always answers, whatever it does to its reader.

        Raises `ScanError("busy")` when the machine was too busy to look: that says nothing of it.
        """
        head = data[:HEAD_BYTES]
        kind = kind_of(head)
        try:
            check_head(head, len(data), filename, self.limits)
            return self._look_inside(data, filename)
        except Refused as refusal:
            self._clear()
            return _refusal(refusal.reason, kind)
        except ScanError as error:
            self._clear()
            if error.code == "busy":
                raise
            # What breaks its reader here would break it again later.
            return _refusal("too_large" if error.code == "out_of_memory" else "damaged", kind)

    def _look_inside(self, data: bytes, filename: str) -> Intake:
        if self.room is None:
            self.room = LimitedChild(memory_bytes=_MEMORY, cpu_seconds=_SECONDS, nice=0)
        with scratch_folder() as folder:
            path = folder / "upload"
            path.write_bytes(data)
            try:
                *_, answer = self.room.ask(
                    "inspect",
                    seconds=_SECONDS,
                    path=str(path),
                    name=filename,
                    limits=dataclasses.asdict(self.limits),
                )
            except Refused as refusal:
                if refusal.reason == "timeout" and self.room.spent < _SECONDS * _AT_LEAST_WORKED:
                    raise ScanError("busy", try_again=True) from refusal
                raise
            return decode(Intake, answer["intake"])

    def _clear(self) -> None:
        if self.room is not None:
            self.room.close()
            self.room = None


def inspect_bytes(data: bytes, filename: str, limits: Limits) -> Intake:
    """Judge a single upload; see `Gate`."""
    with Gate(limits) as gate:
        return gate.look(data, filename)


def _refusal(reason: str, kind: str | None) -> Intake:
    content_type = CONTENT_TYPES.get(kind or "", "application/octet-stream")
    return Intake("refused", reason, 0, kind or "unknown", content_type)
