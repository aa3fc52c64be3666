"""One job in, one result out."""

import json

import pytest
from PIL import Image

from scanning.errors import ObjectDamaged, ScanError
from scanning.settings import MEGABYTE, Limits
from scanning.worker import run
from tests.drawing.pages import draw_page, to_bytes


def test_a_drawn_word_is_found_in_the_text_and_everything_is_stored(scanner, words_found):
    page = draw_page(1)
    result = scanner.scan(page.data)
    assert (result.verdict, result.reason, result.job_id, result.lease) == (
        "accepted",
        None,
        "job-1",
        "lease-1",
    )
    assert words_found(page.text, result.pages[0].text) > 0.95
    assert scanner.read(result.archive).startswith(b"%PDF-1.7")
    assert scanner.read(result.searchable).startswith(b"%PDF-1.7")
    assert scanner.read(result.pages[0].image)[8:12] == b"WEBP"
    words = json.loads(scanner.read(result.pages[0].words))
    assert {"ĐỀ", "NGHỊ"} <= {word["text"] for word in words["words"]}


def test_a_page_is_reported_when_seen_and_again_when_read_with_its_pictures_stored(scanner):
    scanner.scan(draw_page(2).data)
    opened, seen, read = scanner.seen
    assert (opened.done, opened.total, opened.page) == (0, 1, None)
    assert (seen.done, seen.page.text, seen.page.words) == (0, None, None)
    assert scanner.read(seen.page.image)
    assert scanner.read(seen.page.thumb)
    assert read.done == 1
    assert read.page.text
    assert read.page.image == seen.page.image


def test_no_key_tells_anything_of_the_file(scanner):
    result = scanner.scan(draw_page(3).data, "Nguyễn Thị Mẫu.jpg")
    keys = list(scanner.store.keys())
    assert len(keys) == 6  # source, image, thumb, words, archive, searchable
    assert all(set(key) <= set("0123456789abcdef/") for key in keys)
    assert result.archive.key in keys


def test_a_source_whose_bytes_changed_is_not_read(scanner, tmp_path):
    job = scanner.job(draw_page(4).data)
    (tmp_path / "objects" / job.source_key).write_bytes(b"something else")
    with pytest.raises(ObjectDamaged):
        run(job, scanner.url, scanner.seen.append)


def test_a_refused_file_is_a_result_and_leaves_nothing_in_the_store(scanner):
    result = scanner.scan(b"<html>", "don.pdf")
    assert (result.verdict, result.reason, result.pages) == ("refused", "unsupported", ())
    assert len(list(scanner.store.keys())) == 1


def test_time_that_is_up_refuses_and_kills_the_child(scanner):
    result = scanner.scan(draw_page(5).data, limits=Limits(file_seconds=1, seconds_for_each_page=0))
    assert (result.verdict, result.reason) == ("refused", "timeout")


def test_a_picture_that_needs_more_memory_than_allowed_fails_and_does_not_hang(scanner):
    flood = to_bytes(Image.new("RGB", (6000, 6000)), "PNG")
    with pytest.raises(ScanError) as failure:
        scanner.scan(flood, limits=Limits(data_bytes=128 * MEGABYTE))
    assert failure.value.code == "out_of_memory"
    assert not failure.value.try_again


def test_what_the_listener_raises_ends_the_work(scanner):
    class LeaseLostError(Exception):
        pass

    def lose(progress):
        raise LeaseLostError

    with pytest.raises(LeaseLostError):
        run(scanner.job(draw_page(7).data), scanner.url, lose)
