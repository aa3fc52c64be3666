"""Every model of every room in one place, so that migrations and tests see the whole schema."""

from __future__ import annotations

from portal.accounts import models as accounts
from portal.audit import models as audit
from portal.calendar import models as calendar
from portal.catalogue import models as catalogue
from portal.db import Base
from portal.directory import models as directory
from portal.documents import models as documents
from portal.dossiers.models import control_sheet, dossier, notices
from portal.idempotency import IdempotencyKey
from portal.jobs import models as jobs
from portal.outbox import OutboxMessage
from portal.postal import models as postal

ROOMS = (
    accounts,
    audit,
    calendar,
    catalogue,
    directory,
    documents,
    dossier,
    notices,
    control_sheet,
    jobs,
    postal,
    IdempotencyKey,
    OutboxMessage,
)

metadata = Base.metadata
