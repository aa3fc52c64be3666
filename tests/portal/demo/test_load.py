"""The demonstration is a year that could have happened: every status, nothing in the future."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.access import Actor, Role
from portal.accounts import services as accounts
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.demo.cast import ACCOUNTS, PASSWORD, actor_of
from portal.demo.load import load
from portal.documents import search
from portal.documents.models import DocumentFile, FileState
from portal.documents.store import open_object
from portal.dossiers import counting, inbox, queries
from portal.dossiers.desks import DESKS, Tab
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier, DossierEvent
from portal.dossiers.standing import Present, present
from portal.extensions import db
from portal.jobs import queries as jobs
from portal.jobs.models import Job
from portal.outbox import OutboxMessage
from tests.rig.clocks import TurnedClock

TET_NIGHT = datetime(2026, 2, 17, 2, 30, tzinfo=clock.ZONE)


def test_a_year_is_played_on_any_day(app: Flask, turned_clock: TurnedClock) -> None:
    turned_clock.set(TET_NIGHT)
    with app.app_context():
        assert load() >= 300
        assert clock.now() == TET_NIGHT
        check_what_was_made(TET_NIGHT)
        before = db.session.scalar(select(func.count()).select_from(AuditEvent))
        assert load() == 0
        assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == before


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_year_is_played_on_the_other_database(app: Flask) -> None:
    with app.app_context():
        assert load() >= 300
        check_what_was_made(clock.now())


def check_what_was_made(now: datetime) -> None:
    every_status_is_there()
    nothing_lies_in_the_future(now)
    every_history_is_whole()
    files_can_be_opened_and_found()
    every_count_is_the_length_of_its_list(now)
    everybody_can_sign_in_and_sees_something()


def every_status_is_there() -> None:
    rows = db.session.execute(select(Dossier.status, func.count()).group_by(Dossier.status))
    counts = {row[0]: row[1] for row in rows}
    assert set(counts) == set(Status)
    overdue = select(func.count()).where(Dossier.finished_at > Dossier.due_at)
    assert 0 < (db.session.scalar(overdue) or 0) < 60


def nothing_lies_in_the_future(now: datetime) -> None:
    earliest, latest = now - timedelta(days=460), now
    for column in (Dossier.created_at, Dossier.touched_at, DossierEvent.at, DocumentFile.taken_at):
        first, last = db.session.execute(select(func.min(column), func.max(column))).one()
        assert earliest < first
        assert last <= latest
    assert db.session.query(OutboxMessage).count() == 0


def every_history_is_whole() -> None:
    """The statuses of a history follow each other up to the present one."""
    for dossier in db.session.scalars(select(Dossier)):
        steps = [event for event in queries.timeline(dossier) if event.to_status]
        state = Status.DRAFT
        for step in steps:
            assert step.from_status is state
            assert step.to_status is not None
            state = step.to_status
        assert state is dossier.status
        moments = [step.at for step in steps]
        assert moments == sorted(moments)


def files_can_be_opened_and_found() -> None:
    waiting = db.session.query(Job).count()
    assert waiting == 20
    put_in = db.session.scalar(select(func.min(Job.run_after)))
    assert put_in is not None
    assert jobs.how_many_stuck(put_in) == 0
    states = db.session.execute(
        select(DocumentFile.state, func.count()).group_by(DocumentFile.state)
    )
    assert {row[0]: row[1] for row in states}[FileState.RECEIVED] == waiting
    keys = set(db.session.scalars(select(DocumentFile.original_key)))
    assert len(keys) == db.session.query(DocumentFile).count()
    file = db.session.query(DocumentFile).filter_by(state=FileState.READ).first()
    assert file is not None
    assert open_object(file.original_key, file.original_sha256).startswith(b"%PDF")
    assert open_object(file.pages[0].thumb_key, file.pages[0].thumb_sha256)
    assert db.session.execute(search.pages_matching("ban trinh dien")).first() is not None


def every_count_is_the_length_of_its_list(now: datetime) -> None:
    """After a year of every kind of step; the pages are turned to the end."""
    at = present(now)
    for name, _full_name, role, _place in ACCOUNTS:
        if role in DESKS:
            user = db.session.query(User).filter_by(email=f"{name}@demo.test").one()
            membership = accounts.first_membership(user)
            assert membership is not None
            actor = actor_of(user, role, membership.organisation)
            counted = {tab: count.total for tab, count in inbox.counts(actor, at).items()}
            assert counted == {tab: lying_under(actor, tab, at) for tab in DESKS[role]}, name
            assert sum(counted.values()) > 0, name
    with transaction():
        assert counting.recount() == 0


def lying_under(actor: Actor, tab: Tab, at: Present) -> int:
    found: list[str] = []
    page = inbox.page(actor, tab, inbox.Filters(), at)
    while True:
        found += [row.dossier.public_id for row in page.rows]
        if page.older is None:
            assert len(found) == len(set(found))
            return len(found)
        page = inbox.page(actor, tab, inbox.Filters(), at, after=page.older)


def everybody_can_sign_in_and_sees_something() -> None:
    for name, _full_name, role, _place in ACCOUNTS:
        email = f"{name}@demo.test"
        assert accounts.check_password(email, PASSWORD, f"test {name}") is not None
        user = db.session.query(User).filter_by(email=email).one()
        if role is not Role.ADMIN:
            actor = actor_of(user, role, user.memberships[0].organisation)
            assert db.session.scalar(queries.visible(actor).limit(1)) is not None, name
    invented = db.session.query(User).filter(User.email.like("nguoidan%")).first()
    assert invented is not None
    assert accounts.check_password(invented.email, PASSWORD, "test") is None
