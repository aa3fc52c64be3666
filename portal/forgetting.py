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
from portal.erasures import Entry, Erased, Name
from portal.extensions import db

WHY = "copy"
AT_ONCE = 500


def settle(now: datetime, *, also: Iterable[Entry] = ()) -> int:
    """Make database and list agree: what one of them says is erased is erased in both.

    `also` are lines from elsewhere. Returns how many things were new to this database.
    """
    listed = erasures.listed()
    told = {entry.name: entry for entry in also} | listed
    known = erasures.known()  # after the list, which never knows more than the rows
    db.session.rollback()
    again = [entry for name, entry in sorted(told.items()) if name not in known]
    for start in range(0, len(again), AT_ONCE):
        _erase_again(again[start : start + AT_ONCE])
    _finish(now)
    missing = list(erasures.entries_of((known | told.keys()) - listed.keys()))
    db.session.rollback()
    erasures.append(missing)
    return len(again)


def _finish(now: datetime) -> None:
    """What people who are erased have left, some at a time, so that nobody waits."""
    left = leaving.left_over()
    for start in range(0, len(left), leaving.AT_ONCE):
        with transaction():
            leaving.finish(left[start : start + leaving.AT_ONCE], now)
    with transaction():
        leaving.forget_what_waits(now)


def _erase_again(entries: list[Entry]) -> None:
    """Most are gone already, as a rule: only what is still there costs a transaction of its own."""
    here = _still_here(entries)
    for entry in entries:
        if entry.name in here:
            with transaction():
                _erase(entry)
    with transaction():
        erasures.know(entries)


def _still_here(entries: list[Entry]) -> set[Name]:
    subjects = [entry.subject for entry in entries]
    drafts = select(Dossier.public_id).where(
        Dossier.public_id.in_(subjects), Dossier.status == Status.DRAFT
    )
    people = closing.open_among(subjects)
    found = {(Erased.DRAFT, name) for name in db.session.scalars(drafts)}
    return found | {(Erased.PERSON, name) for name in db.session.scalars(people)}


def _erase(entry: Entry) -> None:
    """Asked for once more under its lock: another worker may have been faster."""
    at = datetime.fromisoformat(entry.at)
    if entry.kind is Erased.PERSON:
        user = closing.by_name(entry.subject)
        if user is not None:
            leaving.erase(user, at=at)
        return
    draft = db.session.scalar(
        select(Dossier)
        .filter_by(public_id=entry.subject, status=Status.DRAFT)
        .with_for_update(of=Dossier)
    )
    if draft is not None:
        erase_draft(draft, by=None, at=at, why=WHY)
