"""What is counted while the portal runs, for whoever watches over it; no label says who or what.

Several processes count together when PROMETHEUS_MULTIPROC_DIR names a folder they share
(deploy/gunicorn.conf.py and script/server see to it); without it each counts for itself.
"""

from __future__ import annotations

import os
import time
from typing import Any

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
# Verbs nobody has heard of would make a new line each; those there are have a name.
METHODS = frozenset({"GET", "HEAD", "POST"})

REQUESTS = Counter("portal_requests", "Answers given", ["route", "method", "status"])
LATENCY = Histogram("portal_request_seconds", "Time to the answer", ["route"], buckets=SECONDS)
JOBS_RUN = Counter("portal_jobs_run", "Work ended, by how it ended", ["kind", "outcome"])
OBJECT_ERRORS = Counter("portal_object_errors", "Objects not stored or read", ["kind"])
DATABASE_ERRORS = Counter("portal_database_errors", "Statements refused or lost", ["kind"])


def watch(app: Flask) -> None:
    """Count each answer by its route; addresses carry ids and stay out."""

    @app.before_request
    def start() -> None:
        g.counted_from = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        route = request.endpoint or "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, response.status_code).inc()
        if "counted_from" in g:
            LATENCY.labels(route).observe(time.perf_counter() - g.counted_from)
        return response


@event.listens_for(Engine, "handle_error")
def _count_database_error(context: ExceptionContext) -> None:
    DATABASE_ERRORS.labels(type(context.original_exception).__name__).inc()


class Now(Collector):
    """Figures that are read off at the moment somebody asks, such as the length of a queue."""

    def __init__(self, figures: list[Metric]) -> None:
        self.figures = figures

    def collect(self) -> list[Metric]:
        """The figures, as they were read."""
        return self.figures


def exposition(figures: list[Metric]) -> bytes:
    """Everything counted by all processes, and `figures`, in Prometheus' text format."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # noqa: TID251 - the library's own switch
        MultiProcessCollector(registry)
    else:
        registry.register(_Whole())
    registry.register(Now(figures))
    return generate_latest(registry)


class _Whole(Collector):
    """What this process alone has counted."""

    def collect(self) -> Any:
        """Our own counters; the library's figures about the process tell its version."""
        for counted in (REQUESTS, LATENCY, JOBS_RUN, OBJECT_ERRORS, DATABASE_ERRORS):
            yield from counted.collect()
