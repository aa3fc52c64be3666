"""Every model of every room in one place, and the way to a schema that fits them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from portal import logs
from portal.accounts import models as accounts
from portal.audit import models as audit
from portal.backups import models as backups
from portal.calendar import models as calendar
from portal.catalogue import models as catalogue
from portal.db import Base
from portal.directory import models as directory
from portal.documents import models as documents
from portal.dossiers.models import control_sheet, counts, custody, dossier, notices, sealed
from portal.erasures import Erasure
from portal.idempotency import IdempotencyKey
from portal.jobs import models as jobs
from portal.outbox import OutboxMessage
from portal.postal import models as postal

ROOMS = (
    accounts,
    audit,
    backups,
    calendar,
    catalogue,
    directory,
    documents,
    dossier,
    counts,
    notices,
    control_sheet,
    custody,
    sealed,
    jobs,
    postal,
    Erasure,
    IdempotencyKey,
    OutboxMessage,
)

metadata = Base.metadata

ROOT = Path(__file__).resolve().parent.parent


def upgrade(database_url: str, revision: str = "head") -> None:
    """Run the migrations up to `revision`."""
    config = _config()
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    command.upgrade(config, revision)
    logs.set_up()


def newest() -> str:
    """The schema that this version of the portal needs."""
    return (ROOT / "migrations/HEAD").read_text(encoding="ascii").strip()


def knows(revision: str) -> bool:
    """Whether this version has the migration that leads to `revision`."""
    try:
        return ScriptDirectory.from_config(_config()).get_revision(revision) is not None
    except CommandError:
        return False


def _config() -> Config:
    return Config(str(ROOT / "alembic.ini"))
