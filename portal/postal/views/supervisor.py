"""The supervisor's page: every office in numbers, and what has stood still too long."""

from __future__ import annotations

from flask import render_template

from portal import clock
from portal.access import the_actor
from portal.postal import oversight


def show() -> str:
    """Counts for each office, late visits, open envelopes, envelopes that do not move."""
    actor = the_actor()
    now, today = clock.now(), clock.today()
    return render_template(
        "postal/supervisor/oversight.html",
        offices=oversight.by_office(actor, today),
        late=oversight.late_pickups(actor, today),
        unsealed=oversight.unsealed(actor, now),
        still=oversight.standing_still(actor, now),
        now=now,
    )
