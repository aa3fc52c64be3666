"""Files of citizens: each bad one gets its sentence, the good ones survive, and nothing breaks."""

import io
import struct
import zlib

import pikepdf
import pytest

from portal.documents.models import DocumentFile, FileState
from portal.extensions import db
from tests.factories.country import Country, file, hand_in, picture, start_online


def locked_pdf() -> bytes:
    """A PDF that opens only with a password."""
    held = io.BytesIO()
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(held, encryption=pikepdf.Encryption(owner="chu", user="khach"))
    return held.getvalue()


def vast_png() -> bytes:
    """A header that promises 30,000 × 30,000 pixels; nobody should try to unpack it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    size = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    row = zlib.compress(b"\0" * (30_000 * 3 + 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", row) + chunk(b"IEND", b"")


BAD = {
    "empty": (b"", "rong.pdf", "không có dữ liệu"),
    "html": (b"<!doctype html><p>PDF</p>", "trang.pdf", "không phải là ảnh hoặc PDF"),
    "encrypted": (locked_pdf(), "khoa.pdf", "có mật khẩu"),
    "vast": (vast_png(), "lon.png", "quá lớn"),
    "over the limit": (b"%PDF-1.4\n" + bytes(21 * 1024 * 1024), "nang.pdf", "quá lớn"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
def test_a_bad_file_gets_one_sentence_beside_its_field(
    country: Country, case: tuple[bytes, str, str]
) -> None:
    data, name, sentence = case
    citizen = country.citizen()
    draft = start_online(citizen)
    hand_in(citizen, draft, files=[file(data, name)])
    assert citizen.status == 422
    assert sentence in citizen.page
    assert f"“{name}”" in citizen.page
    assert 'id="files-error"' in citizen.page
    assert "Traceback" not in citizen.page
    assert "Chưa làm" in citizen.open(draft).page


def test_good_files_survive_the_bad_ones_beside_them(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    data, name, sentence = BAD["html"]
    sent = [file(picture("1"), "mặt trước.jpg"), file(data, name), file(picture("2"), "sau.jpg")]
    hand_in(citizen, draft, files=sent)
    assert citizen.status == 422
    assert sentence in citizen.page
    assert "mặt trước.jpg" in citizen.page
    assert "2 tệp" in citizen.open(draft).page


def test_no_file_chosen_is_said(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    hand_in(citizen, draft, files=[file(b"", "")])
    assert citizen.status == 422
    assert "Chọn tệp cần gửi." in citizen.page


def test_limits_are_said_before_anything_is_chosen(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    assert "mỗi tệp không quá 20 MB" in hand_in(citizen, draft, files=[file(b"", "")]).page
    assert "không quá 20 MB" in citizen.open("/cua-toi/nop/2.000635").page


def test_a_file_can_be_taken_back_while_it_is_a_draft(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    hand_in(citizen, draft, files=[file(picture(), "nham.jpg")])
    citizen.send("/bo/")
    assert citizen.status == 200
    assert "nham.jpg" not in citizen.page
    with country.app.app_context():
        assert db.session.query(DocumentFile).one().state is FileState.WITHDRAWN


def test_a_stranger_hands_nothing_in(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    hand_in(citizen, draft, files=[file(picture(), "the.jpg")])
    assert country.citizen("Người Lạ").open(citizen.url).status == 404


def test_the_paper_of_the_electronic_form_asks_for_no_file(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    assert "Tờ khai cấp bản sao trích lục" not in citizen.open(draft).page
    assert "Tờ khai điện tử đã điền ở trên" in citizen.open(f"{draft}/kiem-tra").page
