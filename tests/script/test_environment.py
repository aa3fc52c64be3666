"""What script/server says about the demo is what the demo holds."""

import importlib.util
from pathlib import Path

from portal.demo import cast

SCRIPT = Path(__file__).resolve().parents[2] / "script" / "environment.py"


def test_greeting_names_the_accounts_of_the_demo() -> None:
    found = importlib.util.spec_from_file_location("environment", SCRIPT)
    assert found
    assert found.loader
    environment = importlib.util.module_from_spec(found)
    found.loader.exec_module(environment)
    greeting = environment.greeting("http://127.0.0.1:8000", demo=True)
    assert cast.PASSWORD in greeting
    assert len(environment.DEMO_ACCOUNTS) == len(cast.ACCOUNTS)
    for name, _person, _role, _place in cast.ACCOUNTS:
        assert f"{name}@demo.test" in greeting
