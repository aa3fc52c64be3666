"""Somebody without an account takes his dossier back at the counter, before the agency has it."""

from __future__ import annotations

from flask import Response, make_response, render_template
from flask.typing import ResponseReturnValue

from portal import clock, htmx
from portal.access import Actor, the_actor
from portal.conflicts import settle
from portal.dossiers import services, withdrawals
from portal.dossiers.forms import WithdrawalForm, tidy
from portal.dossiers.lifecycle import Verb
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.queries import get_dossier
from portal.errors import Conflict, StepRefused
from portal.postal.views.counter import next_step


def show(public_id: str) -> ResponseReturnValue:
    """What taking back means, before it is done."""
    actor = the_actor()
    dossier = get_dossier(public_id, for_=actor)
    _must_be_offered(dossier, actor)
    return _page(dossier, WithdrawalForm(formdata=None))


def send(public_id: str) -> ResponseReturnValue:
    """Write the withdrawal down; the papers on the counter are counted and given back next."""
    actor, form = the_actor(), WithdrawalForm()
    if not form.validate():
        return _page(get_dossier(public_id, for_=actor), form, 422)

    def work() -> Response:
        dossier = get_dossier(public_id, for_=actor, lock=True)
        services.check_version(dossier, form.version.data)
        reason = tidy(form.reason.data)
        services.withdraw(dossier, reason, by=actor, at=clock.now(), asked=form.asked())
        return htmx.go(next_step(dossier))

    def again(conflict: Conflict) -> Response:
        dossier = get_dossier(public_id, for_=actor)
        _must_be_offered(dossier, actor)
        return _page(dossier, form, 409, conflict)

    return settle(work, again, [form])


def _must_be_offered(dossier: Dossier, actor: Actor) -> None:
    if Verb.WITHDRAW not in withdrawals.offered(dossier, actor.role):
        raise StepRefused(withdrawals.barrier(dossier, actor.role))


def _page(
    dossier: Dossier,
    form: WithdrawalForm,
    status: int = 200,
    conflict: Conflict | None = None,
) -> Response:
    form.version.data = str(dossier.version)
    page = render_template(
        "postal/clerk/withdraw.html", dossier=dossier, form=form, conflict=conflict
    )
    return make_response(page, status)
