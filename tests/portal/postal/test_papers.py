"""The papers of the post: what stands on them, and who may print them."""

import io
from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pikepdf
import pypdfium2
import pytest
from flask import Flask

from portal import clock
from portal.access import Role
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.directory.models import Organisation
from portal.dossiers.models.dossier import Channel, Dossier
from portal.extensions import db
from portal.postal import papers
from portal.postal.lifecycle import Cargo, Direction, ItemState
from portal.postal.models import PostalItem
from scanning.separators import TITLE, Target
from scanning.sheets import sheet_of
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


def pictures(content: bytes, dpi: int) -> list[np.ndarray]:
    pages = pypdfium2.PdfDocument(content)
    return [np.asarray(page.render(scale=dpi / 72, grayscale=True).to_pil()) for page in pages]


def test_a_separator_for_each_component_is_read_at_100_dpi_upside_down(world: World) -> None:
    dossier = sealed_item(world).dossier
    content = papers.separators(dossier)
    sheets = [sheet_of(picture[::-1, ::-1].copy()) for picture in pictures(content, 100)]
    numbers = [str(row.number) for row in dossier.procedure_version.components]
    assert [sheet and sheet.target for sheet in sheets] == [
        Target(dossier.code, number) for number in [*numbers, None]
    ]


def test_a_separator_says_in_words_what_it_parts_and_names_nobody(world: World) -> None:
    dossier = sealed_item(world).dossier
    said = words(papers.separators(dossier))
    assert all(" ".join(row.name.split()) in said for row in dossier.procedure_version.components)
    assert TITLE in said
    assert (dossier.code or "") in said
    assert dossier.applicant_name not in said


def test_a_plain_separator_fits_every_dossier_and_is_known_without_its_code(world: World) -> None:
    (picture,) = pictures(papers.plain_separator(), 75)
    sheet = sheet_of(picture)
    assert sheet is not None
    assert sheet.target == Target()
    middle = picture.copy()
    middle[200:600, 150:470] = 255
    sheet = sheet_of(middle)
    assert sheet is not None
    assert sheet.target is None


def test_separators_are_conforming_papers(world: World) -> None:
    content = papers.separators(sealed_item(world).dossier)
    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_metadata() as meta:
        assert meta.pdfa_status == "2A"
        assert pdf.Root.MarkInfo.Marked
        box = pdf.pages[0].mediabox
        assert (round(float(box[2])), round(float(box[3]))) == (595, 842)


def test_printing_separators_is_written_down(world: World, sign_in: SignIn) -> None:
    public_id = sealed_item(world).dossier.public_id
    clerk = sign_in(Role.POSTAL_CLERK, at=db.session.get_one(Organisation, world.office))
    db.session.rollback()
    answer = clerk.get(f"/buu-dien/ho-so/{public_id}/to-phan-cach.pdf")
    assert answer.content_type == "application/pdf"
    assert clerk.get("/buu-dien/to-phan-cach.pdf").content_type == "application/pdf"
    db.session.rollback()
    acts = db.session.query(AuditEvent.act).filter_by(act="paper:separators").count()
    assert acts == 1


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
