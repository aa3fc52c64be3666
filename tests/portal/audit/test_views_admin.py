"""The log is read by those who may, narrowed and in pieces, and reading it is written down."""

import ast
import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import clock
from portal.access import Role
from portal.accounts.models import User
from portal.audit.acts import LABELS
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.extensions import db
from tests.factories.world import make_dossier, make_world, reload
from tests.house.kept import ROOT
from tests.rig import on_both_databases
from tests.rig.queries import max_queries
from tests.rig.sign_in import SignIn

LOG = "/quan-tri/nhat-ky"


def write(app: Flask, number: int, at: datetime, **changes: object) -> None:
    with app.app_context(), transaction() as session:
        for index in range(number):
            values = {
                "act": "file:open",
                "actor_name": f"Người {index:03}",
                "role": "officer",
                "subject_kind": "DocumentFile",
                "subject_id": "x",
            }
            session.add(AuditEvent(at=at, **(values | changes)))


def people(client: FlaskClient, query: str = "") -> list[str]:
    return re.findall(r"<bdi>([^<]+)</bdi>", client.get(f"{LOG}?{query}").text)


@pytest.fixture
def auditor(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.AUDITOR, name="Người Kiểm Tra")


def test_only_auditors_and_administrators_read_it(sign_in: SignIn) -> None:
    for role in Role:
        is_reader = role in (Role.AUDITOR, Role.ADMIN)
        assert (sign_in(role).get(LOG).status_code == 200) == is_reader, role


@on_both_databases
def test_a_long_log_is_read_in_pieces(app: Flask, auditor: FlaskClient) -> None:
    write(app, 120, clock.now())
    seen, path = [], LOG + "?viec=file:open"
    while path:
        with max_queries(12):
            text = auditor.get(path).text
        seen += re.findall(r"<bdi>(Người \d+)</bdi>", text)
        older = re.search(r'href="([^"]*truoc=[^"]*)"', text)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"Người {index:03}" for index in reversed(range(120))]


@on_both_databases
def test_it_is_narrowed_by_act_person_day_and_dossier(app: Flask, auditor: FlaskClient) -> None:
    day = datetime(2026, 3, 16, 23, 59, tzinfo=clock.ZONE)
    write(app, 1, day, actor_name="Phạm Văn Khải")
    write(app, 1, day + timedelta(minutes=1), actor_name="Võ Thị Lan", act="page:open")
    with app.test_request_context():
        world = make_world()
        dossier = reload(make_dossier(world, world.actor(Role.CITIZEN), at=day))
        code, dossier_id = dossier.code, dossier.id
    write(app, 1, day, actor_name="Người Mở", dossier_id=dossier_id)
    assert people(auditor, "viec=page:open") == ["Võ Thị Lan"]
    assert people(auditor, "nguoi=Kh%E1%BA%A3i") == ["Phạm Văn Khải"]
    assert people(auditor, "tu=17/03/2026&den=17/03/2026") == ["Võ Thị Lan"]
    assert people(auditor, f"ma={code}&viec=file:open") == ["Người Mở"]
    assert code in auditor.get(f"{LOG}?viec=file:open").text
    assert people(auditor, "nguoi=%25") == []


@on_both_databases
def test_a_citizens_name_stands_in_his_account_and_not_in_the_log(
    app: Flask, auditor: FlaskClient, sign_in: SignIn
) -> None:
    sign_in(Role.CITIZEN, name="Lê Thị Hoa Tiêu")
    with app.app_context():
        user = db.session.query(User).filter_by(name="Lê Thị Hoa Tiêu").one()
        number = user.id
    write(app, 1, clock.now(), actor_name="", actor_id=number, role="citizen")
    assert people(auditor, "viec=file:open") == ["Lê Thị Hoa Tiêu"]
    assert people(auditor, "nguoi=Hoa+Ti%C3%AAu") == ["Lê Thị Hoa Tiêu"]
    with app.app_context(), transaction() as session:
        session.get_one(User, number).name = ""
    assert people(auditor, "viec=file:open") == ["Công dân (đã xoá dữ liệu)"]


@pytest.mark.parametrize("query", ["tu=hom-qua", "den=31/02/2026", "ma=123", "viec=la-gi"])
def test_a_wrong_question_is_told_beside_its_field(auditor: FlaskClient, query: str) -> None:
    answer = auditor.get(f"{LOG}?{query}")
    assert answer.status_code == 422
    assert "govuk-error-message" in answer.text
    name, _, value = query.partition("=")
    assert value in answer.text or name == "viec"


def test_reading_is_written_down(app: Flask, auditor: FlaskClient) -> None:
    auditor.get(f"{LOG}?nguoi=Mai")
    with app.app_context():
        event = db.session.query(AuditEvent).filter_by(act="audit:read").one()
        assert (event.actor_name, event.detail) == ("Người Kiểm Tra", {"asked": {"nguoi": "Mai"}})


def test_odd_marks_show_the_beginning(app: Flask, auditor: FlaskClient) -> None:
    write(app, 3, clock.now())
    for mark in ("truoc=abc", "sau=-1", "truoc=" + "9" * 40, "sau=١٢"):
        assert auditor.get(f"{LOG}?{mark}").status_code == 200


def test_every_act_in_the_program_has_words() -> None:
    """Acts built from a verb or a kind are covered by the lists below."""
    written: set[str] = set()
    for path in (ROOT / "portal").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
        for call in calls:
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            first = call.args[0]
            is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
            if name in ("record", "_note") and is_text and ":" in first.value:
                written.add(first.value)
    assert len(written) > 30, written
    assert written - set(LABELS) == set()
