from collections.abc import Iterator

import pytest

from tests.station.kit import Counter


@pytest.fixture(scope="session")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """One counter for a run; a test begins with `fresh` sheets."""
    made = Counter.opened(tmp_path_factory.mktemp("counter"))
    yield made
    made.close()
