"""Somebody without an account takes his dossier back, at the desk that holds it."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.access import Actor, Role
from portal.db import transaction
from portal.dossiers import services
from portal.dossiers.lifecycle import Status
from portal.dossiers.withdrawals import Asked
from portal.errors import Invalid, StepRefused
from portal.extensions import db
from portal.postal.lifecycle import ItemState
from tests.factories.post import Road
from tests.portal.postal.pages import press

ClientOf = Callable[[Actor], FlaskClient]
HERSELF = Asked("Nguyễn Thị Mẫu", "thẻ căn cước")
TYPED = {"receiver": "Nguyễn Thị Mẫu", "shown": "card", "reason": "Đổi ý"}


def withdraw(road: Road, public_id: str, by: Actor, asked: Asked | None = HERSELF) -> Status:
    try:
        with transaction():
            services.withdraw(road.dossier(public_id), "Đổi ý", by=by, at=road.at, asked=asked)
    finally:
        db.session.rollback()
    return road.dossier(public_id).status


def test_a_walk_in_is_withdrawn_at_the_counter_and_takes_the_papers_along(
    road: Road, client_of: ClientOf
) -> None:
    clerk = client_of(road.clerk)
    item = road.sealed()
    public_id = road.item(item).dossier.public_id
    here = f"/buu-dien/ho-so/{public_id}"
    assert f"{here}/rut" in clerk.get(here).text
    page = clerk.get(f"{here}/rut")
    version = str(road.dossier(public_id).version)
    wrong = press(clerk, page, f"{here}/rut", version=version, **TYPED | {"shown": ""})
    assert wrong.status_code == 422
    assert "Chọn giấy tờ đã kiểm tra." in wrong.text
    done = press(clerk, wrong, f"{here}/rut", version=version, **TYPED)
    assert done.headers["Location"].endswith(f"{here}/tra-giay-to")
    event = road.dossier(public_id).events[-1]
    assert (event.reason, event.detail["asked_by"]) == ("Đổi ý", "Nguyễn Thị Mẫu")
    assert "Nguyễn Thị Mẫu" not in event.sentence
    version = str(road.dossier(public_id).version)
    papers = clerk.get(f"{here}/tra-giay-to")
    press(clerk, papers, f"{here}/tra-giay-to", version=version, pages="2")
    assert road.item(item).state is ItemState.COLLECTED
    assert f"{here}/rut" not in clerk.get(here).text
    assert clerk.get(f"{here}/rut").status_code == 409


def test_after_the_hand_over_the_one_stop_officer_writes_it_down(
    road: Road, client_of: ClientOf
) -> None:
    officer = client_of(road.officer)
    item = road.sealed()
    public_id = road.item(item).dossier.public_id
    here = f"/can-bo/ho-so/{public_id}"
    assert f"{here}/rut" not in officer.get(here).text
    assert "Bưu điện chưa bàn giao" in officer.get(f"{here}/rut").text
    with pytest.raises(StepRefused, match="tại bưu điện"):
        withdraw(road, public_id, road.officer)
    road.signed(item)
    with pytest.raises(StepRefused, match="bộ phận một cửa"):
        withdraw(road, public_id, road.clerk)
    assert f"{here}/rut" in officer.get(here).text
    page = officer.get(f"{here}/rut")
    version = str(road.dossier(public_id).version)
    wrong = press(officer, page, f"{here}/rut", version=version, **TYPED)
    assert "Phải có văn bản yêu cầu" in wrong.text
    done = press(officer, wrong, f"{here}/rut", version=version, is_written="y", **TYPED)
    assert done.status_code == 303
    assert road.dossier(public_id).status is Status.WITHDRAWN
    assert f"{here}/tra-giay-to" in officer.get(here).text


def test_nobody_ends_the_dossier_of_somebody_with_an_account(road: Road) -> None:
    citizen = road.world.actor(Role.CITIZEN)
    item = road.sealed()
    public_id = road.item(item).dossier.public_id
    with transaction():
        road.dossier(public_id).applicant_id = citizen.user_id
    with pytest.raises(StepRefused, match="có tài khoản"):
        withdraw(road, public_id, road.clerk)
    assert withdraw(road, public_id, citizen, None) is Status.WITHDRAWN


@pytest.mark.parametrize(
    ("asked", "field"),
    [(None, "receiver"), (Asked(" ", "thẻ"), "receiver"), (Asked("Lê Hoa", ""), "shown")],
)
def test_a_withdrawal_names_who_asked_and_what_was_checked(
    road: Road, asked: Asked | None, field: str
) -> None:
    public_id = road.registered()
    with pytest.raises(Invalid) as problem:
        withdraw(road, public_id, road.clerk, asked)
    assert problem.value.field == field
    assert road.dossier(public_id).status is Status.REGISTERED
