"""Pages of picture files."""

import io

import numpy as np
import pytest
from PIL import Image

from scanning.errors import Refused
from scanning.image.load import ImageSource
from tests.drawing.pages import draw_page, to_bytes
from tests.scanning import files


def load(tmp_path, data, kind, number=1):
    path = tmp_path / "file"
    path.write_bytes(data)
    return ImageSource(path, kind).load(number)


def saved(image, form, **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("image", "form", "kind"),
    [
        (Image.new("RGBA", (400, 300), (0, 0, 0, 0)), "PNG", "png"),
        (Image.new("LA", (400, 300), (0, 0)), "PNG", "png"),
        (Image.new("CMYK", (400, 300), (0, 0, 0, 0)), "JPEG", "jpeg"),
        (Image.new("1", (400, 300), 1), "TIFF", "tiff"),
        (Image.new("P", (400, 300), 0), "PNG", "png"),
    ],
    ids=["transparent", "transparent grey", "ink colours", "black and white", "palette"],
)
def test_paper_is_white_whatever_the_colour_model(tmp_path, image, form, kind):
    if image.mode == "P":
        image.putpalette([255, 255, 255] + [0] * 765)
    picture = load(tmp_path, saved(image, form), kind)
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.min() >= 250


def test_sixteen_bits_become_eight_without_losing_the_print(tmp_path):
    deep = np.full((300, 400), 60_000, np.uint16)
    deep[100:110] = 2_000
    picture = load(tmp_path, saved(Image.fromarray(deep), "PNG"), "png")
    assert picture.pixels[105, 5] < 20
    assert picture.pixels[5, 5] > 230


def test_a_photo_is_turned_as_its_camera_says(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to see it upright
    picture = load(tmp_path, saved(Image.new("RGB", (900, 600)), "JPEG", exif=exif), "jpeg")
    assert picture.pixels.shape[:2] == (900, 600)


@pytest.mark.parametrize(
    ("size", "dpi", "expected"),
    [
        ((1654, 2339), 200, (200, "file")),
        ((1654, 2339), None, (200, "page_size")),
        ((1654, 2339), 72, (200, "page_size")),  # what an editor writes when it knows nothing
        ((3000, 4000), None, (342, "assumed")),  # a photo: the sheet fills it
    ],
    ids=["file", "page size", "not believed", "assumed"],
)
def test_resolution_is_believed_guessed_or_assumed(tmp_path, size, dpi, expected):
    picture = load(tmp_path, to_bytes(Image.new("L", size, 255), "JPEG", dpi), "jpeg")
    assert picture.dpi_source == expected[1]
    assert abs(picture.dpi - expected[0]) <= 2


@pytest.mark.parametrize(("form", "kind"), [("JPEG", "jpeg"), ("PNG", "png")])
@pytest.mark.parametrize("mode", ["RGB", "L", "1"])
def test_more_than_three_hundred_dots_are_brought_down(tmp_path, form, kind, mode):
    if (form, mode) == ("JPEG", "1"):
        pytest.skip("JPEG has no bits")
    picture = load(tmp_path, to_bytes(Image.new(mode, (4960, 7016)), form, 600), kind)
    assert picture.dpi == 300
    assert picture.pixels.shape[0] == 3508


def test_every_page_of_a_tiff_is_its_own(tmp_path):
    pages = files.tiff(Image.new("L", (300, 400), 10), Image.new("L", (500, 400), 200))
    assert load(tmp_path, pages, "tiff", 1).pixels.mean() == 10
    assert load(tmp_path, pages, "tiff", 2).pixels.shape == (400, 500)


def test_a_page_cut_short_refuses_the_file(tmp_path):
    with pytest.raises(Refused, match="damaged"):
        load(tmp_path, draw_page(1).data[:30_000], "jpeg")
