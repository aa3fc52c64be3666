"""Separator sheets are known with their code and without, and nothing else is taken for one."""

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from scanning.contract import Code
from scanning.image.light import grey_of
from scanning.image.squares import has_squares
from scanning.separators import Target, payload_of
from scanning.sheets import label_of, own_code_of, sheet_of
from tests.drawing.copies import copied
from tests.drawing.pages import Sheet, application, decision, photographed, worn
from tests.drawing.papers import notice, roll
from tests.drawing.stacks import separator

TARGET = Target("000.11.50.H11-210517-5013", "12")
RNG = random.Random(5)  # noqa: S311 - grains and shadows


def grey(image):
    return grey_of(np.asarray(image.convert("L") if image.mode == "1" else image))


def torn(image):
    ImageDraw.Draw(image).rectangle((0, 0, image.width, image.height // 6), fill="white")
    return image


SPOILT = {
    "as printed": lambda image: image,
    "upside down": lambda image: image.rotate(180),
    "lying": lambda image: image.rotate(90, expand=True),
    "leaning": lambda image: image.rotate(-12, fillcolor="white"),
    "grey": lambda image: image.convert("L"),
    "one bit": lambda image: image.convert("1", dither=Image.Dither.NONE),
    "worn": lambda image: worn(image, RNG),
    "copied, leaning": lambda image: copied(image.rotate(5, fillcolor="white"), RNG),
    "photographed": lambda image: photographed(image, RNG),
    "upper edge torn off": torn,
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_separator_is_found_and_read(spoil):
    sheet = sheet_of(grey(spoil(separator(TARGET, dpi=100))))
    assert sheet is not None
    assert sheet.target == TARGET


@pytest.mark.parametrize("dpi", [75, 200, 300])
def test_a_separator_is_found_at_every_resolution(dpi):
    sheet = sheet_of(grey(separator(TARGET, dpi=dpi)))
    assert sheet is not None
    assert sheet.target == TARGET


def test_the_code_says_which_way_the_sheet_lies():
    turned = [sheet_of(grey(separator(dpi=100).rotate(-a, expand=True))) for a in (0, 90, 180)]
    assert [sheet.turned_by % 360 for sheet in turned] == [0, 90, 180]


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_separator_whose_code_is_lost_is_still_one(spoil):
    sheet = sheet_of(grey(spoil(separator(code=False, dpi=75))))
    assert sheet is not None
    assert sheet.target is None


@pytest.mark.parametrize("paper", [application, decision, notice, roll])
def test_papers_are_no_separators(paper):
    sheet = Sheet(dpi=100)
    paper(sheet, RNG)
    assert not has_squares(grey(sheet.image))
    assert not has_squares(grey(copied(sheet.image, RNG)))


def test_a_separator_s_code_on_another_page_is_a_label():
    codes = (Code("QRCode", "https://a.test"), Code("QRCode", payload_of(TARGET)))
    assert label_of(codes) == TARGET
    assert sheet_of(grey(separator(TARGET, squares=False, dpi=100))) is None
    assert label_of(codes[:1]) is None


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("https://motcua.test/tra-cuu?ma=000.11.50.H11-210517-5013", True),
        ("http://127.0.0.1:8000/xac-thuc?ma=ABC", True),
        ("https://motcua.test/tra-cuu", False),
        ("https://motcua.test/khac?ma=1", False),
        ("http://[", False),
        ("082185012345|310123456|Nguyễn Thị Mẫu", False),
    ],
)
def test_codes_of_our_own_papers_are_told_from_others(text, is_ours):
    assert (own_code_of((Code("QRCode", text),)) == text) is is_ours
