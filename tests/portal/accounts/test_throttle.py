"""Guessing is slowed down in the first window and in every one after it."""

import pytest
from flask import Flask

from portal.accounts import throttle
from portal.errors import TooMany
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock


@on_both_databases
def test_each_window_lets_so_many_through_and_no_more(
    app: Flask, turned_clock: TurnedClock
) -> None:
    with app.app_context():
        for _window in range(3):
            for _try in range(2):
                throttle.spend("guess:somebody", most=2, seconds=60)
            for _try in range(2):
                with pytest.raises(TooMany):
                    throttle.spend("guess:somebody", most=2, seconds=60)
            turned_clock.advance(seconds=61)
