"""The quick check at upload time: may this file come in at all, and why not?"""

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


def inspect_bytes(data: bytes, filename: str, limits: Limits) -> Intake:
    """Judge an upload within ten seconds; always answers, whatever the file does to its reader.

    Raises `ScanError("busy")` when the machine was too busy to look: that says nothing of the file.
    """
    head = data[:HEAD_BYTES]
    kind = kind_of(head)
    try:
        check_head(head, len(data), filename, limits)
        return _inspect_in_child(data, filename, limits)
    except Refused as refusal:
        return _refusal(refusal.reason, kind)
    except ScanError as error:
        if error.code == "busy":
            raise
        # What breaks its reader here would break it again later.
        return _refusal("too_large" if error.code == "out_of_memory" else "damaged", kind)


def _inspect_in_child(data: bytes, filename: str, limits: Limits) -> Intake:
    with (
        scratch_folder() as folder,
        LimitedChild(memory_bytes=_MEMORY, cpu_seconds=_SECONDS, nice=0) as child,
    ):
        path = folder / "upload"
        path.write_bytes(data)
        try:
            *_, answer = child.ask(
                "inspect",
                seconds=_SECONDS,
                path=str(path),
                name=filename,
                limits=dataclasses.asdict(limits),
            )
        except Refused as refusal:
            if refusal.reason == "timeout" and child.spent < _SECONDS * _AT_LEAST_WORKED:
                raise ScanError("busy", try_again=True) from refusal
            raise
        return decode(Intake, answer["intake"])


def _refusal(reason: str, kind: str | None) -> Intake:
    content_type = CONTENT_TYPES.get(kind or "", "application/octet-stream")
    return Intake("refused", reason, 0, kind or "unknown", content_type)
