"""What each verb leaves behind: status, history, audit, mail, clock – or nothing at all."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from portal import clock
from portal.access import Role
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.directory.models import Organisation
from portal.dossiers import counting, queries, services
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.control_sheet import ControlSheetLine
from portal.dossiers.models.dossier import Channel, Dossier
from portal.dossiers.models.notices import OutcomeKind, Receipt
from portal.errors import Conflict, Invalid, NotFound, StepRefused
from portal.extensions import db
from portal.outbox import OutboxMessage
from tests.factories.world import World, make_dossier, make_world, reload
from tests.rig import on_both_databases

FRIDAY = datetime(2026, 11, 20, 10, 12, tzinfo=clock.ZONE)


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.test_request_context():
        yield make_world()


def accepted(world: World, at: datetime = FRIDAY) -> str:
    citizen = world.actor(Role.CITIZEN)
    public_id = make_dossier(world, citizen, at=at)
    onestop = world.actor(Role.ONESTOP_OFFICER)
    with transaction():
        services.accept(load(public_id), by=onestop, at=at)
    return public_id


def load(public_id: str) -> Dossier:
    return db.session.query(Dossier).filter_by(public_id=public_id).one()


def forwarded(world: World, at: datetime = FRIDAY) -> str:
    public_id = accepted(world, at)
    onestop = world.actor(Role.ONESTOP_OFFICER)
    with transaction() as session:
        department = session.get_one(Organisation, world.department)
        services.forward(load(public_id), department, by=onestop, at=at)
    return public_id


@on_both_databases
def test_sending_gives_code_key_agency_history_audit_and_mail(world: World) -> None:
    public_id = make_dossier(world, world.actor(Role.CITIZEN), at=FRIDAY)
    dossier = reload(public_id)
    assert dossier.code == "H32.10-261120-0001"
    assert len(dossier.lookup_key or "") == 6
    assert dossier.department_id == world.department
    assert dossier.status is Status.REGISTERED
    assert [event.act for event in queries.timeline(dossier)] == ["submit"]
    assert db.session.query(AuditEvent).filter_by(act="dossier:submit").count() == 1
    mail = db.session.query(OutboxMessage).one()
    assert mail.address == "mau@test.invalid"
    assert (dossier.code or "") in mail.body
    assert "0912" not in mail.body


def test_codes_of_one_day_follow_each_other(world: World) -> None:
    citizen = world.actor(Role.CITIZEN)
    codes = [reload(make_dossier(world, citizen, at=FRIDAY)).code for _ in range(3)]
    assert codes == [f"H32.10-261120-000{number}" for number in (1, 2, 3)]


def test_acceptance_reckons_the_due_date_and_says_how(world: World) -> None:
    public_id = accepted(world)
    receipt = db.session.query(Receipt).one()
    assert receipt.due_at == datetime(2026, 11, 26, 10, 12, tzinfo=clock.ZONE)
    assert "24/11" in receipt.explanation
    assert reload(public_id).due_at == receipt.due_at


def test_a_postal_dossier_cannot_be_accepted_before_the_handover_is_signed(world: World) -> None:
    public_id = make_dossier(world, world.actor(Role.POSTAL_CLERK), channel=Channel.POST)
    onestop = world.actor(Role.ONESTOP_OFFICER)
    with pytest.raises(Invalid), transaction():
        services.accept(load(public_id), by=onestop, at=clock.now())
    assert reload(public_id).status is Status.REGISTERED


def test_the_clock_of_a_postal_dossier_starts_at_the_signature(world: World) -> None:
    public_id = make_dossier(world, world.actor(Role.POSTAL_CLERK), channel=Channel.POST, at=FRIDAY)
    onestop = world.actor(Role.ONESTOP_OFFICER)
    signed = FRIDAY + timedelta(hours=3)
    with transaction():
        services.take_from_post(load(public_id), by=onestop, at=signed)
        services.accept(load(public_id), by=onestop, at=signed + timedelta(hours=1))
    assert reload(public_id).received_at == signed


def test_a_supplement_pauses_the_clock_and_moves_the_due_date(world: World) -> None:
    public_id = forwarded(world)
    officer = world.actor(Role.OFFICER)
    asked = datetime(2026, 11, 23, 8, 0, tzinfo=clock.ZONE)
    with transaction():
        items = [{"component": None, "text": "Bản sao sổ hộ khẩu"}]
        services.ask_supplement(load(public_id), items, "Thiếu giấy tờ", by=officer, at=asked)
    view = queries.clock_of(reload(public_id), asked + timedelta(days=2))
    assert view.paused_since == asked
    before = reload(public_id).due_at
    applicant = reload(public_id).applicant_id
    citizen = world.actor(Role.CITIZEN)
    with transaction():
        services.supplement(load(public_id), by=citizen, at=asked + timedelta(days=2))
    dossier = reload(public_id)
    assert applicant is not None
    assert dossier.status is Status.PROCESSING
    assert dossier.due_at is not None
    assert before is not None
    assert dossier.due_at > before


def test_a_supplement_asked_at_intake_files_the_dossier_anew(world: World) -> None:
    public_id = make_dossier(world, world.actor(Role.POSTAL_CLERK), channel=Channel.POST, at=FRIDAY)
    onestop = world.actor(Role.ONESTOP_OFFICER)
    with transaction():
        services.take_from_post(load(public_id), by=onestop, at=FRIDAY)
        items = [{"component": 1, "text": "Tờ khai có chữ ký"}]
        services.ask_supplement(load(public_id), items, "Thiếu chữ ký", by=onestop, at=FRIDAY)
    later = FRIDAY + timedelta(days=4)
    with transaction():
        services.supplement(load(public_id), by=world.actor(Role.CITIZEN), at=later)
    dossier = reload(public_id)
    assert dossier.status is Status.REGISTERED
    assert dossier.received_at == later


def test_a_reason_is_asked_for_where_the_citizen_will_read_it(world: World) -> None:
    public_id = make_dossier(world, world.actor(Role.CITIZEN))
    onestop = world.actor(Role.ONESTOP_OFFICER)
    with pytest.raises(Invalid, match="lý do"), transaction():
        services.refuse(load(public_id), "  ", by=onestop, at=clock.now())
    assert reload(public_id).status is Status.REGISTERED


def test_a_mail_says_that_there_is_a_reason_and_not_which(world: World) -> None:
    public_id = make_dossier(world, world.actor(Role.CITIZEN))
    onestop = world.actor(Role.ONESTOP_OFFICER)
    with transaction():
        services.refuse(load(public_id), "Điều riêng tư", by=onestop, at=clock.now())
    mails = [mail.body for mail in db.session.query(OutboxMessage)]
    assert any("Lý do cụ thể" in body for body in mails)
    assert not any("riêng tư" in body for body in mails)


def test_a_decision_ends_the_clock_and_returning_needs_a_decision(world: World) -> None:
    public_id = forwarded(world)
    clerk = world.actor(Role.POSTAL_CLERK)
    with pytest.raises(StepRefused), transaction():
        services.return_outcome(load(public_id), by=clerk, at=clock.now())
    with transaction():
        services.decide(
            load(public_id),
            OutcomeKind.GRANTED,
            "Đủ điều kiện",
            "12/XN",
            None,
            by=world.actor(Role.OFFICER),
            at=FRIDAY + timedelta(days=3),
        )
    with transaction():
        services.return_outcome(load(public_id), by=clerk, at=FRIDAY + timedelta(days=4))
    dossier = reload(public_id)
    assert dossier.status is Status.RETURNED
    assert dossier.finished_at == FRIDAY + timedelta(days=3)
    assert db.session.query(ControlSheetLine).count() == 2


def test_a_withdrawn_dossier_is_over(world: World) -> None:
    citizen = world.actor(Role.CITIZEN)
    public_id = make_dossier(world, citizen)
    with transaction():
        services.withdraw(load(public_id), "Không còn nhu cầu", by=citizen, at=clock.now())
    with pytest.raises(StepRefused), transaction():
        services.withdraw(load(public_id), "Lần nữa", by=citizen, at=clock.now())


def test_an_old_picture_of_the_dossier_is_told_what_changed(world: World) -> None:
    public_id = forwarded(world)
    seen = load(public_id).version
    with transaction():
        services.stop(load(public_id), "Trùng hồ sơ", by=world.actor(Role.LEADER), at=clock.now())
    with pytest.raises(Conflict) as refused:
        services.check_version(load(public_id), seen)
    assert any("dừng xử lý" in change for change in refused.value.changes)


def test_a_verb_that_fails_leaves_nothing(world: World) -> None:
    public_id = make_dossier(world, world.actor(Role.CITIZEN))
    onestop = world.actor(Role.ONESTOP_OFFICER)
    before = db.session.query(AuditEvent).count()

    def accept_and_stumble() -> None:
        with transaction():
            services.accept(load(public_id), by=onestop, at=clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        accept_and_stumble()
    dossier = reload(public_id)
    assert dossier.status is Status.REGISTERED
    assert db.session.query(Receipt).count() == 0
    assert db.session.query(AuditEvent).count() == before


@pytest.mark.parametrize(
    ("role", "where"),
    [
        (Role.CITIZEN, None),
        (Role.POSTAL_CLERK, "other_office"),
        (Role.COURIER, "other_office"),
        (Role.ONESTOP_OFFICER, "other_centre"),
        (Role.OFFICER, "other_department"),
        (Role.LEADER, "other_department"),
        (Role.AUDITOR, "centre"),
        (Role.ADMIN, "centre"),
    ],
)
def test_a_dossier_is_invisible_outside_its_scope(
    world: World, role: Role, where: str | None
) -> None:
    public_id = forwarded(world)
    stranger = world.actor(role, getattr(world, where) if where else None)
    with pytest.raises(NotFound):
        queries.get_dossier(public_id, for_=stranger)
    assert counting.by_status(stranger) == {}


def test_at_home_a_clerk_does_not_see_the_dossiers_of_the_counter(world: World) -> None:
    clerk = world.actor(Role.POSTAL_CLERK)
    public_id = make_dossier(world, clerk, channel=Channel.POST)
    with pytest.raises(NotFound):
        queries.get_dossier(public_id, for_=replace(clerk, role=Role.CITIZEN, organisation=None))


def test_the_department_sees_a_dossier_only_once_it_is_forwarded(world: World) -> None:
    public_id = accepted(world)
    officer = world.actor(Role.OFFICER)
    with pytest.raises(NotFound):
        queries.get_dossier(public_id, for_=officer)
    other = forwarded(world)
    assert queries.get_dossier(other, for_=officer).public_id == other


def test_looking_up_needs_code_and_key_together(world: World) -> None:
    dossier = reload(make_dossier(world, world.actor(Role.CITIZEN)))
    code, key = dossier.code or "", dossier.lookup_key or ""
    found = queries.look_up(f" {code.lower()} ", key.lower())
    assert found is not None
    assert found.public_id == dossier.public_id
    assert queries.look_up(code, "AAAAAA") is None
    assert queries.look_up("H32.10-261120-9999", key) is None


def test_numbers_of_people_are_not_readable_in_the_database(world: World) -> None:
    public_id = make_dossier(world, world.actor(Role.CITIZEN))
    raw = db.session.execute(text("SELECT phone_sealed, phone_index FROM dossiers")).one()
    assert b"912345678" not in bytes(raw[0])
    assert "912345678" not in raw[1]
    assert reload(public_id).phone == "+84912345678"
