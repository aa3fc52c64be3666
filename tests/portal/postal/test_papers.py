"""The papers of the post: what stands on them, and who may print them."""

from collections.abc import Iterator
from datetime import datetime

import pypdfium2
import pytest
from flask import Flask

from portal import clock
from portal.access import Role
from portal.accounts.models import User
from portal.db import transaction
from portal.directory.models import Organisation
from portal.dossiers.models.dossier import Channel, Dossier
from portal.extensions import db
from portal.postal import papers
from portal.postal.lifecycle import Cargo, Direction, ItemState
from portal.postal.models import PostalItem
from tests.factories.world import World, make_dossier, make_world, reload
from tests.rig.sign_in import SignIn
from vietnam import s10

FRIDAY = datetime(2026, 11, 20, 10, 12, tzinfo=clock.ZONE)


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.test_request_context():
        yield make_world()


def words(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in pages).split())


def sealed_item(world: World, direction: Direction = Direction.TO_AGENCY) -> PostalItem:
    public_id = make_dossier(world, world.actor(Role.POSTAL_CLERK), channel=Channel.POST, at=FRIDAY)
    with transaction() as session:
        dossier = session.get_one(Dossier, reload_id(public_id))
        item = PostalItem(
            code=s10.make("HC", 12345678, "VN"),
            dossier_id=dossier.id,
            direction=direction,
            cargo=Cargo.DOSSIER if direction is Direction.TO_AGENCY else Cargo.RESULT,
            state=ItemState.SEALED,
            post_office_id=world.office,
            seal_number="NP-0001",
            created_at=FRIDAY,
            moved_at=FRIDAY,
            sealed_at=FRIDAY,
            sealed_by="Hồ Thị Mai",
        )
        session.add(item)
        session.flush()
        item_id = item.id
    return db.session.get_one(PostalItem, item_id)


def reload_id(public_id: str) -> int:
    return reload(public_id).id


def test_the_posting_slip_is_a_contract_and_no_receipt(world: World) -> None:
    item = sealed_item(world)
    said = words(papers.posting_slip(item))
    assert item.code in said
    assert (item.dossier.code or "") in said
    assert "NP-0001" in said
    assert "chưa phải giấy tiếp nhận" in said
    assert "chưa niêm yết" in said


def test_the_delivery_slip_tells_nothing_of_the_paper_inside(world: World) -> None:
    item = sealed_item(world, Direction.TO_CITIZEN)
    said = words(papers.delivery_slip(item))
    assert item.code in said
    assert item.dossier.procedure_version.procedure.name not in said


def test_a_clerk_of_another_office_cannot_print_it(world: World, sign_in: SignIn) -> None:
    item = sealed_item(world)
    address = f"/buu-dien/buu-gui/{item.public_id}/phieu-gui.pdf"
    own = sign_in(Role.POSTAL_CLERK, at=db.session.get_one(Organisation, world.office))
    other = sign_in(Role.POSTAL_CLERK, at=db.session.get_one(Organisation, world.other_office))
    db.session.rollback()  # the requests below share this context; let them see what is new
    assert own.get(address).content_type == "application/pdf"
    db.session.rollback()
    assert other.get(address).status_code == 404


def test_a_courier_prints_only_what_is_on_his_own_round(world: World, sign_in: SignIn) -> None:
    item = sealed_item(world, Direction.TO_CITIZEN)
    address = f"/buu-dien/buu-gui/{item.public_id}/phieu-phat.pdf"
    item_id = item.id
    courier = sign_in(Role.COURIER, at=db.session.get_one(Organisation, world.office))
    db.session.rollback()
    assert courier.get(address).status_code == 404
    with transaction() as session:
        man = session.query(User).filter_by(email="courier-1@test.invalid").one()
        session.get_one(PostalItem, item_id).courier_id = man.id
    assert courier.get(address).content_type == "application/pdf"
