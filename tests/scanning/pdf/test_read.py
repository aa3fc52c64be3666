"""Pages of a PDF, and the text it brings along."""

import numpy as np
import pikepdf
import pytest

from scanning.errors import Refused
from scanning.pdf.read import PdfSource
from tests.drawing.pages import draw_page
from tests.scanning import files

LETTER = "<h1>QUYẾT ĐỊNH</h1><p>Điều 1. Ban hành kèm theo Quyết định này quy chế làm việc.</p>"


def source(tmp_path, data):
    path = tmp_path / "file.pdf"
    path.write_bytes(data)
    return PdfSource(path)


def test_the_pages_own_text_comes_word_by_word_with_its_place(tmp_path):
    words, coverage = source(tmp_path, files.born_digital(LETTER)).words(1)
    assert [word.text for word in words[:4]] == ["QUYẾT", "ĐỊNH", "Điều", "1."]
    assert coverage == 0
    left, top, right, bottom = words[0].box
    assert 0.05 < left < right < 0.5
    assert 0.05 < top < bottom < 0.2
    assert words[0].line < words[2].line


def test_a_page_of_letters_is_drawn_at_two_hundred_dots(tmp_path):
    picture = source(tmp_path, files.born_digital(LETTER)).load(1)
    assert (picture.dpi, picture.dpi_source) == (200, "page_size")
    assert abs(picture.pixels.shape[0] - 2339) <= 2


@pytest.mark.parametrize("dpi", [100, 150, 300])
def test_a_scan_keeps_the_resolution_of_its_picture(tmp_path, dpi):
    opened = source(tmp_path, files.scanned_pdf(draw_page(61, dpi=dpi).data))
    picture = opened.load(1)
    assert abs(picture.dpi - dpi) <= 1
    assert picture.dpi_source == "file"
    assert opened.words(1) == ([], pytest.approx(1.0, abs=0.01))


def test_a_page_is_seen_as_its_file_turns_it(tmp_path):
    picture = source(tmp_path, files.scanned_pdf(draw_page(62).data, turn=90)).load(1)
    assert picture.pixels.shape[1] > picture.pixels.shape[0]


def test_words_of_a_turned_page_lie_on_the_page_as_it_is_seen(tmp_path):
    with pikepdf.open(_written(tmp_path, files.born_digital(LETTER))) as pdf:
        pdf.pages[0].Rotate = 90
        words, _ = source(tmp_path, files.saved(pdf)).words(1)
    left, top, right, _ = words[0].box
    assert left > 0.8  # what was at the top is now at the right
    assert right - left < 0.05
    assert top < 0.2


def _written(tmp_path, data):
    path = tmp_path / "given.pdf"
    path.write_bytes(data)
    return path


def test_an_enormous_sheet_is_drawn_small_enough(tmp_path):
    made = pikepdf.new()
    made.add_blank_page(page_size=(14_000, 14_000))
    picture = source(tmp_path, files.saved(made)).load(1)
    assert picture.pixels.size <= 3 * 20_000_000


def test_drawn_pages_are_eight_bit_colours(tmp_path):
    pixels = source(tmp_path, files.born_digital("<p style='color:#c00'>đỏ</p>")).load(1).pixels
    assert pixels.dtype == np.uint8
    reds = pixels[(pixels[:, :, 1] < 60)]
    assert reds[:, 0].min() > 150  # red, green, blue: in this order


def test_what_is_no_pdf_is_damaged(tmp_path):
    with pytest.raises(Refused, match="damaged"):
        source(tmp_path, b"%PDF-1.7 nothing")
