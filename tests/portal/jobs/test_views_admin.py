"""What is stuck is shown with its reason, and can be given a fresh start."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import clock, outbox
from portal.access import Role
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.extensions import db
from portal.jobs import services
from portal.jobs.models import Job, JobState
from portal.outbox import MessageState, OutboxMessage
from tests.rig.forms import new_key, send
from tests.rig.queries import max_queries
from tests.rig.sign_in import SignIn


@pytest.fixture
def admin(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.ADMIN)


def break_a_job(app: Flask, reason: str = "child_died") -> str:
    with app.app_context(), transaction():
        services.queue("scan", {"file": "x"}, at=clock.now())
        db.session.flush()
        claimed = services.claim(at=clock.now())
        assert claimed is not None
        services.fail(claimed, reason, at=clock.now(), again=False)
        return claimed.public_id


def test_nothing_stuck_says_so(app: Flask, admin: FlaskClient) -> None:
    with app.app_context(), transaction():
        services.queue("scan", {}, at=clock.now())
    page = admin.get("/quan-tri/viec-nen").text
    assert "Không có việc nào bị kẹt." in page
    assert "Mọi thông báo đã được gửi." in page


def test_failed_work_says_why_and_runs_again(app: Flask, admin: FlaskClient) -> None:
    public_id = break_a_job(app)
    with max_queries(12):
        page = admin.get("/quan-tri/viec-nen").text
    assert "dừng đột ngột" in page
    answer = send(admin, f"/quan-tri/viec-nen/{public_id}", idempotency_key=new_key())
    assert answer.status_code == 303
    with app.app_context():
        job = db.session.query(Job).one()
        assert (job.state, job.tries) == (JobState.QUEUED, 0)
        assert db.session.query(AuditEvent).filter_by(act="job:try_again").one().reason
    assert admin.get("/quan-tri").text.count("Việc nền cần xem") == 1


def test_work_that_is_done_is_not_run_again(app: Flask, admin: FlaskClient) -> None:
    with app.app_context(), transaction():
        services.queue("scan", {}, at=clock.now())
        db.session.flush()
        claimed = services.claim(at=clock.now())
        assert claimed is not None
        services.finish(claimed, at=clock.now())
    path = f"/quan-tri/viec-nen/{claimed.public_id}"
    assert send(admin, path, idempotency_key=new_key()).status_code == 409
    missing = send(admin, "/quan-tri/viec-nen/khong-co", idempotency_key=new_key())
    assert missing.status_code == 404


def test_work_nobody_takes_is_shown(app: Flask, admin: FlaskClient) -> None:
    with app.app_context(), transaction():
        services.queue("scan", {}, at=clock.now() - timedelta(minutes=20))
    assert "Chưa có tiến trình nào nhận." in admin.get("/quan-tri/viec-nen").text


def test_a_message_that_failed_is_sent_again(app: Flask, admin: FlaskClient) -> None:
    with app.app_context(), transaction():
        outbox.promise("mail", "mau@test.invalid", "Hồ sơ đã gửi", "…", "key")
    with app.app_context(), transaction():
        message = db.session.query(OutboxMessage).one()
        message.state, message.reason = MessageState.FAILED, "ConnectionRefusedError"
        public_id = message.public_id
    page = admin.get("/quan-tri/viec-nen").text
    assert "Hồ sơ đã gửi" in page
    assert "mau@test.invalid" not in page
    path = f"/quan-tri/thong-bao/{public_id}"
    assert send(admin, path, idempotency_key=new_key()).status_code == 303
    assert send(admin, path, idempotency_key=new_key()).status_code == 409
    with app.app_context():
        assert db.session.query(OutboxMessage).one().state is MessageState.WAITING
