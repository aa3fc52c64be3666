"""Words on pages are found however they are typed, and nothing typed becomes a command."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.access import Role
from portal.db import transaction
from portal.documents import search, services
from portal.documents.models import DocumentFile, DocumentPage, FileState
from portal.extensions import db
from tests.factories.papers import bare_file, the_file
from tests.factories.world import World, make_dossier
from tests.rig import on_both_databases

pytestmark = on_both_databases


def page(file: DocumentFile, number: int, text: str) -> None:
    row = DocumentPage(
        file_id=file.id,
        number=number,
        width_px=100,
        height_px=140,
        dpi=150,
        image_key=f"aa/bb/{number}",
        image_sha256="0" * 64,
        thumb_key=f"aa/bb/{number}t",
        thumb_sha256="0" * 64,
        text=text,
    )
    db.session.add(row)
    db.session.flush()
    search.index_page(row)


@pytest.fixture
def file(world: World) -> str:
    dossier = make_dossier(world, world.actor(Role.POSTAL_CLERK))
    with transaction():
        public_id = bare_file(dossier)
        file = the_file(public_id)
        page(file, 1, "TRÍCH LỤC KHAI SINH\nHọ tên: Nguyễn Thị Hòa, sinh ngày 12/3/1990")
        page(file, 2, "Đơn đề nghị xác nhận tình trạng hôn nhân của bà Hoà ở Đống Đa")
        page(file, 3, "Hoa màu trên đất; giấy chứng nhận số 0147-AB")
    return public_id


def found(text: str) -> list[int]:
    matches = search.pages_matching(text).subquery()
    rows = db.session.execute(
        select(DocumentPage.number)
        .join(matches, matches.c.page_id == DocumentPage.id)
        .order_by(matches.c.is_exact.desc(), DocumentPage.number)
    )
    return list(rows.scalars())


FOUND = {
    "trich luc": [1],
    "TRÍCH LỤC": [1],
    "dong da": [2],
    "đống đa": [2],
    "khai": [1],
    "lục trích": [1],
    '"lục trích"': [],
    '"trích lục" nguyen': [1],
    "12/3/1990": [1],
    "0147": [3],
    "ab 0147": [3],
    "xac nhan tinh tr": [2],
    "xac nha tinh": [],
    "khong co tu nay": [],
    "": [],
    "  ?! ": [],
}


def test_pages_are_found_however_they_are_asked_for(file: str) -> None:
    assert {typed: found(typed) for typed in FOUND} == FOUND


def test_the_very_diacritics_come_first(file: str) -> None:
    assert found("hoa") == [1, 2, 3]
    assert found("Hoà") == [2, 1, 3]
    assert found("hòa") == [1, 2, 3]


HOSTILE = [
    *('"', '""', "*", "hoa*", "(", "^hoa", "!a", "<->", "a:*", "\\", "😀", "hoa\0"),
    *("a OR b", "NOT", "NEAR(a b)", "a & b", "folded:hoa", "'); DROP TABLE page_search; --"),
    "x" * 5000,
    "a " * 500,
]


def test_nothing_typed_breaks_the_search(file: str) -> None:
    for typed in HOSTILE:
        assert set(found(typed)) <= {1, 2, 3}, typed
    assert found("khai sinh") == [1]


def test_a_file_taken_back_is_not_found(world: World, file: str) -> None:

    clerk = world.actor(Role.POSTAL_CLERK)
    with transaction():
        services.withdraw_file(the_file(file), by=clerk, at=clock.now())
    assert the_file(file).state is FileState.WITHDRAWN
    assert found("khai sinh") == []


def test_a_page_read_again_is_found_by_its_new_words_only(file: str) -> None:
    with transaction():
        row = the_file(file).pages[0]
        row.text = "Sổ hộ khẩu"
        search.index_page(row)
    assert found("so ho khau") == [1]
    assert found("trich luc") == []


def test_words_are_marked_as_they_are_found(app: Flask) -> None:
    phrases = search.parse('trich luc "khai sinh" nguy')
    on_page = ["TRÍCH", "LỤC,", "khai", "sinh:", "Nguyễn", "lụcc", "tên"]
    marked = [word for word in on_page if search.is_on(word, phrases)]
    assert marked == ["TRÍCH", "LỤC,", "khai", "sinh:", "Nguyễn"]
