"""What the worker does for the log every second: seal, and leave a checkpoint outside."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from portal.audit import sealing
from portal.audit.checkpoints import Checkpoint, book
from portal.audit.sealing import NEAR
from portal.db import transaction

log = logging.getLogger("portal.audit")

EVERY = timedelta(seconds=45)
EVERY_LINES = 1000


def seal_waiting(at: datetime, *, back: timedelta = NEAR) -> None:
    """Seal what waits and leave a checkpoint when one is due.

    Many batches bear one time: the proof then knows that all of them were there at once.
    """
    while sealing.waiting(at, back=back, most=1):  # an idle site takes no write lock
        with transaction(alone=True):
            done = sealing.seal(at, back=back)
        if done < sealing.BATCH:
            break
    leave_checkpoint(at)


def seal_all(at: datetime) -> None:
    """Seal whatever waits, however old, and leave a checkpoint of it."""
    seal_waiting(at, back=sealing.FAR)
    leave_checkpoint(at, now=True)


def leave_checkpoint(at: datetime, *, now: bool = False) -> None:
    """Sign where the chain ends, if there is news and it is time.

    Never over a chain that does not agree with the checkpoint before: that would help a forger.
    """
    opened = book()
    end, newest = sealing.end(), opened.newest()
    if newest is None:
        if end.sequence:
            opened.append(end.sequence, end.hash, at)
        return
    if end.sequence == newest.sequence or not (now or _is_due(end.sequence, newest, at)):
        return
    if not agrees(newest):
        log.error("the log is not what its newest checkpoint proves; run: audit verify")
        return
    opened.append(end.sequence, end.hash, at)


def agrees(checkpoint: Checkpoint) -> bool:
    """Whether the log still holds what a checkpoint says."""
    found = sealing.hash_at(checkpoint.sequence)
    return found is not None and found.hex() == checkpoint.hash


def _is_due(sequence: int, newest: Checkpoint, at: datetime) -> bool:
    # A clock that was put back must not silence us, so the distance counts in either direction.
    return sequence - newest.sequence >= EVERY_LINES or abs(at - newest.moment) >= EVERY
