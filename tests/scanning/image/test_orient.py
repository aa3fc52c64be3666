"""Which way is up, and how far the lines lean."""

import numpy as np
import pytest

from scanning.image.deskew import skew_of
from scanning.image.glyphs import components_of, find_glyphs, ink_of
from scanning.image.light import grey_of
from scanning.image.orient import lie_of
from scanning.image.turn import straighten, turn_quarters
from tests.drawing.pages import Sheet, draw_page


def lie(image, dpi=200):
    return lie_of(ink_of(grey_of(np.asarray(image)), dpi))


@pytest.mark.parametrize("look", ["clean", "worn", "phone"])
@pytest.mark.parametrize("paper", ["application", "decision"])
def test_a_page_is_turned_upright_and_that_is_sure(paper, look):
    upright = np.asarray(draw_page(21, paper=paper, look=look, dpi=150).image)
    for turn in (0, 90, 180, 270):
        found = lie(turn_quarters(upright, (360 - turn) % 360), 150)
        assert (found.turn, found.is_sure) == (turn, True)


@pytest.mark.parametrize("skew", [-6.0, -2.5, -0.4, 0.0, 1.2, 4.0])
def test_leaning_lines_are_measured_to_a_tenth_of_a_degree(skew):
    found = lie(draw_page(22, skew=skew, dpi=150).image, 150)
    assert abs(found.skew + skew) <= 0.1
    assert found.turn == 0


def test_a_straightened_page_leans_no_more():
    image = np.asarray(draw_page(23, skew=3).image)
    found = lie(image)
    assert abs(lie(straighten(turn_quarters(image, found.turn), found.skew)).skew) <= 0.1


def test_columns_as_sharp_as_rows_do_not_turn_the_page():
    sheet = Sheet()
    for _ in range(30):
        sheet.line("Cộng hòa xã hội chủ nghĩa Việt Nam")  # the same letters under each other
    assert lie(sheet.image).turn == 0


@pytest.mark.parametrize("text", ["", "Số 5"])
def test_what_has_hardly_a_letter_is_not_sure(text):
    sheet = Sheet()
    sheet.line(text)
    assert not lie(sheet.image).is_sure


def test_too_little_ink_has_no_lean():
    empty = find_glyphs(components_of(np.zeros((500, 400), np.uint8)))
    assert skew_of(empty.letters) == (0.0, 0.0)
