"""The quick check at upload time."""

import os
import time
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from scanning import intake
from scanning.errors import ScanError
from scanning.intake import Gate, inspect_bytes
from scanning.settings import Limits
from tests.drawing.pages import draw_page, to_bytes
from tests.scanning import files
from tests.scanning.stopped import Stopped

LIMITS = Limits(upload_bytes=2_000_000, pages=40)
PAGE = Image.new("RGB", (800, 1130), "white")
HEIC = (Path(__file__).parent / "samples" / "don.heic").read_bytes()

REFUSED = {
    "nothing": (b"", "don.pdf", "empty"),
    "web page called PDF": (files.HTML, "don.pdf", "unsupported"),
    "PDF hidden behind a web page": (
        files.HTML + files.saved(files.pdf()),
        "don.pdf",
        "unsupported",
    ),
    "office file": (b"PK\x03\x04rest", "don.docx", "unsupported"),
    "drawing in SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "don.png", "unsupported"),
    "five bytes called PDF": (b"oops\n", "don.pdf", "damaged"),
    "half a JPEG": (to_bytes(PAGE)[:900], "don.jpg", "damaged"),
    "half a PNG": (draw_page(1, form="PNG").data[:20_000], "don.png", "damaged"),
    "PDF without its end and middle": (b"%PDF-1.7\n1 0 obj\n<<", "don.pdf", "damaged"),
    "locked PDF": (files.encrypted(), "don.pdf", "encrypted"),
    "PDF without pages": (files.saved(files.pdf(0)), "don.pdf", "no_pages"),
    "too many pages": (files.saved(files.pdf(41)), "don.pdf", "too_large"),
    "too many bytes": (b"%PDF-" + b"0" * 2_000_000, "don.pdf", "too_large"),
    "30,000 x 30,000 pixels": (files.huge_png(), "don.png", "too_large"),
    "huge picture in a PDF": (files.huge_pdf_picture(), "don.pdf", "too_large"),
    "dynamic form": (files.dynamic_form(), "don.pdf", "dynamic_form"),
}

ACCEPTED = {
    "JPEG": (to_bytes(PAGE), "jpeg", 1),
    "PNG": (to_bytes(PAGE, "PNG"), "png", 1),
    "WebP": (to_bytes(PAGE, "WEBP"), "webp", 1),
    "BMP": (to_bytes(PAGE, "BMP"), "bmp", 1),
    "TIFF of three pages": (files.tiff(PAGE, PAGE, PAGE), "tiff", 3),
    "HEIC": (HEIC, "heic", 1),
    "PDF of two pages": (files.saved(files.pdf(2)), "pdf", 2),
    "PDF with an owner's password only": (
        files.saved(files.pdf(), encryption=pikepdf.Encryption(user="", owner="chu")),
        "pdf",
        1,
    ),
}


@pytest.mark.parametrize(("data", "name", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_taken_is_refused_with_its_reason(data, name, reason):
    intake = inspect_bytes(data, name, LIMITS)
    assert (intake.verdict, intake.reason) == ("refused", reason)
    assert not intake.is_accepted


@pytest.mark.parametrize(("data", "kind", "pages"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_can_be_read_is_known_by_its_bytes_whatever_its_name(data, kind, pages):
    intake = inspect_bytes(data, "scan", Limits())
    assert (intake.verdict, intake.kind, intake.pages) == ("accepted", kind, pages)
    assert intake.content_type.endswith(kind)


@pytest.mark.parametrize(
    ("data", "warning"),
    [
        (files.with_script(), "active_content_removed"),
        (files.with_attachment(), "attachment_ignored"),
        (files.saved(files.pdf(3)).replace(b"startxref", b"startxxxx"), "repaired"),
    ],
    ids=["script", "attachment", "repaired"],
)
def test_a_file_with_more_than_pages_is_taken_with_a_warning(data, warning):
    intake = inspect_bytes(data, "don.pdf", Limits())
    assert (intake.verdict, intake.warnings) == ("accepted", (warning,))


def test_an_honest_page_is_judged_while_its_owner_waits():
    page = draw_page(1, dpi=300).data
    before = os.times()
    assert inspect_bytes(page, "don.jpg", Limits()).is_accepted
    after = os.times()
    # Processor time, because the machine may be busy with other things.
    assert (
        after.children_user + after.children_system - before.children_user - before.children_system
        < 1
    )


def test_files_of_one_sending_share_a_room_until_one_of_them_is_refused():
    good, bad = to_bytes(PAGE), to_bytes(PAGE)[:900]
    with Gate(Limits()) as gate:
        assert [gate.look(good, f"{number}.jpg").is_accepted for number in range(2)] == [True, True]
        first = gate.room
        assert not gate.look(bad, "don.jpg").is_accepted
        assert gate.room is None
        assert first.is_closed
        assert gate.look(good, "don.jpg").is_accepted
        last = gate.room
    assert last.is_closed


def test_a_bomb_is_answered_in_time():
    started = time.monotonic()
    assert not inspect_bytes(files.stacked_pdf(), "don.pdf", Limits()).is_accepted
    assert time.monotonic() - started < 12


def test_a_machine_too_busy_to_look_says_nothing_of_the_file(monkeypatch):
    monkeypatch.setattr(intake, "LimitedChild", Stopped)
    monkeypatch.setattr(intake, "_SECONDS", 1)
    with pytest.raises(ScanError) as failure:
        inspect_bytes(to_bytes(PAGE), "don.jpg", Limits())
    assert (failure.value.code, failure.value.try_again) == ("busy", True)
