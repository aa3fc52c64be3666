"""What tests of hostile input share with those of the rooms."""

from tests.portal.conftest import country

__all__ = ["country"]
