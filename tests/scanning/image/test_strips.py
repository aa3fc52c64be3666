"""A picture taken strip by strip is the picture taken whole."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from scanning.image import strips
from scanning.image.load import ImageSource
from tests.drawing.pages import draw_page

PAGE = draw_page(2, dpi=75).image.convert("RGB")


@pytest.mark.parametrize("by", [1, 3])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
def test_no_seam_shows_between_strips(monkeypatch, mode, by):
    image = PAGE.convert("L") if mode == "I;16" else PAGE.convert(mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    whole = strips.pixels_of(image, by)
    monkeypatch.setattr(strips, "_STRIP_PIXELS", 5_000)
    assert np.array_equal(strips.pixels_of(image, by), whole)
    assert whole.shape[:2] == (-(-image.height // by), -(-image.width // by))


@pytest.mark.parametrize("note", range(1, 9))
def test_a_photo_is_turned_in_each_of_the_eight_ways(tmp_path, note):
    exif = Image.Exif()
    exif[0x0112] = note
    path = tmp_path / "photo.png"
    PAGE.save(path, exif=exif)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    assert np.array_equal(ImageSource(path, "png").load(1).pixels, expected)
