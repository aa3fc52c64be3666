"""How the chain of the log stands now, for those who run the site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.audit import sealing
from portal.audit.checkpoints import Checkpoint, book
from portal.audit.tasks import agrees

LATE = timedelta(seconds=60)
UNMARKED = timedelta(minutes=5)


@dataclass(frozen=True)
class Standing:
    """`lag` is the age of the oldest line without a seal; `is_sound` is only a first look.

    It compares the newest checkpoint; `audit verify` walks through everything.
    """

    sealed: int
    sealed_at: datetime | None
    waiting: int
    lag: timedelta
    checkpoint: Checkpoint | None
    is_sound: bool

    @property
    def is_late(self) -> bool:
        """Whether lines wait for longer than a worker that is well lets them."""
        return self.lag > LATE

    @property
    def is_unmarked(self) -> bool:
        """Whether seals have no checkpoint that would prove them, though there was time for it."""
        if self.sealed_at is None:
            return False
        marked = self.checkpoint
        if marked is None:
            return True
        return marked.sequence < self.sealed and self.sealed_at - marked.moment > UNMARKED


def standing(at: datetime) -> Standing:
    """Where chain and checkpoints stand."""
    end = sealing.end()
    waiting = sealing.waiting(at)
    oldest = sealing.oldest_waiting(waiting) if waiting else None
    newest = book().newest()
    return Standing(
        sealed=end.sequence,
        sealed_at=end.sealed_at,
        waiting=len(waiting),
        lag=max(at - oldest, timedelta()) if oldest else timedelta(),
        checkpoint=newest,
        is_sound=newest is None or agrees(newest),
    )
