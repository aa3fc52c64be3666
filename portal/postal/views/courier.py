"""The courier's round on a phone: doors by area, big buttons, nothing of a paper's content."""

from __future__ import annotations

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock, htmx
from portal.access import Actor, the_actor
from portal.audit.services import record
from portal.conflicts import settle
from portal.db import transaction
from portal.errors import Conflict, NotFound
from portal.idempotency import keep
from portal.postal import queries, rounds, visits
from portal.postal.forms import FailureForm
from portal.postal.lifecycle import FailureReason, ItemState
from portal.postal.models import Pickup
from vietnam import phones


def show() -> str:
    """Today's round."""
    return _page()


def phone() -> ResponseReturnValue:
    """Show the number of one stop of the own round; each look is written down."""
    actor = the_actor()
    kind, public_id = request.form.get("kind", ""), request.form.get("stop", "")
    with transaction():
        number = _number(actor, kind, public_id)
    if htmx.wanted():
        return render_template("postal/courier/_phone.html", number=number, stop=public_id)
    return _page(revealed={public_id: number})


def collected(public_id: str) -> ResponseReturnValue:
    """The envelope is in the bag."""
    actor = the_actor()
    with transaction():
        pickup = rounds.get_pickup(public_id, for_=actor, lock=True)
        visits.collect(pickup, by=actor, at=clock.now())
        return keep(htmx.go(url_for("post.round")))


def missed(public_id: str) -> Response:
    """Why the papers could not be collected."""
    return _missed(rounds.get_pickup(public_id, for_=the_actor()), FailureForm(formdata=None))


def miss(public_id: str) -> ResponseReturnValue:
    """Write down a visit that came to nothing."""
    actor = the_actor()
    form = FailureForm()
    if not form.validate():
        return _missed(rounds.get_pickup(public_id, for_=actor), form, 422)

    def work() -> Response:
        pickup = rounds.get_pickup(public_id, for_=actor, lock=True)
        visits.miss(pickup, FailureReason(form.reason.data), by=actor, at=clock.now())
        return htmx.go(url_for("post.round"))

    def again(conflict: Conflict) -> Response:
        raise conflict  # whoever was faster has closed this visit

    return settle(work, again, [form])


def _page(revealed: dict[str, str] | None = None) -> str:
    actor = the_actor()
    today = clock.today()
    return render_template(
        "postal/courier/round.html",
        round=rounds.round_of(actor, today),
        today=today,
        revealed=revealed or {},
        now=clock.now(),
    )


def _number(actor: Actor, kind: str, public_id: str) -> str:
    """The number of a stop that is still to be visited, or NotFound."""
    stop = None
    if kind == "pickup":
        stop = rounds.get_pickup(public_id, for_=actor)
        number = stop.phone or stop.dossier.phone
        is_open = stop.state in queries.TO_VISIT
        dossier_id = stop.dossier_id
    else:
        item = queries.get_item(public_id, for_=actor)
        number, dossier_id = item.dossier.phone, item.dossier_id
        is_open = item.state is ItemState.OUT_FOR_DELIVERY
        stop_row: object = item
    if not number or not is_open:
        raise NotFound
    record("postal:see_phone", stop or stop_row, by=actor, dossier_id=dossier_id)
    return phones.display(number)


def _missed(pickup: Pickup, form: FailureForm, status: int = 200) -> Response:
    page = render_template("postal/courier/missed.html", pickup=pickup, form=form)
    return make_response(page, status)
