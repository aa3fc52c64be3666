"""How much of drawn pages is read wrong, by look: clean, worn, photographed, copied in black."""

import statistics

import pytest

from scanning.batch import Options, read_all
from scanning.settings import Limits
from tests.drawing.mixed import LOOKS, mixed_page
from tests.scanning.scoring import errors_in

pytestmark = pytest.mark.tools
BAD = 0.2  # a page of which a fifth is wrong is no help to anybody


def errors(folder, seeds, look):
    """The share read wrong of each page."""
    pages = {f"{look}-{seed:03}": mixed_page(seed, look) for seed in seeds}
    paths = []
    for name, page in pages.items():
        paths.append(folder / f"{name}.{'png' if look == 'copied' else 'jpg'}")
        paths[-1].write_bytes(page.data)
    (folder / "out").mkdir()
    read_all(paths, Options(folder / "out", "vie", Limits()))
    texts = {name: (folder / "out" / f"{name}.txt").read_text(encoding="utf-8") for name in pages}
    return [errors_in(page.text.splitlines(), texts[name]) for name, page in pages.items()]


@pytest.mark.parametrize("look", LOOKS)
def test_a_page_of_each_look_is_read(tmp_path, look):
    (wrong,) = errors(tmp_path, [2], look)
    assert wrong < BAD


@pytest.mark.proof
@pytest.mark.parametrize(("look", "most"), [("clean", 0.02), ("worn", 0.03), ("phone", 0.03)])
def test_sixteen_pages_of_each_look_are_read(tmp_path, look, most):
    wrong = errors(tmp_path, range(100, 116), look)
    print(f"{look}: mean {statistics.mean(wrong):.2%}, worst {max(wrong):.2%}")
    assert statistics.mean(wrong) < most


@pytest.mark.proof
def test_copies_in_black_and_white_are_mostly_read(tmp_path):
    """Some of them are so pale that words are gone from the paper."""
    wrong = errors(tmp_path, range(100, 132), "copied")
    print(f"copied: mean {statistics.mean(wrong):.2%}, {sum(one > BAD for one in wrong)} bad")
    assert statistics.median(wrong) < 0.05
