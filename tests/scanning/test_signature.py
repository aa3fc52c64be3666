"""A signer's name under a seal that was copied grey is read, and asked about."""

import random
from dataclasses import replace

import numpy as np
import pytest

from scanning.image.encode import write_grey
from scanning.image.light import cut_faint, flatten
from scanning.ocr.library import reader_of
from scanning.ocr.lines import page_lines
from scanning.ocr.names import is_common
from scanning.ocr.signers import name_at_the_foot
from scanning.page import Word
from scanning.signature import with_name_at_the_foot
from tests.drawing.pages import FONTS, SENTENCES, Sheet
from tests.drawing.seals import signed, stamped

pytestmark = pytest.mark.tools
NAME = "Nguyễn Thị Phúc"


class Foot:
    """A drawn notice, and how often a part of it was read again."""

    def __init__(self, folder, *, title="THÔNG BÁO", is_sealed=True):
        self.folder, self.asked = folder, 0
        sheet = Sheet(size_mm=(210, 140))
        sheet.line(title, bold=True, centre=True)
        for sentence in SENTENCES[:3]:
            sheet.line(sentence)
        sheet.side_by_side("", "GIÁM ĐỐC", bold=True)
        sheet.gap(16)
        middle = sheet.y
        sheet.side_by_side("", NAME, bold=True)
        image, rng = sheet.image, random.Random(5)  # noqa: S311 - the same stroke each time
        if is_sealed:
            centre = (sheet.mm(128), middle - sheet.mm(3))
            image = stamped(image, centre, sheet.mm(16), FONTS[0][0], rng)
            image = signed(image, centre, sheet.mm(30), rng)
        self.grey = np.asarray(image.convert("L"))
        self.words = self.read(cut_faint(flatten(self.grey, 200)), 200, as_block=False)

    def read(self, pixels, dpi, *, as_block=True):
        path = self.folder / "part.tif"
        write_grey(path, pixels)
        return reader_of("vie", 60).read(path, dpi, as_block=as_block)

    def read_again(self, pixels, dpi):
        self.asked += 1
        return self.read(pixels, dpi)

    def look(self, words=None):
        return with_name_at_the_foot(
            self.words if words is None else words, lambda: self.grey, 200, self.read_again
        )


def name_of(words):
    piece = name_at_the_foot(page_lines(1, words))
    return piece.text if piece else None


def test_a_name_under_a_grey_seal_is_read_and_asked_about(tmp_path):
    foot = Foot(tmp_path)
    assert name_of(foot.words) != NAME, "otherwise this page shows nothing"
    words = foot.look()
    piece = name_at_the_foot(page_lines(1, words))
    assert piece.text == NAME
    assert piece.confidence < 0.85, "a person confirms it"
    left, top, right, bottom = piece.box
    assert 0.5 < left < right < 0.9
    assert 0.4 < top < bottom < 0.9


def test_a_name_that_was_read_costs_nothing(tmp_path):
    foot = Foot(tmp_path, is_sealed=False)
    assert name_of(foot.words) == NAME
    assert foot.look() == foot.words
    assert foot.asked == 0


def test_a_rare_name_that_was_read_surely_stays(tmp_path):
    foot = Foot(tmp_path, is_sealed=False)
    rare = [replace(w, text="Phuk") if w.text == "Phúc" else w for w in foot.words]
    assert foot.look(rare) == rare
    assert foot.asked == 0


@pytest.mark.parametrize(("sureness", "stays"), [(0.95, True), (0.5, False)])
def test_other_words_that_were_read_surely_stay(tmp_path, sureness, stays):
    """The foot in another depth of ink may be read as a name where none is."""
    foot = Foot(tmp_path)
    assert name_of(foot.words) is None, "otherwise nobody looks for a name"
    where = (0.3, 0.3, 0.6, 0.5)  # of the foot
    name = [Word(part, where, 0.9, 0, 0) for part in NAME.split()]

    def look(words):
        return with_name_at_the_foot(words, lambda: foot.grey, 200, lambda *_how: name)

    found = name_at_the_foot(page_lines(1, look(foot.words)))
    there = Word("Thanh toán", found.box, sureness, 900, 900)
    before = [w for w in foot.words if w.confidence > 0] + [there]
    assert (there in look(before)) is stays


def test_what_citizens_sign_is_left_alone(tmp_path):
    foot = Foot(tmp_path, title="ĐƠN ĐỀ NGHỊ")
    assert foot.look() == foot.words
    assert foot.asked == 0


def test_names_are_judged_mark_for_mark():
    assert is_common("Đinh Thị Lan")
    assert not is_common("Định Thị Lan")
    assert not is_common("Bùi Mính Hùng")
