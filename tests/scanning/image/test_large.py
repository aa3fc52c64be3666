"""Sheets and photographs as large as honest machines make them are read, in the room they get."""

import io
import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scanning.intake import inspect_bytes
from scanning.settings import MEGABYTE, Limits, child_environment
from tests.rig.processes import ROOT
from tests.scanning import bombs

A3_AT_600 = (7016, 9921)
LIBRARIES = 64 * MEGABYTE  # more than those of the reader take that are not loaded here
LOAD = """
import json, resource, sys
from pathlib import Path
from scanning.image.load import ImageSource

least, most, path = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
resource.setrlimit(resource.RLIMIT_DATA, (least, most))
try:
    shape = ImageSource(path, sys.argv[4]).load(1).pixels.shape
except MemoryError:
    shape = None
held = resource.getrlimit(resource.RLIMIT_DATA)
most = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
print(json.dumps([shape, held, int(most)]))
"""


def sheet(rows: int | None = None) -> bytes:
    """An A3 sheet in colours at 600 dpi, with the grain of paper."""
    grain = np.random.default_rng(7).integers(200, 255, (331, 439, 3), np.uint8)
    width, height = A3_AT_600
    tiles = np.tile(grain, (height // 331 + 1, width // 439 + 1, 1))[:height, :width]
    held = io.BytesIO()
    notes = {} if rows is None else {"tiffinfo": {278: rows}}
    Image.fromarray(tiles).save(
        held, "TIFF", compression="jpeg", quality=30, dpi=(600,) * 2, **notes
    )
    return held.getvalue()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "a3.tiff"
    path.write_bytes(sheet())
    return path


def load(path: Path, kind: str, least: int, most: int) -> tuple[list[int] | None, list[int], int]:
    words = [sys.executable, "-c", LOAD, str(least), str(most), str(path), kind]
    told = subprocess.run(
        words, cwd=ROOT, env=child_environment(), check=True, capture_output=True, text=True
    )
    shape, held, kilobytes = json.loads(told.stdout)
    return shape, held, kilobytes * 1024


def photograph() -> bytes:
    """A HEIC of 50 megapixels that weighs what such a one does."""
    padding = struct.pack(">I4s", MEGABYTE, b"free") + bytes(MEGABYTE - 8)
    return bombs.HEIC.with_name("large.heic").read_bytes() + padding


HONEST = {
    "50 megapixels, HEIC": ("anh.heic", photograph),
    "49 megapixels in passes": ("anh.jpg", lambda: bombs.passing_jpeg(7_000) + bytes(MEGABYTE)),
}


@pytest.mark.parametrize(("name", "make"), HONEST.values(), ids=HONEST)
def test_what_is_large_and_has_a_grain_comes_in(name, make):
    assert inspect_bytes(make(), name, Limits()).verdict == "accepted"


def test_a_sheet_of_a3_in_colours_at_600_dpi_is_unpacked_in_the_room_for_large_pictures(large):
    assert inspect_bytes(large.read_bytes(), "don.tiff", Limits()).verdict == "accepted"
    limits = Limits()
    least, most = limits.data_bytes, limits.data_bytes + limits.unpack_bytes
    shape, held, resident = load(large, "tiff", least, most)
    assert shape == [4961, 3508, 3]
    assert held == [least, most]  # what follows has no more than any other page
    assert resident < 700 * MEGABYTE
    assert load(large, "tiff", least, least)[0] is None


def test_a_photograph_of_50_megapixels_is_unpacked_in_it_too(tmp_path):
    path, limits = tmp_path / "anh.heic", Limits()
    path.write_bytes(photograph())
    most = limits.data_bytes + limits.unpack_bytes
    shape, _held, resident = load(path, "heic", limits.data_bytes, most)
    assert shape is not None
    assert shape[:2] == [3060, 4080]
    assert resident < 700 * MEGABYTE


def test_whatever_comes_in_fits_into_the_room(tmp_path):
    """As large as may be, flat, and stuffed until it looks as if it had a grain."""
    path, limits = tmp_path / "don.png", Limits()
    path.write_bytes(bombs.flat_png(9_480, 2, 3) + bytes(400_000))
    assert inspect_bytes(path.read_bytes(), "don.png", limits).verdict == "accepted"
    least = limits.data_bytes - LIBRARIES
    shape, _held, resident = load(path, "png", least, least + limits.unpack_bytes)
    assert shape == [4740, 4740, 3]
    assert resident < 700 * MEGABYTE


@pytest.mark.parametrize("is_lossless", [True, False])
def test_a_webp_too_vast_for_its_decoder_is_not_called_damaged(is_lossless):
    held = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(held, "WEBP", lossless=is_lossless)
    data = bytearray(held.getvalue())
    if is_lossless:
        data[21:25] = (9_999 | 9_999 << 14).to_bytes(4, "little")
    else:
        data[26:30] = struct.pack("<HH", 10_000, 10_000)
    assert inspect_bytes(bytes(data), "anh.webp", Limits()).reason == "too_large"
    assert inspect_bytes(bytes(data[:20]) + b"xx", "anh.webp", Limits()).reason == "damaged"


def test_a_sheet_in_one_strip_counts_twice():
    assert inspect_bytes(sheet(A3_AT_600[1]), "don.tiff", Limits()).reason == "too_large"
