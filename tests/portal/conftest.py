"""What tests of several rooms share."""

import pytest
from flask import Flask

from tests.factories.country import SUNDAY, Country
from tests.rig.clocks import TurnedClock
from tests.rig.sign_in import SignIn


@pytest.fixture
def country(app: Flask, sign_in: SignIn, turned_clock: TurnedClock) -> Country:
    """The shipped catalogue and the demo offices, on a Sunday before a holiday."""
    turned_clock.set(SUNDAY)
    return Country(app, sign_in)
