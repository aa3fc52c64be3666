"""What the load tool says is true: it presses every kind of page, and no answer is wrong."""

import subprocess
import sys

import pytest

from tests.pressure.people import MIX
from tests.rig.processes import ROOT

pytestmark = pytest.mark.proof


@pytest.mark.parametrize("database", [[], ["--postgresql"]], ids=["sqlite", "postgresql"])
def test_everything_is_pressed_without_an_error(database: list[str]) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "tests.pressure", *database, "--rate", "20", "--dossiers", "10"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    print(said)
    assert said.count(", 0 errors") == 2
    assert all(f"\n{kind} " in said for kind in (*MIX, "whole submission"))
