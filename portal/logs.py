"""One line of JSON for each request: what, how long, how it ended – never who or with what."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from datetime import UTC, datetime

from flask import Flask, Response, g, request

LONGEST = 8000
MOST_CAUSES = 10
# Signs that JSON lets through and a terminal obeys or a viewer takes for a new line.
UNRULY = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class JsonLines(logging.Formatter):
    """A record as one line that no text inside can break."""

    def format(self, record: logging.LogRecord) -> str:
        """Render the record."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "name": record.name,
            "said": record.getMessage()[:LONGEST],
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["trace"] = trace(record.exc_info[1])[-LONGEST:]
        text = json.dumps(line, ensure_ascii=False, default=str)
        return UNRULY.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def trace(error: BaseException | None) -> str:
    """Where it happened and what kind it was, through all its causes.

    Never its words: what somebody typed is quoted in them ("invalid literal …").
    """
    told: list[str] = []
    while error is not None and len(told) < MOST_CAUSES:
        places = "".join(traceback.format_tb(error.__traceback__))
        told.append(f"{places}{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or error.__context__
    return "\nfrom:\n".join(reversed(told))


def set_up() -> None:
    """Send every log line of this process to stderr as JSON."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # It warns with the very letters of people's papers.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    for noisy in ("fontTools", "PIL", "botocore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def watch(app: Flask) -> None:
    """Log each request by its route, not its address: addresses carry ids."""
    log = logging.getLogger("portal.request")

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        if request.endpoint not in ("static", "health.alive"):
            fields = {
                "request_id": g.get("request_id"),
                "route": request.endpoint,
                "method": request.method,
                "status": response.status_code,
                "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000),
            }
            log.info("request", extra={"fields": fields})
        return response
