"""What is stuck in the back and why, and a fresh start for it."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock, htmx, outbox
from portal.access import the_actor
from portal.audit.services import record
from portal.db import transaction
from portal.idempotency import keep
from portal.jobs import messages, queries, services
from portal.jobs.models import Job
from portal.paging import newest_first


def index() -> ResponseReturnValue:
    """Work that failed or waits too long, and messages that could not be sent."""
    return render_template(
        "jobs/admin/index.html",
        page=newest_first(queries.stuck(clock.now()), Job, dict(request.args)),
        counts=queries.counts(),
        letters=outbox.failed(),
        sentence=messages.sentence,
    )


def try_again(public_id: str) -> ResponseReturnValue:
    """Give one piece of work a fresh start."""
    with transaction():
        job = queries.get_job(public_id, lock=True)
        services.try_again(job, by=the_actor(), at=clock.now())
        return keep(htmx.go(url_for("admin.jobs")))


def send_again(public_id: str) -> ResponseReturnValue:
    """Give one message a fresh start."""
    with transaction():
        message = outbox.try_again(public_id, clock.now())
        record("message:try_again", message, by=the_actor(), reason=message.reason)
        return keep(htmx.go(url_for("admin.jobs")))
