"""Migrates databases in processes that die at a statement; reads "url number", says how it ended.

A process of its own, because it forks: so a hundred deaths need one start of the interpreter.
"""

import os
import signal
import sys
import traceback
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from portal.schema import upgrade


def main() -> None:
    """At statement 0 nobody dies. Says "0" when it was migrated, "-9" when it died."""
    for line in sys.stdin:
        url, number = line.split()
        child = os.fork()
        if child == 0:
            _migrate(url, int(number))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _migrate(url: str, number: int) -> None:
    """Die just before the statement or commit of this number."""
    heard = 0

    def hear(*_what: Any) -> None:
        nonlocal heard
        heard += 1
        if heard == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", hear)
    event.listen(Engine, "commit", hear)
    try:
        upgrade(url)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
