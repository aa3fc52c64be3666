"""Ten times the dossiers cost hardly more: pages, lists, search, and the plans behind them.

`script/test -m proof tests/scale -s` measures; a page of each kind, with its plans, in the suite.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random
from statistics import median, quantiles

import pytest

from portal.extensions import db
from tests.scale import hot, plans
from tests.scale.hot import KEYED, LISTS, SEARCH, Page
from tests.scale.sites import Pair, pair

pytestmark = pytest.mark.proof

SIZES = (10_000, 100_000)
TIMES = 300  # pages of each kind, on each side
# How much slower the 95th of a hundred may be with ten times the dossiers.
ALLOWED = {KEYED: 1.3, LISTS: 1.5, SEARCH: 2.0}
MOST_QUESTIONS = 12


@pytest.fixture(scope="module", params=["postgresql", "sqlite"])
def grown(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    with pair(request.param, tmp_path_factory.mktemp(request.param), SIZES) as made:
        yield made


def test_ten_times_the_dossiers_cost_hardly_more(grown: Pair) -> None:
    """Both sides in turn, so that whatever else the machine does slows both down."""
    took = measure(hot.pages(grown.small), hot.pages(grown.large))
    too_slow = []
    for (kind, name), (small, large) in took.items():
        ratio = p95(large) / p95(small)
        row = [1000 * f for f in (median(small), p95(small), median(large), p95(large))]
        print(f"{kind:7} {name:22}" + "".join(f"{f:8.1f}" for f in row) + f" × {ratio:.2f}")
        if not name and ratio > ALLOWED.get(kind, ratio):
            too_slow.append((kind, ratio))
    assert too_slow == []


def measure(
    small: list[Page], large: list[Page]
) -> dict[tuple[str, str], tuple[list[float], list[float]]]:
    """Seconds of each page, by kind and name; under no name, all of the kind together."""
    took: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    rng = Random(7)  # noqa: S311 - repeatable
    for kind, name in dict.fromkeys((page.kind, page.name) for page in large):
        sides = [[page for page in side if page.name == name] for side in (small, large)]
        assert all(sides), name
        of_name = took.setdefault((kind, name), ([], []))
        of_kind = took.setdefault((kind, ""), ([], []))
        for page in (*sides[0], *sides[1]):
            seconds(page)
        for _ in range(TIMES // 6):
            for number, side in enumerate(sides):
                found = seconds(rng.choice(side))
                of_name[number].append(found)
                of_kind[number].append(found)
    return took


def seconds(page: Page) -> float:
    begun = time.perf_counter()
    answer = page.client.get(page.path)
    found = time.perf_counter() - begun
    assert answer.status_code == 200, page.path
    return found


def p95(took: list[float]) -> float:
    return quantiles(took, n=100, method="inclusive")[94]


def test_no_big_table_is_read_from_end_to_end(grown: Pair) -> None:
    """On PostgreSQL, which tells; and no page asks more questions for having more rows."""
    if grown.large.config["SETTINGS"].database_url.startswith("sqlite"):
        pytest.skip("SQLite has no statistics to plan by")
    asked, many = hot.questions(grown.large)
    assert {name: n for name, n in many.items() if n > MOST_QUESTIONS} == {}
    with grown.large.app_context(), db.engine.connect() as connection:
        big = plans.big_tables(connection)
        assert len(big) > 10
        assert [str(scan) for scan in plans.scans(connection, asked, big)] == []
