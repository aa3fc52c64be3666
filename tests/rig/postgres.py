"""A real PostgreSQL server for the tests, in a folder that is thrown away."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

SERVICE_USERS = ("postgres", "nobody")
# Nothing here outlives the run, so nothing need reach the disk.
IN_A_HURRY = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


class PostgresServer:
    """One server, reachable by its socket only; databases are made and copied in it."""

    def __init__(self, flags: str = IN_A_HURRY) -> None:
        """Without flags, what was committed reaches the disk, as in an installation."""
        self.user = unprivileged_user()
        self.folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
        if self.user:
            shutil.chown(self.folder, self.user)
        self.run(
            "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"
        )
        self.options = f"-c listen_addresses= -c unix_socket_directories={self.folder} {flags}"
        self.start()

    def start(self) -> None:
        log = f"{self.folder}/log"
        self.run("pg_ctl", "-D", self.data, "-w", "-l", log, "-o", self.options, "start")

    def fall(self) -> None:
        """End at once, without putting anything in order."""
        self.run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    @property
    def data(self) -> str:
        return f"{self.folder}/data"

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [binaries() / program, *arguments],
            check=True,
            user=self.user,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def sql(self, statement: str) -> None:
        """Run one statement outside any transaction, as making databases needs it."""
        with psycopg.connect(host=str(self.folder), user="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def create(self, name: str, template: str = "template0") -> str:
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def dump(self, name: str) -> str:
        """All of a database as pg_dump writes it."""
        host = ["--host", str(self.folder), "--username", "postgres"]
        done = subprocess.run(
            [binaries() / "pg_dump", *host, name], check=True, capture_output=True, cwd=self.folder
        )
        return done.stdout.decode()

    def drop(self, name: str) -> None:
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in SERVICE_USERS if name in known)


def binaries() -> Path:
    """The newest installed server; Debian keeps it off the PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4])
    )
    if found:
        return found[-1].parent
    program = shutil.which("initdb")
    assert program, "PostgreSQL is not installed; script/test installs it."
    return Path(program).parent
