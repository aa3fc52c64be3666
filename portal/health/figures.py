"""The figures an operator watches: how much waits, how long, what failed and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from portal import outbox
from portal.backups import queries as backups
from portal.jobs import queries as jobs

Rows = Iterable[tuple[tuple[str, ...], float]]


def now(at: datetime, parts: dict[str, str]) -> list[Metric]:
    """Every figure that is read off at `at`; none of them counts finished work.

    Without the database only the parts are told: what cannot be known is left out, never 0.
    """
    ready = [((name,), float(word == "ok")) for name, word in parts.items()]
    figures = [_gauge("portal_part_ready", "1 when a part answers", ("part",), ready)]
    if parts["database"] == "ok":
        job_age, message_age = _age(jobs.waiting_since(at), at), _age(outbox.waiting_since(at), at)
        figures += [
            _gauge("portal_jobs", "Work by state", ("kind", "state"), jobs.unfinished()),
            _gauge("portal_jobs_failed", "Failed for good", ("kind", "reason"), jobs.failures()),
            _gauge("portal_jobs_oldest_seconds", "Longest wait", (), job_age),
            _gauge("portal_messages", "Messages not sent", ("kind", "state"), outbox.unsent()),
            _gauge("portal_messages_oldest_seconds", "Longest wait", (), message_age),
            _gauge("portal_workers", "Workers alive", (), [((), len(jobs.workers(at)))]),
            _gauge("portal_backup_age_seconds", "Since the newest whole copy", (), _backup(at)),
        ]
    return figures


def _gauge(name: str, about: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    family = GaugeMetricFamily(name, about, labels=labels)
    for values, figure in rows:
        family.add_metric(values, figure)
    return family


def _backup(at: datetime) -> Rows:
    """Nothing before the first copy: no figure is the worst one, and an alarm can ask for it."""
    age = backups.age(at)
    return [] if age is None else [((), age.total_seconds())]


def _age(since: datetime | None, at: datetime) -> Rows:
    return [((), (at - since).total_seconds() if since else 0.0)]
