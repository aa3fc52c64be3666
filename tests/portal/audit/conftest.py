"""What tests of the log share."""

import pytest
from flask import Flask

from tests.factories.chained import Log


@pytest.fixture
def chained(app: Flask) -> Log:
    return Log(app)
