"""Makes time.sleep work where libfaketime turns the clock; loaded by PYTHONPATH, in tests only.

Python 3.11 and newer sleep until a moment of the monotonic clock (clock_nanosleep, TIMER_ABSTIME).
libfaketime 0.9.10 takes that moment for a turned one even when told to leave that clock alone, and
the call fails with EINVAL. Waiting in select() for as long does the same without that call.
"""

import select
import time


def sleep(seconds: float) -> None:
    """Wait as long as time.sleep would."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep
