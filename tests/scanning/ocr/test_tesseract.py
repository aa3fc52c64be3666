"""The real reader."""

import pytest

from scanning.errors import ScanError
from scanning.ocr.tesseract import TesseractReader, installed_languages, parse_table
from scanning.ocr.text import confidence_of, text_of

pytestmark = pytest.mark.tools


def test_words_come_with_place_and_confidence(drawn):
    words = TesseractReader("vie", 60).read(drawn, 200)
    assert text_of(words).split() == ["Nguyễn", "Thị", "Mẫu", "Số:", "1234/QĐ-UBND"]
    left, top, right, bottom = words[0].box
    assert 0.1 < left < right < 0.5
    assert 0.4 < top < bottom < 0.8
    assert confidence_of(words) > 0.8
    assert words[0].line != words[3].line


def test_the_engine_says_what_it_is():
    engine = TesseractReader("vie", 60).engine
    assert engine.name == "tesseract"
    assert engine.version[0].isdigit()
    assert "vie" in installed_languages()


def test_a_page_that_takes_too_long_is_said(drawn):
    with pytest.raises(ScanError) as failure:
        TesseractReader("vie", 0.001).read(drawn, 200)
    assert failure.value.code == "page_timeout"


def test_a_language_that_is_missing_fails_plainly(drawn):
    with pytest.raises(ScanError) as failure:
        TesseractReader("xyz", 60).read(drawn, 200)
    assert failure.value.code == "engine_failed"


def test_a_missing_program_is_named(drawn, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ScanError) as failure:
        TesseractReader("vie", 60).read(drawn, 200)
    assert (failure.value.code, failure.value.try_again) == ("engine_missing", True)


def test_text_is_composed_and_rows_without_words_are_left_out():
    table = (
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
        "1\t1\t0\t0\t0\t0\t0\t0\t100\t200\t-1\t\n"
        "5\t1\t1\t1\t1\t1\t10\t20\t30\t40\t95.5\tHo\u0323c\n"
        "5\t1\t1\t1\t1\t2\t50\t20\t30\t40\t95\t \n"
    )
    (word,) = parse_table(table)
    assert word.text == "Học"
    assert word.box == (0.1, 0.1, 0.4, 0.3)
    assert word.confidence == 0.955
