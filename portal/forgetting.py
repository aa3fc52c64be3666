"""Erases again what a copy has brought back, and keeps the list of it outside the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from portal import erasures
from portal.accounts import closing
from portal.db import transaction
from portal.dossiers import leaving
from portal.dossiers.erasing import erase_draft
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier
from portal.erasures import Entry, Erased
from portal.extensions import db

WHY = "copy"


def settle(now: datetime, *, also: Iterable[Entry] = ()) -> int:
    """Make database and list agree: what one of them says is erased is erased in both.

    `also` are lines from elsewhere. Returns how many things were erased again.
    """
    done = {(entry.kind, entry.subject) for entry in erasures.known()}
    wanted = {(entry.kind, entry.subject): entry for entry in {*erasures.listed(), *also}}
    again = [entry for name, entry in sorted(wanted.items()) if name not in done]
    for entry in again:
        with transaction():
            _erase(entry, now)
    with transaction():
        leaving.seal_ended(now)
    erasures.write_out()
    return len(again)


def _erase(entry: Entry, now: datetime) -> None:
    at = datetime.fromisoformat(entry.at)
    if entry.kind is Erased.PERSON:
        user = closing.by_name(entry.subject)
        if user is not None:
            leaving.erase(user, at=now)
    else:
        draft = db.session.scalar(
            select(Dossier).filter_by(public_id=entry.subject, status=Status.DRAFT)
        )
        if draft is not None:
            erase_draft(draft, by=None, at=now, why=WHY)
    erasures.note(entry.kind, entry.subject, at=at)
