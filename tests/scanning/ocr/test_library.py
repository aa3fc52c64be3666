"""The reader that stays in the process reads as the command does."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from scanning.errors import ScanError
from scanning.image.encode import read_grey, write_grey
from scanning.ocr.library import LibraryReader, reader_of
from scanning.ocr.tesseract import TesseractReader
from scanning.ocr.text import text_of

pytestmark = pytest.mark.tools


def test_it_gives_the_words_places_and_confidence_of_the_command(drawn):
    kept = reader_of("vie", 60)
    assert isinstance(kept, LibraryReader)
    assert kept.read(drawn, 200) == TesseractReader("vie", 60).read(drawn, 200) != []
    assert kept.engine == TesseractReader("vie", 60).engine


def test_a_page_is_read_alike_whatever_was_read_before(drawn, tmp_path):
    other = tmp_path / "other.tif"
    write_grey(other, cv2.flip(read_grey(drawn), 1))
    reader = reader_of("vie", 60)
    first = reader.read(drawn, 200)
    for _ in range(3):
        reader.read(other, 200)
    assert reader.read(drawn, 200) == first


def test_several_threads_do_not_mix_their_pages(drawn, tmp_path):
    blank = tmp_path / "blank.tif"
    write_grey(blank, np.full((400, 900), 255, np.uint8))
    reader = reader_of("vie", 60)
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda path: text_of(reader.read(path, 200)), [drawn, blank] * 6))
    assert set(texts[1::2]) == {""}
    assert len(set(texts[::2])) == 1


def test_a_page_that_takes_too_long_is_said(drawn):
    with pytest.raises(ScanError) as failure:
        reader_of("vie", 0.001).read(drawn, 200)
    assert failure.value.code == "page_timeout"
    assert reader_of("vie", 60).read(drawn, 200), "the next page is read"


def test_a_language_that_is_missing_fails_plainly(drawn):
    with pytest.raises(ScanError) as failure:
        reader_of("xyz", 60).read(drawn, 200)
    assert failure.value.code == "engine_missing"


def test_a_picture_in_dots_is_left_to_a_process_of_its_own(tmp_path, monkeypatch):
    dots = np.indices((2000, 2000)).sum(axis=0) % 2 * 255
    path = tmp_path / "dots.tif"
    write_grey(path, dots.astype(np.uint8))
    monkeypatch.setenv("PATH", "/nonexistent")  # so that only the command fails
    with pytest.raises(ScanError) as failure:
        reader_of("vie", 60).read(path, 200)
    assert failure.value.code == "engine_missing"
