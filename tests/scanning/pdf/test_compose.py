"""PDF/A-2b out of pictures and words."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from scanning.page import Word
from scanning.pdf.compose import PdfPage, compose

MADE_AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
WORDS = (
    Word("Nguyễn", (0.1, 0.10, 0.30, 0.13), 0.9, 0, 0),
    Word("Thị", (0.32, 0.10, 0.40, 0.13), 0.9, 0, 0),
    Word("Mẫu…\U0001f600", (0.1, 0.50, 0.30, 0.53), 0.9, 1, 1),
)


@pytest.fixture
def pages(tmp_path):
    def page(number, mode):
        path = tmp_path / f"{number}.jpg"
        Image.new(mode, (1654, 2339), "white").save(path)
        return PdfPage(path, 1654, 2339, mode == "L", 200, WORDS)

    return [page(1, "RGB"), page(2, "L")]


@pytest.fixture(params=[True, False], ids=["searchable", "archive"])
def made(request, pages, tmp_path):
    path = tmp_path / "made.pdf"
    compose(pages, path, MADE_AT, with_text=request.param)
    return path


def test_it_is_pdf_a_2b(made):
    pdfa = pytest.importorskip("pikepdf.pdfa", exc_type=ImportError)
    with pikepdf.open(made) as pdf:
        assert pdfa.check(pdf, "2b").findings == []


def test_it_says_what_it_is(made):
    assert made.read_bytes()[:9] == b"%PDF-1.7\n"
    assert made.read_bytes()[9:14][0] == ord("%")
    with pikepdf.open(made) as pdf:
        meta = pdf.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "B")
        assert pdf.Root.Lang == "vi"
        assert pdf.Root.OutputIntents[0].DestOutputProfile.read_bytes()[36:40] == b"acsp"
        assert len(pdf.trailer.ID) == 2
        assert meta["xmpMM:DocumentID"].startswith("uuid:")


def test_pictures_go_in_as_they_are_and_nothing_is_transparent(made, pages):
    with pikepdf.open(made) as pdf:
        for page, given in zip(pdf.pages, pages, strict=True):
            picture = page.Resources.XObject.Im
            assert picture.read_raw_bytes() == given.jpeg.read_bytes()
            assert "/SMask" not in picture
            assert "/Group" not in page.obj
            assert [float(x) for x in page.MediaBox] == pytest.approx([0, 0, 595.44, 842.04])


def test_the_archival_picture_has_no_text(pages, tmp_path):
    path = tmp_path / "archive.pdf"
    compose(pages, path, MADE_AT, with_text=False)
    with pikepdf.open(path) as pdf:
        assert all("/Font" not in page.Resources for page in pdf.pages)
        assert all(b"BT" not in page.Contents.read_bytes() for page in pdf.pages)


def test_words_are_found_where_they_stand_and_are_not_seen(pages, tmp_path):
    path = tmp_path / "made.pdf"
    compose(pages, path, MADE_AT, with_text=True)
    document = pypdfium2.PdfDocument(path)
    text = document[0].get_textpage()
    assert text.get_text_bounded().split() == ["Nguyễn", "Thị", "Mẫu…"]
    left, bottom, _, _ = text.get_charbox(0, loose=True)
    assert left / 595.44 == pytest.approx(0.10, abs=0.01)
    assert 1 - bottom / 842.04 == pytest.approx(0.13, abs=0.01)
    assert document[0].render(scale=1).to_numpy().min() == 255


def test_other_readers_find_the_words_too(pages, tmp_path):
    path = tmp_path / "made.pdf"
    compose(pages, path, MADE_AT, with_text=True)
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True)
    assert done.stdout.decode().split()[:3] == ["Nguyễn", "Thị", "Mẫu…"]
    subprocess.run(["qpdf", "--check", path], capture_output=True, check=True)


@pytest.mark.parametrize(
    ("name", "passes"), [("verapdf_2b_pass_612.pdf", True), ("verapdf_2b_fail_612a.pdf", False)]
)
def test_our_pdf_a_check_is_a_real_one(name, passes, samples):
    pdfa = pytest.importorskip("pikepdf.pdfa", exc_type=ImportError)
    with pikepdf.open(samples / "digitise" / name) as pdf:
        assert (pdfa.check(pdf, "2b").findings == []) is passes


def test_a_page_without_words_is_still_a_page(pages, tmp_path):
    path = tmp_path / "made.pdf"
    bare = [PdfPage(p.jpeg, p.width, p.height, p.is_grey, p.dpi) for p in pages]
    compose(bare, path, MADE_AT, with_text=True)
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) == 2
    assert Path(path).stat().st_size < 150_000
