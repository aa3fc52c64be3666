"""What is waiting, what is in work, and what is stuck."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select

from portal.errors import NotFound
from portal.extensions import db
from portal.jobs.models import Job, JobState, WorkerBeat

TOO_LONG = timedelta(minutes=5)
SILENCE = timedelta(minutes=1)


def stuck(at: datetime) -> Select[Job]:
    """Work that failed for good, waits after a failed try, or nobody has taken for minutes."""
    waits = Job.state == JobState.QUEUED
    return select(Job).where(
        or_(
            Job.state == JobState.FAILED,
            waits & ((Job.tries > 0) | Job.reason.is_not(None)),
            waits & (Job.run_after < at - TOO_LONG),
            (Job.state == JobState.LEASED) & (Job.lease_until < at),
        )
    )


def counts() -> dict[JobState, int]:
    """How many pieces of work stand where."""
    rows = db.session.execute(select(Job.state, func.count()).group_by(Job.state))
    found = dict.fromkeys(JobState, 0)
    found.update({row[0]: row[1] for row in rows})
    return found


def unfinished() -> Iterator[tuple[tuple[str, str], int]]:
    """How much is queued and in work, by kind; what is finished may be millions."""
    going = Job.state.in_((JobState.QUEUED, JobState.LEASED))
    query = select(Job.kind, Job.state, func.count()).where(going).group_by(Job.kind, Job.state)
    for kind, state, number in db.session.execute(query):
        yield (kind, state.value), number


def failures() -> Iterator[tuple[tuple[str, str], int]]:
    """How much has failed for good, by kind and reason."""
    query = select(Job.kind, Job.reason, func.count()).where(Job.state == JobState.FAILED)
    for kind, reason, number in db.session.execute(query.group_by(Job.kind, Job.reason)):
        yield (kind, reason or ""), number


def waiting_since(at: datetime) -> datetime | None:
    """Since when the oldest work that could be done has waited; None when none waits."""
    due = (Job.state == JobState.QUEUED) & (Job.run_after <= at)
    return db.session.scalar(select(func.min(Job.run_after)).where(due))


def workers(at: datetime) -> list[WorkerBeat]:
    """The workers that gave a sign of life in the last minute."""
    alive = WorkerBeat.seen_at > at - SILENCE
    return list(db.session.scalars(select(WorkerBeat).where(alive)))


def how_many_stuck(at: datetime) -> int:
    """How many pieces of work wait for somebody to look at them."""
    waiting = stuck(at).with_only_columns(func.count())
    return db.session.scalar(waiting) or 0


def get_job(public_id: str, *, lock: bool = False) -> Job:
    """The job of this address, or NotFound."""
    query = select(Job).filter_by(public_id=public_id)
    job = db.session.scalar(query.with_for_update() if lock else query)
    if job is None:
        raise NotFound
    return job
