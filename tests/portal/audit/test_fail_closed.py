"""What cannot be written down does not happen: nothing is shown, nothing is changed."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import text

from portal.access import Role
from portal.dossiers.lifecycle import Status, Verb
from portal.dossiers.models.dossier import Channel
from portal.extensions import db
from tests.factories.office import Office
from tests.factories.steps import send
from tests.factories.world import make_world
from tests.rig import on_both_databases
from tests.rig.contents import contents

# Counted by themselves, whatever becomes of a request.
BESIDES = ("web_sessions", "throttles")


@contextmanager
def a_log_that_takes_nothing(app: Flask) -> Iterator[None]:
    """As with a full disk, a right that was taken away, or a table that somebody has locked."""
    sqlite = (
        "CREATE TRIGGER shut BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'shut'); END",
        "DROP TRIGGER shut",
    )
    postgres = (
        "CREATE TRIGGER shut BEFORE INSERT ON audit_events EXECUTE FUNCTION refuse_change()",
        "DROP TRIGGER shut ON audit_events",
    )
    with app.app_context():
        shut, open_again = postgres if db.engine.dialect.name == "postgresql" else sqlite
    run(app, shut)
    yield
    run(app, open_again)


def run(app: Flask, statement: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(statement))


@pytest.fixture
def office(app: Flask) -> Office:
    with app.test_request_context():
        return Office(app, make_world())


@on_both_databases
def test_without_the_log_nothing_is_shown_and_nothing_is_changed(office: Office) -> None:
    public_id = office.dossier(Status.REGISTERED, name="Người Được Giữ Kín")
    page = office.page(public_id, "Tờ khai")
    officer, citizen = office.client(Role.ONESTOP_OFFICER), office.client(Role.CITIZEN)
    file = re.search(r"/giay-to/tep/([\w-]+)/goc", citizen.get(f"/cua-toi/ho-so/{public_id}").text)
    assert file
    posted = office.dossier(channel=Channel.POST, name="Người Được Giữ Kín")
    clerk, owner = office.client(Role.POSTAL_CLERK), office.client(Role.CITIZEN)
    looks = (
        (officer, f"/can-bo/ho-so/{public_id}"),
        (officer, f"/giay-to/trang/{page}"),
        (officer, f"/giay-to/tep/{file[1]}/goc"),
        (clerk, f"/buu-dien/ho-so/{posted}"),
        (clerk, f"/buu-dien/ho-so/{posted}/kiem-dem/tong"),
        (owner, f"/cua-toi/ho-so/{posted}"),
    )
    before = contents(office.app, besides=BESIDES)
    with a_log_that_takes_nothing(office.app):
        for person, path in looks:
            answer = person.get(path)
            assert answer.status_code >= 400, path
            assert answer.mimetype == "text/html"
            assert "Người Được Giữ Kín" not in answer.text
        accepted = send(office, officer, Role.ONESTOP_OFFICER, public_id, Verb.ACCEPT)
        assert accepted.status_code >= 400
        assert contents(office.app, besides=BESIDES) == before
    for person, path in looks:
        assert person.get(path).status_code == 200
    accepted = send(office, officer, Role.ONESTOP_OFFICER, public_id, Verb.ACCEPT)
    assert accepted.status_code == 303
