"""Writes down that a copy begins, goes on and has ended."""

from __future__ import annotations

from datetime import datetime

from portal.audit.services import record
from portal.backups.models import Backup
from portal.extensions import db


def begin(folder: str, *, at: datetime) -> Backup:
    """From here on the sweep leaves objects alone."""
    run = Backup(folder=folder, started_at=at, seen_at=at)
    db.session.add(run)
    db.session.flush()
    return run


def go_on(run_id: int, *, at: datetime) -> None:
    """The run lives."""
    db.session.get_one(Backup, run_id).seen_at = at


def finish(run_id: int, *, at: datetime, rows: int, objects: int, size: int) -> None:
    """The copy is whole and on the disk; the log says that everything was copied out."""
    run = db.session.get_one(Backup, run_id)
    run.finished_at = run.seen_at = at
    run.rows, run.objects, run.size = rows, objects, size
    record("backup:make", run, by=None, rows=rows, objects=objects)


def give_up(run_id: int) -> None:
    """The copy came to nothing: the sweep may go on, and nobody counts it as one."""
    run = db.session.get(Backup, run_id)
    if run is not None:
        db.session.delete(run)
