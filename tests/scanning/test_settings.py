"""Limits from the environment."""

import pytest

from scanning.settings import (
    MEGABYTE,
    ScanSettings,
    SettingsError,
    check_languages,
    child_environment,
)


def test_defaults_are_those_of_the_handbook():
    settings = ScanSettings.from_environment({})
    assert settings.languages == "vie"
    assert settings.limits.upload_bytes == 20 * MEGABYTE
    assert settings.limits.image_pixels == 150_000_000


def test_the_environment_sets_languages_and_limits():
    settings = ScanSettings.from_environment(
        {"OCR_LANGUAGES": "vie+eng", "MAX_UPLOAD_MB": "5", "MAX_IMAGE_MEGAPIXELS": "40"}
    )
    assert settings.languages == "vie+eng"
    assert settings.limits.upload_bytes == 5 * MEGABYTE
    assert settings.limits.image_megapixels == 40


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "²"])
def test_a_wrong_limit_is_refused_with_its_name(value):
    with pytest.raises(SettingsError, match="MAX_UPLOAD_MB"):
        ScanSettings.from_environment({"MAX_UPLOAD_MB": value})


@pytest.mark.parametrize("languages", ["", "-l vie", "vie;rm", "../vie", "vie+"])
def test_what_could_be_an_option_is_no_language(languages):
    with pytest.raises(SettingsError):
        check_languages(languages)


def test_a_child_learns_no_secret(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    assert "hush" not in child_environment().values()
    assert child_environment()["OMP_THREAD_LIMIT"] == "1"
