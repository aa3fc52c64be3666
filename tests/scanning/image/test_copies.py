"""What black and white copies need: grains, rules and rings go, letters stay."""

import numpy as np
from PIL import Image

from scanning.image.clean import clean
from scanning.image.grains import without_grains
from scanning.image.light import cut_faint, flatten, grey_of
from scanning.image.rules import without_rules
from scanning.image.seals import without_rings
from scanning.image.soften import is_hard, soften
from tests.drawing.mixed import mixed_page
from tests.drawing.pages import SENTENCES, Sheet


def written():
    sheet = Sheet()
    for sentence in SENTENCES * 2:
        sheet.paragraph(f"- {sentence.replace(',', ':')}")
    return sheet


def prepared(image):
    return clean(cut_faint(flatten(grey_of(np.asarray(image)), 200)))


def test_grains_go_and_no_stop_tone_or_dash_with_them():
    page = prepared(written().image)
    dirty = page.copy()
    for y in range(1600, 2300, 40):
        for x in range(50, 1600, 90):
            dirty[y : y + 3, x : x + 3] = 0
    assert (without_grains(dirty) == page).all()


def test_a_page_with_a_few_strays_is_left_alone():
    page = prepared(written().image)
    page[2000:2003, 800:803] = 0
    assert without_grains(page) is page


def test_rules_go_and_what_crosses_them_stays():
    sheet, bare = Sheet(), Sheet()
    for _ in range(5):
        bare.y = sheet.y + sheet.mm(1.6)
        bare.line("          Nguyễn Thị Mẫu")
        sheet.row((20.0, 40.0), ("", ""))
    stroke = sheet.mm(100)
    for one in (sheet, bare):
        one.pen.rectangle((stroke, sheet.mm(22), stroke + 3, sheet.y - 20), fill="black")
    both = np.minimum(np.asarray(sheet.image), np.asarray(bare.image))
    ruled, plain = prepared(Image.fromarray(both)), prepared(bare.image)
    cleaned = without_rules(ruled)
    rules = (ruled < 128) & (plain > 200)
    assert rules.sum() > 5000
    assert (cleaned[rules] < 128).mean() < 0.1
    words = plain < 128
    words[:, stroke - 2 : stroke + 6] = False
    assert (cleaned[words] < 128).mean() > 0.95


def test_a_ring_goes_and_words_without_one_are_untouched():
    sheet = written()
    plain = prepared(sheet.image)
    assert (without_rings(plain) == plain).all()
    # Black, as a copier gives it; in colours it would be gone before.
    x, y, radius = sheet.mm(120), sheet.mm(200), sheet.mm(17)
    sheet.pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline="black", width=7)
    ringed = prepared(sheet.image)
    assert (ringed[y - radius - 9 : y + radius + 9] < 128).sum() > 3000
    assert (without_rings(ringed)[y - radius - 9 : y + radius + 9] < 128).sum() < 300


def test_only_pages_of_black_and_white_are_softened():
    sheet = written()
    copy = np.asarray(mixed_page(3, "copied").image.convert("L"))
    assert is_hard(copy)
    assert not is_hard(grey_of(np.asarray(sheet.image.resize((827, 1170)))))
    assert ((soften(copy) > 40) & (soften(copy) < 215)).any()
