"""Names of objects, and how a store is opened."""

import pytest

from scanning.settings import SettingsError
from scanning.store import new_key, open_store
from scanning.store.base import check_key
from scanning.store.local import LocalStore
from scanning.store.s3 import S3Store


def test_keys_are_random_and_fan_out():
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(check_key(key) == key and key.count("/") == 2 for key in keys)


def test_a_url_opens_its_store(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")
    assert isinstance(open_store(f"file://{tmp_path}/kho%20m%E1%BB%9Bi"), LocalStore)
    opened = open_store("s3://giay-to/ho-so?endpoint_url=http://localhost:1&region=vn")
    assert isinstance(opened, S3Store)
    assert (opened.bucket, opened.prefix) == ("giay-to", "ho-so/")


@pytest.mark.parametrize("url", ["", "file://", "file://host/x", "s3:///x", "http://x/y", "/var/x"])
def test_a_wrong_url_is_refused_in_one_sentence(url):
    with pytest.raises(SettingsError, match="OBJECT_STORE_URL"):
        open_store(url)
