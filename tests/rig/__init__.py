"""The rig: real servers, browsers and clocks for the tests."""

import pytest

on_both_databases = pytest.mark.parametrize(
    "database_kind", ["sqlite", "postgresql"], indirect=True
)
