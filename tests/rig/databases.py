"""Fresh databases for every test, copied from one that was migrated once."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tests.rig.postgres import PostgresServer

Build = Callable[[str], None]


class Database(Protocol):
    """A database with a fixed address whose content can be put back to a template's."""

    url: str

    def reset(self, template: str, build: Build) -> None: ...


class SqliteDatabase:
    """A file; putting it back is copying the template over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "portal.db"
        self.url = f"sqlite:///{self.path}"

    def reset(self, template: str, build: Build) -> None:
        original = self.folder / f"{template}.db"
        if not original.exists():
            being_built = self.folder / f"{template}.building.db"
            build(f"sqlite:///{being_built}")
            being_built.rename(original)
        for path in self.folder.glob("portal.db*"):
            path.unlink()
        shutil.copyfile(original, self.path)


class PostgresDatabase:
    """A database in a real server; putting it back is making it again from the template."""

    NAME = "portal"

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self.url = server.url(self.NAME)
        self.templates: set[str] = set()

    def reset(self, template: str, build: Build) -> None:
        name = f"template_{template}"
        if template not in self.templates:
            build(self.server.create(name))
            self.templates.add(template)
        self.server.drop(self.NAME)
        self.server.create(self.NAME, template=name)
