"""A closed room on a machine that is too busy to come round to it."""

import os
import signal
from typing import Any

from scanning.limited import LimitedChild


class Stopped(LimitedChild):
    """Stands still from its first moment on."""

    def __init__(self, **limits: Any) -> None:
        super().__init__(**limits)
        os.kill(self.process.pid, signal.SIGSTOP)
