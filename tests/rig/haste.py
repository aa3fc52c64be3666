"""What tests spare themselves in their own process, where nothing outlives the run.

The portal's own processes, which tests start beside themselves, pay the full price of both.
"""

from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Engine, event

from portal.accounts import passwords

SHIPPED = passwords._hasher
CHEAPEST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def spare() -> None:
    """From now on passwords are digested at the cheapest, and SQLite does not wait for the disk.

    A digest says itself what it costs, so those of the shipped price are still told from others.
    """
    passwords._hasher = CHEAPEST
    passwords._NOBODY = CHEAPEST.hash("nobody has this password")
    event.listen(Engine, "connect", _wait_for_no_disk)  # after portal.db has asked for the contrary


def _wait_for_no_disk(connection: Any, _record: object) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.execute("PRAGMA synchronous=OFF")
