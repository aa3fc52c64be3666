"""The supervisor's pages: every office in numbers, what stood still too long, and the stations."""

from __future__ import annotations

from flask import make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock, htmx
from portal.access import the_actor
from portal.db import transaction
from portal.errors import Invalid
from portal.idempotency import keep
from portal.postal import oversight, stations
from portal.postal.forms import StationForm


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


def stations_page() -> str:
    """The computers with scanners at his counters, and the form for one more."""
    return _stations(_form(typed=False))


def invite() -> ResponseReturnValue:
    """A code for one more computer; it stands on this one answer and nowhere else."""
    actor = the_actor()
    form = _form(typed=True)
    if not form.validate():
        return _stations(form), 422
    try:
        with transaction():
            office = {one.public_id: one for one in stations.offices(actor)}[form.office.data]
            name = form.name.data or ""
            station, code = stations.invite(office, name, by=actor, at=clock.now())
            page = _stations(_form(typed=False), station=station, code=code)
            return keep(make_response(page))
    except Invalid as problem:
        form.refuse(problem.field, str(problem.sentence))
        return _stations(form), 422


def revoke(public_id: str) -> ResponseReturnValue:
    """The computer opens nothing from its next request on."""
    actor = the_actor()
    with transaction():
        station = stations.get(public_id, for_=actor)
        stations.revoke(station, by=actor, at=clock.now())
        return keep(htmx.go(url_for("post.stations")))


def _form(*, typed: bool) -> StationForm:
    form = StationForm() if typed else StationForm(formdata=None)
    form.office.choices = [(one.public_id, one.name) for one in stations.offices(the_actor())]
    return form


def _stations(form: StationForm, **more: object) -> str:
    now = clock.now()
    rows = stations.under(the_actor())
    return render_template(
        "postal/supervisor/stations.html",
        form=form,
        rows=[row for row in rows if row.revoked_at is None],
        revoked=[row for row in rows if row.revoked_at is not None],
        silent={row.id for row in rows if stations.is_silent(row, now)},
        lasts=int(stations.CODE_LASTS.total_seconds() // 60),
        now=now,
        **more,
    )
