"""Separators and blank sides by the hundred: what docs/proofs.md says of them."""

import random
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from scanning.image.blank import Trace, shows_through, trace_of
from scanning.image.light import grey_of
from scanning.separators import Target
from scanning.sheets import sheet_of
from tests.drawing.copies import copied
from tests.drawing.mixed import LOOKS, mixed_page
from tests.drawing.pages import Sheet, draw_page, worn
from tests.drawing.stacks import blank, seen_through, separator

pytestmark = pytest.mark.proof

COUNT = 60


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L") if image.mode == "1" else image)


def fed(image: Image.Image, rng: random.Random) -> Image.Image:
    """As a feeder, a copier or a phone gives it: leaning, turned, spoilt."""
    image = image.rotate(rng.uniform(-10, 10), Image.Resampling.BICUBIC, fillcolor="white")
    image = LOOKS[rng.choice(sorted(LOOKS))](image, rng)
    return image.rotate(rng.choice((0, 90, 180, 270)), expand=True)


@pytest.mark.parametrize("code", [True, False], ids=["with code", "without"])
def test_separators_are_found_however_they_were_fed(code: bool) -> None:
    found: Counter[str] = Counter()
    for seed in range(COUNT):
        rng = random.Random(seed)  # noqa: S311 - the same sheets for the same seed
        target = Target("000.11.50.H11-210517-5013", str(rng.randint(1, 20)))
        image = separator(target, dpi=rng.choice((75, 100, 150)), code=code)
        sheet = sheet_of(grey_of(pixels(fed(image, rng))))
        read = sheet is not None and sheet.target == target
        found["read" if read else "for a person" if sheet else "missed"] += 1
    print(f"separators {'with' if code else 'without'} code: {dict(found)}")
    assert found["missed"] <= 0.01 * COUNT
    assert not code or found["read"] >= 0.98 * COUNT


def test_no_page_of_a_paper_is_taken_for_a_separator() -> None:
    looks = sorted(LOOKS)
    taken = [
        seed
        for seed in range(COUNT)
        if sheet_of(grey_of(pixels(mixed_page(seed, looks[seed % 4]).image)))
    ]
    assert taken == []


def empty(rng: random.Random) -> Image.Image:
    return rng.choice((lambda image, _: image, worn, copied))(blank(), rng)


def nearly_empty(rng: random.Random) -> Image.Image:
    """One small thing on a sheet: a number, a seal, a stroke of the pen."""
    sheet = Sheet(dpi=150, font=rng.randrange(3))
    x, y = rng.randint(25, 170), rng.randint(25, 280)
    kind = rng.randrange(3)
    if kind == 0:
        text = str(rng.randint(2, 99))
        place = (sheet.mm(x), sheet.mm(y))
        sheet.pen.text(place, text, fill=(20, 20, 30), font=sheet.letters(rng.randint(10, 14)))
    elif kind == 1:
        sheet.seal(x, y, rng.randint(8, 18))
    else:
        steps = [(sheet.mm(x) + 5 * i, sheet.mm(y) + rng.randint(-25, 25)) for i in range(25)]
        sheet.pen.line(steps, fill=rng.choice(((30, 40, 140), (20, 20, 20))), width=2)
    return rng.choice((lambda image, _: image, worn))(sheet.image, rng)


@pytest.mark.parametrize(("draw", "is_empty"), [(empty, True), (nearly_empty, False)])
def test_blank_sides_are_told_from_nearly_blank_ones(
    draw: Callable[[random.Random], Image.Image], is_empty: bool
) -> None:
    wrong = [
        seed
        for seed in range(COUNT)
        # The same sheets for the same seed.
        if trace_of(pixels(draw(random.Random(seed))), 150).is_empty is not is_empty  # noqa: S311
    ]
    print(f"{draw.__name__}: {len(wrong)} of {COUNT} wrong {wrong}")
    assert len(wrong) <= 0.02 * COUNT


def test_what_shines_through_is_told_from_faint_words() -> None:
    """Each front against its own back, and against the back of the next sheet."""
    papers = ("application", "decision")
    fronts = [draw_page(seed, paper=papers[seed % 2], dpi=150).image for seed in range(24)]
    traces = [trace_of(pixels(front), 150) for front in fronts]
    wrong: Counter[str] = Counter()
    for place, front in enumerate(fronts):
        back: Trace = trace_of(pixels(seen_through(front, 0.3 + place % 5 * 0.05)), 150)
        other = traces[(place + 7) % len(traces)]
        wrong["kept"] += not (back.is_empty or shows_through(back, traces[place]))
        wrong["dropped"] += back.is_empty or shows_through(back, other)
    print(f"shining through: {dict(wrong)} of {len(fronts)}")
    assert wrong["kept"] <= 1
    assert wrong["dropped"] <= 1
