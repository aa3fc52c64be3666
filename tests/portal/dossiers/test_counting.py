"""The kept counts are what a count would find, whatever happens to them or meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from portal import cli
from portal.access import Role
from portal.db import transaction
from portal.dossiers import assignment, counting
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.counts import DossierCount
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from tests.factories.office import FRIDAY, ROADS, Office
from tests.factories.steps import SENT, assign
from tests.factories.world import make_dossier
from tests.rig import on_both_databases

pytestmark = on_both_databases


def counted(office: Office, role: Role) -> dict[Status, int]:
    actor = office.actor(role)
    with office.inside():
        return counting.by_status(actor)


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(DossierCount)) or 0


def test_every_move_is_counted_and_folding_keeps_the_sums(office: Office) -> None:
    for status in SENT:
        office.dossier(status)
    at_desk = counted(office, Role.ONESTOP_OFFICER)
    assert at_desk == dict.fromkeys(SENT, 1)
    not_forwarded = {Status.REGISTERED, Status.ACCEPTED, Status.REJECTED}
    at_department = counted(office, Role.OFFICER)
    assert at_department.keys() == at_desk.keys() - not_forwarded
    with office.inside():
        many = rows()
        with transaction():
            assert counting.fold() == many - rows() > 0
        with transaction():
            assert counting.fold() == 0
            assert counting.recount() == 0
    assert counted(office, Role.ONESTOP_OFFICER) == at_desk
    assert counted(office, Role.OFFICER) == at_department


def test_whoever_takes_a_dossier_is_counted_with_it(office: Office) -> None:
    taken = office.dossier(Status.PROCESSING)
    client, actor = office.client(Role.OFFICER), office.actor(Role.OFFICER)
    assign(office, client, taken, "nhan-xu-ly")
    with office.inside():
        holders = [holder for _status, holder, _number in counting.by_holder(actor)]
        assert len(holders) == 1
        assert holders[0] is not None
    assign(office, client, taken, "tra-lai-phong")
    with office.inside():
        assert [holder for _status, holder, _number in counting.by_holder(actor)] == [None]


def test_a_whole_life_within_one_transaction_is_counted(office: Office) -> None:
    """Columns that never had a value before they changed are told from those that had one."""
    for role in (Role.CITIZEN, Role.ONESTOP_OFFICER, Role.OFFICER):
        office.actor(role)
    with office.inside(), transaction():
        public_id = make_dossier(office.world, office.actor(Role.CITIZEN), at=FRIDAY)
        for verb in ROADS[Status.RESOLVED]:
            getattr(office, verb)(office.load(public_id), FRIDAY)
        assert counting.by_status(office.actor(Role.OFFICER)) == {Status.RESOLVED: 1}
        assert counting.recount() == 0


def test_what_is_undone_was_never_counted(office: Office) -> None:
    office.dossier(Status.PROCESSING)
    before = counted(office, Role.OFFICER)
    with office.inside(), pytest.raises(ZeroDivisionError):
        move_and_fail(office)
    assert counted(office, Role.OFFICER) == before


def move_and_fail(office: Office) -> None:
    with transaction() as session:
        session.scalars(select(Dossier)).one().status = Status.SUPPLEMENT_REQUIRED
        session.flush()
        moved = {Status.SUPPLEMENT_REQUIRED: 1}
        assert counting.by_status(office.actor(Role.OFFICER)) == moved
        raise ZeroDivisionError


def test_a_count_anew_or_a_fold_loses_nobody_who_writes_meanwhile(office: Office) -> None:
    names = [office.dossier(Status.PROCESSING) for _ in range(3)]
    actor = office.actor(Role.OFFICER)

    def move(name: str) -> int:
        with office.inside(), transaction():
            dossier = office.load(name)
            verb = assignment.release if dossier.officer_id else assignment.claim
            verb(dossier, by=actor, at=FRIDAY)
        return 0

    def tidy(work: Callable[[], int]) -> int:
        with office.inside(), transaction():
            return work()

    for _ in range(4):
        with ThreadPoolExecutor(5) as people:
            moves = [people.submit(move, name) for name in names]
            wrong = people.submit(tidy, counting.recount)
            people.submit(tidy, counting.fold).result()
            assert [one.result() for one in (*moves, wrong)] == [0, 0, 0, 0]
    assert tidy(counting.recount) == 0
    assert counted(office, Role.OFFICER) == {Status.PROCESSING: 3}


def test_an_operator_can_count_anew(office: Office, app: Flask) -> None:
    office.dossier(Status.PROCESSING)
    with office.inside(), transaction():
        db.session.execute(delete(DossierCount))
    assert counted(office, Role.OFFICER) == {}
    told = [app.test_cli_runner().invoke(cli.recount).output for _ in range(2)]
    assert told == ["1 of the kept counts were wrong.\n", "0 of the kept counts were wrong.\n"]
    assert counted(office, Role.OFFICER) == {Status.PROCESSING: 1}
