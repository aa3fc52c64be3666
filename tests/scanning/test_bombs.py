"""A file that unfolds without end costs its reader a bounded piece of the machine, and no more."""

from dataclasses import asdict, replace

import pytest

from scanning.errors import Refused, ScanError
from scanning.intake import inspect_bytes
from scanning.limited import LimitedChild
from scanning.settings import Limits
from tests.scanning import bombs

REFUSED = {
    "picture out of sight": ("don.pdf", lambda: bombs.hidden_picture(side=13_000)),
    "149 megapixels, PNG": ("don.png", lambda: bombs.flat_png(12_200, 2, 3)),
    "vast WebP": ("don.webp", bombs.vast_webp),
    "vast BMP": ("don.bmp", bombs.vast_bmp),
    "JPEG in passes": ("don.jpg", bombs.passing_jpeg),
    "85 flat megapixels, PNG": ("don.png", lambda: bombs.flat_png(9_200, 2, 3)),
    "49 flat megapixels in passes": ("don.jpg", lambda: bombs.passing_jpeg(7_000)),
}


@pytest.mark.parametrize(("name", "make"), REFUSED.values(), ids=REFUSED)
def test_what_would_fill_the_memory_is_refused_before_it_is_unpacked(name, make):
    assert inspect_bytes(make(), name, Limits()).verdict == "refused"


@pytest.mark.tools
@pytest.mark.parametrize("make", [bombs.stacked_content, bombs.endless_drawing])
def test_a_page_that_grows_while_it_is_drawn_ends_its_reading_for_good(tmp_path, make):
    (tmp_path / "don.pdf").write_bytes(make())
    (tmp_path / "out").mkdir()
    limits = replace(Limits(), data_bytes=160 * 1024 * 1024, draw_seconds=2)
    with LimitedChild(
        memory_bytes=limits.memory_bytes,
        data_bytes=limits.data_bytes,
        unpack_bytes=1 << 31,  # which is for pictures, not for drawings
        cpu_seconds=60,
    ) as child:
        events = child.ask(
            "scan",
            seconds=120,
            path=str(tmp_path / "don.pdf"),
            name="don.pdf",
            folder=str(tmp_path / "out"),
            languages="vie",
            limits=asdict(limits),
        )
        with pytest.raises((Refused, ScanError)) as ended:
            list(events)
    # Neither is tried again, and each has its sentence.
    assert getattr(ended.value, "reason", "") == "timeout" or (
        ended.value.code == "out_of_memory" and not ended.value.try_again
    )
