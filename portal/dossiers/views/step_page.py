"""The page of a step: what will happen, a form, and the one press that does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from portal import clock, htmx
from portal.access import Actor, the_actor
from portal.db import transaction
from portal.dossiers import forms, opened, queries, services, withdrawals
from portal.dossiers.history import find_step
from portal.dossiers.lifecycle import Verb, allowed
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.opened import Opened
from portal.dossiers.views.officer import address_of, door_of
from portal.errors import Conflict, Invalid
from portal.extensions import db
from portal.idempotency import keep

Apply = Callable[[Dossier, Any, Actor, datetime], object]
Prepare = Callable[[Any, Opened], None]
Explain = Callable[[Opened, datetime], dict[str, Any]]


def _nothing(_form: Any, _desk: Opened) -> None:
    """Most forms need no choices from the database."""


def _no_more(_desk: Opened, _now: datetime) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Step:
    """One verb's page and its doing; `slow` runs before all else and may raise Invalid."""

    verb: Verb
    form: type[forms.StepForm]
    apply: Apply
    prepare: Prepare = _nothing
    explain: Explain = _no_more
    slow: Callable[[Any], None] | None = None

    def show(self, public_id: str) -> ResponseReturnValue:
        """What will happen, and the form; where the status forbids the step, why."""
        actor, now = the_actor(), clock.now()
        desk = opened.open_dossier(public_id, for_=actor, now=now)
        form = self.form(data={"version": desk.dossier.version})
        self.prepare(form, desk)
        status = 200 if self._is_allowed(desk, actor) else 409
        return self._page(desk, form, now), status

    def send(self, public_id: str) -> ResponseReturnValue:
        """Take the step; what was typed stays whatever stands against it."""
        actor = the_actor()
        desk = opened.open_dossier(public_id, for_=actor, now=clock.now())
        form = self.form()
        self.prepare(form, desk)
        mistake = self._slow(form)
        is_whole = form.validate()
        if mistake is not None:
            _put_beside(form, mistake)
        if not is_whole or mistake is not None:
            return self._again(public_id, form, 422)
        try:
            with transaction():
                dossier = queries.get_dossier(public_id, for_=actor, lock=True)
                services.check_version(dossier, form.version.data)
                find_step(dossier, self.verb, by=actor)
                self.apply(dossier, form, actor, clock.now())
                db.session.flush()
                return keep(htmx.go(address_of(public_id, actor)))
        except Invalid as wrong:
            _put_beside(form, wrong)
            return self._again(public_id, form, 422)
        except StaleDataError:
            return self._again(public_id, form, 409, Conflict())
        except Conflict as conflict:
            return self._again(public_id, form, 409, conflict)

    def _slow(self, form: forms.StepForm) -> Invalid | None:
        """What must not be lost to another field's mistake is done before the fields are read."""
        if self.slow is None:
            return None
        try:
            self.slow(form)
        except Invalid as wrong:
            return wrong
        return None

    def _again(
        self, public_id: str, form: forms.StepForm, status: int, conflict: Conflict | None = None
    ) -> ResponseReturnValue:
        """The page on the newest state, with everything typed; sending again decides on that."""
        now = clock.now()
        desk = opened.open_dossier(public_id, for_=the_actor(), now=now)
        self.prepare(form, desk)
        if conflict is not None:
            form.version.data = str(desk.dossier.version)
        return self._page(desk, form, now, conflict), status

    def _page(
        self, desk: Opened, form: forms.StepForm, now: datetime, conflict: Conflict | None = None
    ) -> str:
        actor = the_actor()
        return render_template(
            f"dossiers/officer/{self.verb.value}.html",
            verb=self.verb,
            desk=desk,
            form=form,
            conflict=conflict,
            is_allowed=self._is_allowed(desk, actor),
            barrier=_barrier(self.verb, desk, actor),
            door=door_of(actor),
            **self.explain(desk, now),
        )

    def _is_allowed(self, desk: Opened, actor: Actor) -> bool:
        return self.verb in withdrawals.offered(desk.dossier, actor.role)


def _barrier(verb: Verb, desk: Opened, actor: Actor) -> str:
    """What stands against it besides the status, or ""."""
    is_known = verb is Verb.WITHDRAW and verb in allowed(desk.dossier.status, actor.role.value)
    return withdrawals.barrier(desk.dossier, actor.role) if is_known else ""


def _put_beside(form: forms.StepForm, wrong: Invalid) -> None:
    """The service's sentence stands beside its field, or above the form where it has none."""
    sentence = str(wrong.sentence)
    if wrong.field in form:
        field = form[wrong.field]
        field.errors = [*field.errors, sentence]
    else:
        form.form_errors.append(sentence)
