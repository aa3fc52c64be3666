"""The printed papers: what they say, that they are archival, that they fetch nothing."""

import io
from collections.abc import Iterator
from datetime import datetime

import pikepdf
import pypdfium2
import pytest
from flask import Flask

from portal import clock, press, verification
from portal.access import Role
from portal.db import transaction
from portal.dossiers import papers as dossier_papers
from portal.dossiers import services
from portal.dossiers.models.dossier import Dossier
from tests.factories.world import World, make_dossier, make_world, reload

FRIDAY = datetime(2026, 11, 20, 10, 12, tzinfo=clock.ZONE)


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.test_request_context():
        yield make_world()


def words(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    text = " ".join(page.get_textpage().get_text_bounded() for page in pages)
    return " ".join(text.split())


def sent(world: World) -> Dossier:
    return reload(make_dossier(world, world.actor(Role.CITIZEN), at=FRIDAY))


def test_the_acknowledgement_names_code_and_key_and_is_no_receipt(world: World) -> None:
    dossier = sent(world)
    said = words(dossier_papers.acknowledgement(dossier))
    assert (dossier.code or "") in said
    assert (dossier.lookup_key or "") in said
    assert "chưa phải giấy tiếp nhận" in said


def test_form_01_has_two_copies_the_due_date_and_its_reason(world: World) -> None:
    dossier = sent(world)
    onestop = world.actor(Role.ONESTOP_OFFICER)
    with transaction() as session:
        services.accept(session.get_one(Dossier, dossier.id), by=onestop, at=FRIDAY)
    said = words(dossier_papers.receipt(reload(dossier.public_id)))
    assert "Liên 1" in said
    assert "Liên 2" in said
    assert said.count("10:12, thứ Năm 26/11/2026") == 2
    assert "24/11" in said


def test_numbers_of_people_are_masked_on_paper(world: World) -> None:
    said = words(dossier_papers.acknowledgement(sent(world)))
    assert "912345678" not in said.replace(" ", "")


def test_a_paper_is_tagged_and_archival(world: World) -> None:
    with pikepdf.open(io.BytesIO(dossier_papers.acknowledgement(sent(world)))) as document:
        assert "/StructTreeRoot" in document.Root
        assert str(document.Root.Lang) == "vi"
        fonts = document.pages[0].Resources.Font.values()
        assert all("Tinos" in str(font.BaseFont) for font in fonts)
        with document.open_metadata() as metadata:
            assert metadata["pdfaid:part"] == "2"


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1/x", "../wsgi.py"])
def test_a_paper_reaches_nothing_outside_its_assets(app: Flask, address: str) -> None:
    with app.test_request_context(), pytest.raises(ValueError, match="assets"):
        press.OwnAssets().fetch(address if ":" in address else f"{press.BASE}static/{address}")


def test_a_changed_mark_is_not_ours(world: World) -> None:
    mark = verification.seal("receipt", "H32.10-261120-0001", FRIDAY)
    found = verification.check(mark)
    assert found is not None
    assert found.issued_at == FRIDAY
    assert verification.check(mark.replace("0001", "0002")) is None
    assert verification.check("receipt~x~y") is None
