"""What a clerk should look at."""

import numpy as np
import pytest
from PIL import ImageFilter

from scanning.image.glyphs import components_of, find_glyphs, ink_of
from scanning.image.light import grey_of
from scanning.image.quality import problems_of
from tests.drawing.pages import draw_page

PAGE = draw_page(41).image


def problems(image, dpi=200):
    grey = grey_of(np.asarray(image))
    return problems_of(grey, dpi, find_glyphs(components_of(ink_of(grey, dpi))))


def darker(image):
    return image.point(lambda v: v * 90 // 255)


def lighter(image):
    return image.point(lambda v: 225 + v * 30 // 255)


@pytest.mark.parametrize("look", ["clean", "worn", "phone"])
def test_an_ordinary_page_has_no_problem(look):
    assert problems(draw_page(42, look=look).image) == ()


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        (PAGE.filter(ImageFilter.GaussianBlur(4)), "blurred"),
        (darker(PAGE), "too_dark"),
        (lighter(PAGE), "too_light"),
        (PAGE.crop((260, 0, *PAGE.size)), "cut_off"),
    ],
    ids=["blurred", "too dark", "too light", "cut off"],
)
def test_a_spoilt_page_says_what_is_wrong(image, problem):
    assert problem in problems(image)


def test_few_dots_are_said():
    assert "low_resolution" in problems(PAGE.resize((827, 1169)), dpi=100)
