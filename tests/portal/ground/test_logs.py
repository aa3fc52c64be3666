"""What goes wrong is logged by place and kind, never with what somebody had typed."""

import io
import json
import logging

from portal.logs import JsonLines

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
