"""The administrator's pages can be read by everyone, also when a form came back with mistakes."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import clock
from portal.access import Role
from portal.accounts.models import User
from portal.db import transaction
from portal.directory.models import Organisation
from portal.extensions import db
from portal.jobs import services as jobs
from tests.factories.papers import make_file
from tests.factories.world import make_world
from tests.rig.forms import new_key, send
from tests.rig.sign_in import SignIn


@pytest.fixture
def admin(app: Flask, sign_in: SignIn) -> FlaskClient:
    with app.test_request_context():
        world = make_world()
        make_file(world)
        with transaction():
            claimed = jobs.claim(at=clock.now())
            assert claimed is not None
            jobs.fail(claimed, "child_died", at=clock.now(), again=False)
    return sign_in(Role.ADMIN)


def test_axe_finds_nothing(
    app: Flask, admin: FlaskClient, axe_of_html: Callable[..., None]
) -> None:
    with app.app_context():
        person = db.session.query(User).filter(User.email.like("postal_clerk%")).first()
        place = db.session.query(Organisation).first()
        assert person is not None
        assert place is not None
        user, organisation = f"/quan-tri/nguoi-dung/{person.public_id}", place.public_id
    for path in (
        "/quan-tri",
        "/quan-tri/nguoi-dung",
        "/quan-tri/nguoi-dung/tao-moi",
        user,
        "/quan-tri/to-chuc",
        f"/quan-tri/to-chuc/{organisation}",
        "/quan-tri/viec-nen",
        "/quan-tri/nhat-ky",
        "/quan-tri/nhat-ky?tu=hom-qua",
    ):
        axe_of_html(admin.get(path).text)
    failed = send(admin, f"{user}/ngung", idempotency_key=new_key(), **{"disable-reason": ""})
    axe_of_html(failed.text)
    failed = send(admin, "/quan-tri/nguoi-dung/tao-moi", idempotency_key=new_key())
    axe_of_html(failed.text)


def test_the_auditor_comes_to_the_log_by_the_same_door(app: Flask, sign_in: SignIn) -> None:
    with app.test_request_context():
        make_world()
    answer = sign_in(Role.AUDITOR).get("/quan-tri")
    assert answer.status_code == 303
    assert answer.location == "/quan-tri/nhat-ky"
