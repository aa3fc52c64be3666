"""Which sides are empty: not one with a stamp, a signature or a page number on it."""

import random

import numpy as np
import pytest
from PIL import Image

from scanning.image.blank import shows_through, trace_of
from tests.drawing.copies import copied
from tests.drawing.pages import Sheet, draw_page, worn
from tests.drawing.stacks import blank, seen_through

FRONT = draw_page(41, dpi=150).image


def chance(seed):
    return random.Random(seed)  # noqa: S311 - the same grains for the same seed


def trace(image, dpi=150):
    grey = image.convert("L") if image.mode == "1" else image
    return trace_of(np.asarray(grey), dpi)


def with_seal(x_mm=140):
    sheet = Sheet(dpi=150)
    sheet.seal(x_mm, 230)
    return sheet.image


def with_number(text="7", dpi=150):
    sheet = Sheet(dpi=dpi)
    place = (sheet.mm(105), sheet.mm(282))
    sheet.pen.text(place, text, fill=(20, 20, 30), font=sheet.letters(11))
    return sheet.image


def with_stroke(colour):
    sheet = Sheet(dpi=150)
    points = [(700 + 5 * i, 1300 + 30 * np.sin(i / 3)) for i in range(60)]
    sheet.pen.line(points, fill=colour, width=3)
    return sheet.image


def with_holes():
    sheet = Sheet(dpi=150)
    for y in (107, 190):
        box = (sheet.mm(8), sheet.mm(y), sheet.mm(14), sheet.mm(y + 6))
        sheet.pen.ellipse(box, fill=(30, 30, 30))
    return sheet.image


def grainy():
    grain = np.random.default_rng(1).normal(235, 6, (1754, 1240)).clip(0, 255)
    return Image.fromarray(grain.astype(np.uint8))


@pytest.mark.parametrize(
    "image",
    [
        with_seal(),
        with_seal().convert("L"),
        worn(with_seal(), chance(1)),
        with_seal(212),  # pressed half over the edge, to join two sheets
        with_number(),
        with_number().convert("1", dither=Image.Dither.NONE),
        worn(with_number("Trang 12"), chance(2)),
        with_stroke((40, 60, 150)),
        with_stroke((150, 150, 150)),
    ],
    ids=["seal", "grey", "worn", "edge", "number", "1 bit", "worn number", "pen", "pencil"],
)
def test_a_page_with_a_mark_on_it_is_not_empty(image):
    assert not trace(image).is_empty


def test_a_small_page_number_at_100_dpi_is_a_mark():
    assert not trace(with_number(dpi=100), 100).is_empty


@pytest.mark.parametrize(
    "image",
    [blank(), worn(blank(), chance(3)), with_holes(), grainy(), seen_through(FRONT, 0.2)],
    ids=["white", "worn", "holes", "grain", "pale"],
)
def test_an_empty_side_is_empty(image):
    assert trace(image).is_empty


@pytest.mark.parametrize("seed", [1, 3])
def test_a_copied_empty_sheet_is_empty_for_all_its_edges_holes_and_grains(seed):
    assert trace(copied(blank(), chance(seed))).is_empty


@pytest.mark.parametrize("strength", [0.3, 0.5])
def test_what_shows_through_from_the_front_is_nothing(strength):
    back = trace(seen_through(FRONT, strength))
    assert shows_through(back, trace(FRONT))


@pytest.mark.parametrize("shape", [(1, 1), (3, 2000), (60, 60), (200, 90)])
def test_a_cutting_of_any_size_can_be_judged(shape):
    assert trace(Image.new("RGB", shape, "white")).is_empty
    black = trace(Image.new("L", shape, 0))
    assert not shows_through(black, black)


def test_a_line_that_the_edge_has_cut_is_not_the_edge():
    sheet = Sheet(dpi=150)
    sheet.pen.text(
        (200, 1754 - 16), "Nơi nhận: như trên", fill=(20, 20, 30), font=sheet.letters(14)
    )
    assert not trace(sheet.image).is_empty


def test_a_small_cutting_is_not_all_edge():
    cutting = Image.new("L", (200, 90), 255)
    cutting.paste(0, (10, 10, 60, 80))
    assert not trace(cutting).is_empty


def test_faint_words_that_no_front_explains_stay():
    back = trace(seen_through(FRONT, 0.4))
    assert not back.is_empty
    assert not shows_through(back, trace(draw_page(43, paper="decision", dpi=150).image))
    assert not shows_through(back, trace(blank()))
    assert not shows_through(trace(FRONT), trace(FRONT))
