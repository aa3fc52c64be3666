"""An office whose figures are counted."""

import pytest
from flask import Flask

from tests.factories.office import Office
from tests.factories.world import make_world


@pytest.fixture
def office(app: Flask) -> Office:
    with app.test_request_context():
        return Office(app, make_world())
