from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories.world import World, make_world


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.test_request_context():
        yield make_world()
