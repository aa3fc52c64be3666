"""What tests spare themselves in their own process, where nothing outlives the run.

The portal's own processes, which tests start beside themselves, pay the full price of everything.
"""

import gc
from types import CodeType
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, event

from portal.accounts import passwords

SHIPPED = passwords._hasher
CHEAPEST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Compiled(BytecodeCache):
    """Templates of all applications of this process: what one has compiled, the next one takes."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key, bucket.checksum] = bucket.code


def spare() -> None:
    """From now on passwords are digested at the cheapest, SQLite does not wait for the disk, and
    a template is compiled once.

    A digest says itself what it costs, so those of the shipped price are still told from others.
    """
    Flask.jinja_options = Flask.jinja_options | {"bytecode_cache": Compiled()}
    passwords._hasher = CHEAPEST
    passwords._NOBODY = CHEAPEST.hash("nobody has this password")
    event.listen(Engine, "connect", _wait_for_no_disk)  # after portal.db has asked for the contrary


def sweep_seldom() -> None:
    """What is loaded by now stays to the end: garbage is looked for in the rest, and less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _wait_for_no_disk(connection: Any, _record: object) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.execute("PRAGMA synchronous=OFF")
