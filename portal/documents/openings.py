"""Writes down who opened a file: each picture and copy every time, glances once in a while.

What counts as an opening, and why, is told in docs/adr/0011-what-opening-a-file-means.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import clock
from portal.access import Actor
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.audit.services import Named, record, record_each
from portal.db import transaction
from portal.documents.models import DocumentFile, DocumentPage
from portal.extensions import db

GLANCE = "file:glance"
QUARTER = timedelta(minutes=15)


def opened(act: str, subject: DocumentFile | DocumentPage, *, by: Actor) -> None:
    """One line for this opening. Called with the bytes in hand, right before they are served."""
    file = subject if isinstance(subject, DocumentFile) else subject.file
    about, name, dossier_id = Named.of(subject), file.public_id, file.document.dossier_id
    with transaction(alone=True):
        record(act, about, by=by, dossier_id=dossier_id, file=name)


def glanced(files: Iterable[DocumentFile], *, by: Actor) -> None:
    """One line for each file, person, role and quarter of an hour, however much is asked for.

    Called last, when the answer is rendered: rows loaded before it are expired.
    """
    shown = {file.public_id: (Named.of(file), file.document.dossier_id) for file in files}
    now = clock.now()
    if not untold(GLANCE, shown, by, now):
        return
    with transaction(alone=True) as session:
        # Of thumbnails asked for at the same moment, one writes; the others wait here and see it.
        himself = select(User.id).filter_by(id=by.user_id).with_for_update(key_share=True)
        session.execute(himself)
        new = untold(GLANCE, shown, by, now)
        if new:
            record_each(GLANCE, [shown[name] for name in shown if name in new], by=by)


def untold(act: str, shown: dict[str, tuple[Named, int]], by: Actor, now: datetime) -> set[str]:
    """The names of which no line of this quarter of an hour tells yet."""
    if not shown:
        return set()
    since = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    told = db.session.scalars(
        select(AuditEvent.subject_id).where(
            AuditEvent.dossier_id.in_({dossier_id for _about, dossier_id in shown.values()}),
            AuditEvent.act == act,
            AuditEvent.actor_id == by.user_id,
            AuditEvent.role == by.role.value,
            AuditEvent.subject_id.in_(shown),
            AuditEvent.at >= since,
            AuditEvent.at < since + QUARTER,
        )
    )
    return set(shown) - set(told)
