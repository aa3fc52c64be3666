"""A real worker reads real pages, and whatever kills it, the file is read in the end."""

import io
import signal
from pathlib import Path

import pytest
from flask import Flask

from portal import clock
from portal.access import Role
from portal.db import transaction
from portal.documents import queries, search, services, tasks
from portal.documents.models import DocumentFile, FileState
from portal.documents.store import open_object
from portal.extensions import db
from portal.jobs import services as jobs
from portal.jobs.models import Job, JobState
from portal.outbox import MessageState, OutboxMessage
from portal.worker import Worker
from tests.drawing.pages import draw_page
from tests.factories.papers import make_file, the_file
from tests.factories.world import World
from tests.portal.worker.conftest import Start
from tests.rig import on_both_databases
from tests.rig.postgres import PostgresServer
from tests.rig.waiting import until

pytestmark = pytest.mark.tools


def look(public_id: str) -> DocumentFile:
    """The file as it stands now, whoever wrote it."""
    db.session.rollback()
    db.session.expire_all()
    return the_file(public_id)


def the_job() -> Job:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Job).one()


def several_pages(number: int) -> bytes:
    pages = [draw_page(seed, dpi=150).image for seed in range(number)]
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return file.getvalue()


@on_both_databases
def test_a_page_is_read_and_found(app: Flask, world: World) -> None:
    drawn = draw_page(7, dpi=200)
    public_id = make_file(world, drawn.data)
    assert Worker(app, slots=1).work_once()
    file = look(public_id)
    assert (file.state, file.reason, file.pages_total) == (FileState.READ, None, 1)
    (page,) = file.pages
    name = drawn.fields["full_name"]
    assert name in page.text
    found = db.session.execute(search.pages_matching(f'"{name}"')).one()
    assert (found.page_id, found.dossier_id) == (page.id, file.document.dossier_id)
    assert open_object(page.image_key, page.image_sha256)[8:12] == b"WEBP"
    assert open_object(page.thumb_key, page.thumb_sha256)[8:12] == b"WEBP"
    assert file.searchable_key not in (None, file.archive_key)
    archive = open_object(file.archive_key or "", file.archive_sha256 or "")
    assert archive.startswith(b"%PDF")
    assert open_object(file.original_key, file.original_sha256) == drawn.data
    marked = queries.marked_words(page, name)
    assert {word.text for word in marked} >= set(name.split())
    assert all(0 <= word.left < word.right <= 1 for word in marked)
    assert the_job().state is JobState.DONE
    assert not Worker(app, slots=1).work_once()


def test_pages_appear_one_by_one_while_the_file_is_read(world: World, start: Start) -> None:
    public_id = make_file(world, several_pages(3), "don.pdf")
    start("--slots", "1")
    until(lambda: look(public_id).pages, "the first page is seen")
    early = look(public_id)
    assert early.state is FileState.READING
    until(lambda: look(public_id).state is FileState.READ, "the file is read", within=60)
    assert [page.number for page in look(public_id).pages] == [1, 2, 3]
    assert (the_job().done, the_job().total) == (3, 3)


@on_both_databases
def test_a_worker_killed_in_the_middle_loses_nothing(world: World, start: Start) -> None:
    public_id = make_file(world, several_pages(3), "don.pdf")
    first = start("--slots", "1", "--lease", "3")
    until(lambda: the_job().done >= 1, "a page is read", within=60)
    first.kill()
    first.wait()
    assert look(public_id).state is FileState.READING
    start("--slots", "1", "--lease", "3")
    until(lambda: look(public_id).state is FileState.READ, "the file is read again", within=60)
    file = look(public_id)
    assert [page.number for page in file.pages] == [1, 2, 3]
    assert all(page.text for page in file.pages)
    assert (the_job().state, the_job().tries) == (JobState.DONE, 2)


def test_a_worker_told_to_stop_gives_its_work_back(world: World, start: Start) -> None:
    make_file(world, several_pages(6), "don.pdf")
    worker = start("--slots", "1")
    until(lambda: the_job().state is JobState.LEASED, "the work is taken")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    job = the_job()
    assert (job.state, job.owner, job.tries) == (JobState.QUEUED, None, 0)


def test_a_late_answer_of_a_lost_lease_changes_nothing(app: Flask, world: World) -> None:

    public_id = make_file(world)
    with transaction():
        first = jobs.claim(at=clock.now())
    assert first is not None
    with transaction():
        jobs.sweep(at=clock.now() + jobs.LEASE * 2)
    with pytest.raises(jobs.LeaseLost):
        tasks.read_file(first)
    assert look(public_id).pages == []
    assert the_job().state is JobState.QUEUED


def test_a_file_taken_back_is_not_read(app: Flask, world: World) -> None:
    public_id = make_file(world)
    clerk = world.actor(Role.POSTAL_CLERK)
    with transaction():
        services.withdraw_file(the_file(public_id), by=clerk, at=clock.now())
    assert Worker(app, slots=1).work_once()
    assert look(public_id).pages == []
    assert the_job().state is JobState.DONE


def test_a_file_that_lost_its_bytes_fails_and_says_so(app: Flask, world: World) -> None:
    public_id = make_file(world)
    with transaction():
        the_file(public_id).original_key = "aa/bb/gone"
    assert Worker(app, slots=1).work_once()
    assert (the_job().state, the_job().reason) == (JobState.FAILED, "object_missing")
    file = look(public_id)
    assert (file.state, file.reason) == (FileState.FAILED, "object_missing")


def test_work_of_an_unknown_kind_does_not_take_the_worker_with_it(app: Flask, world: World) -> None:
    with transaction():
        jobs.queue("nobody knows this", {}, at=clock.now())
    worker = Worker(app, slots=1)
    assert worker.work_once()
    assert (the_job().state, the_job().reason) == (JobState.QUEUED, "unforeseen")


def test_work_waits_while_the_store_is_away_and_loses_no_try(app: Flask, world: World) -> None:
    public_id = make_file(world)
    folder = app.config["SETTINGS"].object_store_url.removeprefix("file://")
    file = the_file(public_id)
    with transaction():
        the_file(public_id).original_key = "aa"  # a folder cannot be read as an object
    Path(folder, "aa").mkdir(parents=True, exist_ok=True)
    assert Worker(app, slots=1).work_once()
    assert (the_job().state, the_job().reason) == (JobState.QUEUED, "store_unavailable")
    assert the_job().tries == 0
    assert look(file.public_id).state is FileState.READING


def test_a_running_worker_sends_what_was_promised(app: Flask, world: World, start: Start) -> None:
    make_file(world)  # sending the dossier promised a mail
    start("--slots", "1")

    def is_sent() -> bool:
        db.session.rollback()
        db.session.expire_all()
        return db.session.query(OutboxMessage).one().state is MessageState.SENT

    until(is_sent, "the mail is sent")


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_worker_survives_a_database_that_goes_away(
    world: World, start: Start, postgres: PostgresServer, worker_log: Path
) -> None:
    worker = start("--slots", "1", "--lease", "3")
    first = make_file(world)
    until(lambda: look(first).state is FileState.READ, "the worker is at work", within=60)
    second = make_file(world)
    db.session.close()
    postgres.sql("ALTER DATABASE portal ALLOW_CONNECTIONS false")
    everybody = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'portal'"
    postgres.sql(everybody)
    until(lambda: "the database is away" in worker_log.read_text(), "the worker has noticed")
    postgres.sql("ALTER DATABASE portal ALLOW_CONNECTIONS true")
    until(lambda: look(second).state is FileState.READ, "the worker is back", within=60)
    assert worker.poll() is None
