"""What goes wrong is logged by place and kind, never with what somebody had typed."""

import io
import json
import logging

import pytest

from portal.logs import JsonLines
from tests.portal.ground.payloads import PAYLOADS

TYPED = "079185001234 canary"


def logged(error: Exception) -> dict[str, str]:
    """The line of an error that was raised here."""
    log, written = logging.getLogger("tests.log"), io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    try:
        fail(error)
    except Exception:
        log.exception("wrong")
    log.removeHandler(handler)
    found: dict[str, str] = json.loads(written.getvalue())
    return found


def fail(error: Exception) -> None:
    raise error


def test_the_words_of_an_error_are_not_logged_but_its_place_and_causes_are() -> None:
    cause = ValueError(TYPED)
    error = RuntimeError(TYPED)
    error.__cause__ = cause
    error.add_note(TYPED)
    trace = logged(error)["trace"]
    assert "079185001234" not in trace
    assert trace.index("ValueError") < trace.index("RuntimeError")
    assert "in fail" in trace


FORGED = '\r\n{"at": "2026-01-01", "level": "INFO", "said": "q7x"}\n\x1b[2J\x9b1m\x85\u2028\u202e'


@pytest.mark.parametrize("words", [FORGED, *PAYLOADS, '", "level": "q7x', "q7x" * 400_000])
def test_whatever_is_logged_is_one_line_that_says_so(words: str) -> None:
    """By us, by a library that quotes what came, and in the name of a kind of error."""
    fault = type(words[:2000].replace("\0", ""), (Exception,), {})
    for line in (written("got %s", words), written(words), written("wrong", error=fault())):
        assert len(line.splitlines()) == 1
        assert all(sign.isprintable() for sign in line.rstrip("\n"))
        assert json.loads(line)["level"] == "ERROR"
        assert len(line) < 30_000


def written(said: str, *words: str, error: Exception | None = None) -> str:
    """What stands in the log after this was logged."""
    log, found = logging.getLogger("tests.log"), io.StringIO()
    handler = logging.StreamHandler(found)
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.error(said, *words, exc_info=error)
    log.removeHandler(handler)
    return found.getvalue()
