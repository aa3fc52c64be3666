"""Work is done once by one worker, and again when a worker dies."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask

from portal import clock
from portal.access import Actor, Role
from portal.db import transaction
from portal.extensions import db
from portal.jobs import messages, queries, services
from portal.jobs.models import Job, JobState
from portal.jobs.services import Claimed, LeaseLost
from tests.rig import on_both_databases

pytestmark = on_both_databases

ADMIN = Actor(1, "admin", "Quản trị", "quantri@test.invalid", Role.ADMIN, None, 1)


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def now() -> datetime:
    return clock.now()


def queue(now: datetime, number: int = 1) -> None:
    with transaction():
        for index in range(number):
            services.queue("scan", {"index": index}, at=now)


def claim(at: datetime, seconds: int = 60) -> Claimed | None:
    with transaction():
        return services.claim(at=at, lease=timedelta(seconds=seconds))


def the_claim(at: datetime, seconds: int = 60) -> Claimed:
    found = claim(at, seconds)
    assert found is not None
    return found


def sweep(at: datetime) -> list[Job]:
    with transaction():
        return services.sweep(at=at)


def the_job() -> Job:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Job).one()


def test_work_is_taken_in_the_order_it_came(now: datetime) -> None:
    queue(now, 3)
    assert [the_claim(now).payload["index"] for _ in range(3)] == [0, 1, 2]
    assert claim(now) is None


def test_work_for_later_is_not_taken_now(now: datetime) -> None:
    queue(now + timedelta(seconds=5))
    assert claim(now) is None
    assert claim(now + timedelta(seconds=5)) is not None


def test_of_many_workers_exactly_one_takes_each_piece(app: Flask, now: datetime) -> None:
    queue(now, 12)

    def work(_number: int) -> list[int]:
        taken = []
        with app.app_context():
            while found := claim(now):
                taken.append(found.id)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [number for part in pool.map(work, range(4)) for number in part]
    assert len(taken) == 12
    assert len(set(taken)) == 12


def test_a_lost_lease_changes_nothing(now: datetime) -> None:
    queue(now)
    first = the_claim(now)
    assert sweep(now + timedelta(seconds=61)) == []
    second = the_claim(now + timedelta(seconds=61))
    with transaction():
        assert not services.renew(first, at=now)
        services.fail(first, "crashed", at=now)
        services.give_back(first, at=now)
    with pytest.raises(LeaseLost), transaction():
        services.progress(first, 1, 2)
    with pytest.raises(LeaseLost), transaction():
        services.finish(first, at=now)
    job = the_job()
    assert (job.state, job.owner, job.done) == (JobState.LEASED, second.token, 0)


def test_a_living_lease_is_not_swept(now: datetime) -> None:
    queue(now)
    held = the_claim(now)
    later = now + timedelta(seconds=50)
    with transaction():
        assert services.renew(held, at=later)
    sweep(now + timedelta(seconds=70))
    assert the_job().owner == held.token


def test_progress_and_the_end_are_written_by_the_owner(now: datetime) -> None:
    queue(now)
    held = the_claim(now)
    with transaction():
        services.progress(held, 2, 3)
    assert (the_job().done, the_job().total) == (2, 3)
    with transaction():
        services.finish(held, at=now)
    job = the_job()
    assert (job.state, job.owner, job.finished_at) == (JobState.DONE, None, now)


def test_the_pause_doubles_and_the_fifth_try_is_the_last(now: datetime) -> None:
    queue(now)
    pauses, at = [], now
    for _ in range(4):
        held = the_claim(at)
        with transaction():
            assert not services.fail(held, "crashed", at=at)
        assert claim(at) is None
        pauses.append((the_job().run_after - at).total_seconds())
        at = the_job().run_after
    assert pauses == [5, 10, 20, 40]
    held = the_claim(at)
    with transaction():
        assert services.fail(held, "crashed", at=at)
    assert (the_job().state, the_job().reason) == (JobState.FAILED, "crashed")


def test_what_cannot_get_better_is_not_tried_again(now: datetime) -> None:
    queue(now)
    held = the_claim(now)
    with transaction():
        assert services.fail(held, "object_missing", at=now, again=False)
    assert the_job().state is JobState.FAILED


def test_work_that_kills_its_worker_five_times_fails_and_says_why(now: datetime) -> None:
    queue(now)
    at = now
    for _ in range(4):
        the_claim(at, seconds=1)
        at += timedelta(seconds=2)
        assert sweep(at) == []
    the_claim(at, seconds=1)
    failed = sweep(at + timedelta(seconds=2))
    assert [job.reason for job in failed] == [messages.WORKER_DIED]
    assert the_job().state is JobState.FAILED


def test_work_given_back_costs_no_try(now: datetime) -> None:
    queue(now)
    held = the_claim(now)
    with transaction():
        services.give_back(held, at=now)
    assert the_claim(now).tries == 1


def test_an_administrator_gives_failed_work_a_fresh_start(now: datetime) -> None:
    queue(now)
    held = the_claim(now)
    with transaction():
        services.fail(held, "crashed", at=now, again=False)
    assert [job.id for job in db.session.scalars(queries.stuck(now))] == [held.id]
    with transaction():
        services.try_again(queries.get_job(held.public_id, lock=True), by=ADMIN, at=now)
    assert the_claim(now).tries == 1


def test_every_reason_has_a_sentence_of_its_own() -> None:
    known = str(messages.sentence("child_died"))
    assert known != str(messages.sentence(messages.UNFORESEEN))
    assert str(messages.sentence("never heard of")) == str(messages.sentence(messages.UNFORESEEN))
