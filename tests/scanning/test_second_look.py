"""What the reader passes over is read again; a page read whole is not."""

import numpy as np
import pytest

from scanning.image.clean import clean
from scanning.image.encode import write_grey
from scanning.image.light import cut_faint, flatten, grey_of
from scanning.ocr.tesseract import TesseractReader
from scanning.ocr.text import text_of
from scanning.second_look import look_again
from tests.drawing.pages import SENTENCES, Sheet
from tests.scanning.scoring import errors_in

pytestmark = pytest.mark.tools


class Reading:
    """Reads with the real reader and counts how often it was asked."""

    def __init__(self, folder):
        self.path, self.asked = folder / "page.tif", 0

    def __call__(self, page):
        self.asked += 1
        write_grey(self.path, page)
        return TesseractReader("vie", 60).read(self.path, 200)


def prepared(sheet):
    return clean(cut_faint(flatten(grey_of(np.asarray(sheet.image)), 200)))


def written():
    sheet = Sheet()
    for sentence in SENTENCES:
        sheet.paragraph(sentence)
    return sheet


def test_a_page_that_was_read_whole_is_not_read_again(tmp_path):
    read = Reading(tmp_path)
    page = prepared(written())
    words = read(page)
    assert look_again(page, words, read) == words
    assert read.asked == 1


def test_a_page_of_which_a_ring_hid_a_part_is_read_again(tmp_path):
    """Black, as a copier gives it."""
    sheet = written()
    whole = Reading(tmp_path)(prepared(sheet))
    x, y, radius = sheet.mm(100), sheet.mm(62), sheet.mm(17)
    sheet.pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline="black", width=9)
    read, page = Reading(tmp_path), prepared(sheet)
    around = [word for word in whole if not 45 < word.box[1] * 297 < 79]
    seen = look_again(page, around, read)
    assert read.asked >= 1
    truth = text_of(whole).splitlines()
    assert errors_in(truth, text_of(around)) > 0.15
    assert errors_in(truth, text_of(seen)) < 0.08


def test_of_two_readings_the_fuller_is_kept(tmp_path):
    sheet = written()
    sheet.row((20.0, 60.0), ("1", "Nguyễn Thị Mẫu"))
    page = prepared(sheet)
    words = Reading(tmp_path)(page)
    few = words[: len(words) // 2]
    assert look_again(page, few, lambda _: words) == words
    assert look_again(page, few, lambda _: words[:3]) == few


def test_an_empty_page_is_none_to_be_read_again(tmp_path):
    read = Reading(tmp_path)
    page = np.full((2339, 1654), 255, np.uint8)
    assert look_again(page, [], read) == []
    assert read.asked == 0
