"""Hands out work under leases, so that whatever dies in the middle is done again by another."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Update, delete, select, true, update

from portal import clock
from portal.access import Actor
from portal.audit.services import record
from portal.errors import Conflict
from portal.extensions import db
from portal.jobs.messages import WORKER_DIED
from portal.jobs.models import Job, JobState, WorkerBeat

LEASE = timedelta(seconds=60)
MOST_TRIES = 5
FIRST_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True)
class Claimed:
    """A piece of work in somebody's hands; `token` proves that it is still theirs."""

    id: int
    public_id: str
    kind: str
    payload: dict[str, Any]
    token: str
    tries: int
    size: int = 0


class LeaseLost(Exception):
    """The work was given to somebody else; what this one has found must not be written."""


def queue(
    kind: str,
    payload: dict[str, Any],
    *,
    at: datetime,
    unique_key: str | None = None,
    dossier_id: int | None = None,
    size: int = 0,
) -> Job:
    """Write down a piece of work beside its cause; a worker finds it after the commit.

    `size` is how many parts it seems to have, so that what is short need not wait for the long.
    """
    job = Job(
        kind=kind,
        payload=payload,
        unique_key=unique_key,
        dossier_id=dossier_id,
        total=size,
        run_after=at,
        created_at=at,
    )
    db.session.add(job)
    return job


def claim(*, at: datetime, lease: timedelta = LEASE, most: int | None = None) -> Claimed | None:
    """Take the work that has waited longest, or None; two workers never take the same.

    With `most`, only work of no more than so many parts.

    One statement, because between looking and taking somebody else could look.
    """
    token = secrets.token_hex(16)
    waiting = (
        select(Job.id)
        .where(Job.state == JobState.QUEUED, Job.run_after <= at)
        .where(true() if most is None else Job.total <= most)
        .order_by(Job.run_after, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = db.session.execute(
        update(Job)
        .where(Job.id == waiting)
        .values(state=JobState.LEASED, owner=token, lease_until=at + lease, tries=Job.tries + 1)
        .returning(Job.id, Job.public_id, Job.kind, Job.payload, Job.tries, Job.total)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        return None
    return Claimed(
        taken.id, taken.public_id, taken.kind, taken.payload, token, taken.tries, taken.total
    )


def renew(claimed: Claimed, *, at: datetime, lease: timedelta = LEASE) -> bool:
    """Keep the work a while longer; False when it is no longer ours."""
    return _change(_ours(claimed).values(lease_until=at + lease))


def progress(claimed: Claimed, done: int, total: int) -> None:
    """Note how far the work has come; raises LeaseLost when it is no longer ours.

    Written first in its transaction, it keeps the row locked until what was found is written too.
    """
    if not _change(_ours(claimed).values(done=done, total=total)):
        raise LeaseLost


def finish(claimed: Claimed, *, at: datetime) -> None:
    """The work is done; raises LeaseLost when somebody else has it by now."""
    done = _ours(claimed).values(
        state=JobState.DONE, owner=None, lease_until=None, reason=None, finished_at=at
    )
    if not _change(done):
        raise LeaseLost


def fail(claimed: Claimed, reason: str, *, at: datetime, again: bool = True) -> bool:
    """The work did not succeed; True when it has failed for good.

    It is tried again after a pause that doubles each time, at most MOST_TRIES times.
    """
    if again and claimed.tries < MOST_TRIES:
        pause = FIRST_PAUSE * 2 ** (claimed.tries - 1)
        later = _ours(claimed).values(
            state=JobState.QUEUED, owner=None, lease_until=None, reason=reason, run_after=at + pause
        )
        _change(later)
        return False
    return _change(
        _ours(claimed).values(
            state=JobState.FAILED, owner=None, lease_until=None, reason=reason, finished_at=at
        )
    )


def give_back(claimed: Claimed, *, at: datetime, reason: str | None = None) -> None:
    """Put the work back for `at`: the worker is told to stop, or something it needs is away.

    It costs no try: the fault is not in the work.
    """
    _change(
        _ours(claimed).values(
            state=JobState.QUEUED,
            owner=None,
            lease_until=None,
            run_after=at,
            reason=reason,
            tries=Job.tries - 1,
        )
    )


def sweep(*, at: datetime) -> list[Job]:
    """Take back what dead workers held; returns those that have failed for good by that."""
    expired = (
        update(Job)
        .where(Job.state == JobState.LEASED, Job.lease_until < at)
        .values(owner=None, lease_until=None, reason=WORKER_DIED)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        expired.where(Job.tries < MOST_TRIES).values(state=JobState.QUEUED, run_after=at)
    )
    failed = db.session.scalars(
        expired.where(Job.tries >= MOST_TRIES)
        .values(state=JobState.FAILED, finished_at=at)
        .returning(Job)
    )
    return list(failed)


def try_again(job: Job, *, by: Actor, at: datetime) -> None:
    """Give work that had failed for good, or waits for its next try, a fresh start at once."""
    if job.state not in (JobState.FAILED, JobState.QUEUED):
        raise Conflict
    job.state, job.tries, job.done = JobState.QUEUED, 0, 0
    job.run_after, job.finished_at = at, None
    record("job:try_again", job, by=by, dossier_id=job.dossier_id, reason=job.reason)


def beat(name: str, lacks: list[str], *, at: datetime) -> None:
    """Write down that the worker of this name lives, and what its machine lacks."""
    known = db.session.get(WorkerBeat, name)
    if known is None:
        db.session.add(WorkerBeat(name=name, seen_at=at, lacks=lacks))
    else:
        known.seen_at, known.lacks = at, lacks


def rest(name: str) -> None:
    """Take back the sign of life of a worker that ends."""
    db.session.execute(delete(WorkerBeat).where(WorkerBeat.name == name))


def forget_done(days: int = 30) -> None:
    """Drop finished work nobody asks about any more; part of the sweep."""
    before = clock.now() - timedelta(days=days)
    old = select(Job).where(Job.state == JobState.DONE, Job.finished_at < before)
    for job in db.session.scalars(old):
        db.session.delete(job)
    db.session.execute(delete(WorkerBeat).where(WorkerBeat.seen_at < before))


def _ours(claimed: Claimed) -> Update:
    return (
        update(Job)
        .where(Job.id == claimed.id, Job.owner == claimed.token, Job.state == JobState.LEASED)
        .execution_options(synchronize_session=False)
    )


def _change(statement: Update) -> bool:
    result = db.session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1
