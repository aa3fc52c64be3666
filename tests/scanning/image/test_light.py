"""Even light, and what is painted out."""

import numpy as np

from scanning.image.clean import clean
from scanning.image.light import cut_faint, flatten, grey_of
from tests.drawing.pages import Sheet, draw_page


def prepared(sheet):
    return cut_faint(flatten(grey_of(np.asarray(sheet.image)), 200))


def test_a_red_seal_vanishes_and_black_print_stays():
    sheet = Sheet()
    sheet.seal(100, 100)
    assert prepared(sheet).min() > 240
    sheet.line("CHỦ TỊCH")
    assert prepared(sheet).min() < 30


def test_a_shadow_over_the_paper_becomes_white():
    page = np.asarray(draw_page(31, look="phone").image)
    even = cut_faint(flatten(grey_of(page), 200))
    middle = even[200:-200, 200:-200]
    assert np.median(middle[:, :200]) == np.median(middle[:, -200:]) == 255


def test_leaders_are_painted_out_and_letters_are_not():
    plain, dotted = Sheet(), Sheet()
    plain.line("Họ và tên: Nguyễn Thị Mẫu. Ngày sinh: 1.2.1990")
    dotted.line("Họ và tên: Nguyễn Thị Mẫu. Ngày sinh: 1.2.1990")
    x = dotted.image.width // 2
    for number in range(40):
        left, top = x + number * 9, dotted.y + 60
        dotted.pen.ellipse((left, top, left + 3, top + 3), fill="black")
    assert (clean(prepared(dotted)) == prepared(plain)).all()


def test_black_borders_and_punched_holes_are_painted_out():
    sheet = Sheet()
    sheet.pen.rectangle((0, 0, 30, sheet.image.height), fill="black")
    sheet.pen.ellipse((100, 500, 147, 547), fill="black")
    page = grey_of(np.asarray(sheet.image))
    assert clean(page).min() == 255


def test_a_long_rule_and_a_frame_stay():
    sheet = Sheet()
    sheet.pen.rectangle((200, 200, 900, 600), outline="black", width=3)
    page = grey_of(np.asarray(sheet.image))
    assert (clean(page) == page).all()
