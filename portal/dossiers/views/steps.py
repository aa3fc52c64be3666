"""The steps an office takes, one of each verb: its form, what its page explains, what it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import current_app, request
from flask_babel import gettext as _
from sqlalchemy import select

from portal import clock
from portal.access import Actor, the_actor
from portal.catalogue.models import Component
from portal.db import transaction
from portal.directory.models import Organisation, OrganisationKind
from portal.documents import messages, parked, parking
from portal.documents.models import DocumentPurpose
from portal.documents.services import add_document, attach, take
from portal.documents.taken import Taken
from portal.dossiers import control_sheet, forms, services
from portal.dossiers.clock_view import due_from
from portal.dossiers.deadlines import Due
from portal.dossiers.lifecycle import Verb
from portal.dossiers.models.dossier import Channel, Dossier, ReturnMode
from portal.dossiers.models.notices import OutcomeKind
from portal.dossiers.opened import Opened
from portal.dossiers.views.step_page import Step
from portal.errors import Conflict
from portal.extensions import db


def _accept(dossier: Dossier, _form: Any, actor: Actor, at: datetime) -> object:
    return services.accept(dossier, by=actor, at=at)


def _explain_accept(desk: Opened, now: datetime) -> dict[str, Any]:
    """The due date as it would be if the dossier were accepted this minute."""
    dossier = desk.dossier
    start = dossier.received_at or now
    needs_signature = dossier.channel is Channel.POST and dossier.received_at is None
    due: Due | None = None if needs_signature else due_from(dossier.procedure_version, start)
    return {"due": due, "start": start, "needs_signature": needs_signature}


accept = Step(Verb.ACCEPT, forms.StepForm, _accept, explain=_explain_accept)


def _refuse(dossier: Dossier, form: forms.RefuseForm, actor: Actor, at: datetime) -> object:
    return services.refuse(dossier, form.sentence(), by=actor, at=at)


def _stop(dossier: Dossier, form: forms.StopForm, actor: Actor, at: datetime) -> None:
    services.stop(dossier, forms.tidy(form.reason.data), by=actor, at=at)


def _withdraw(
    dossier: Dossier, form: forms.WrittenWithdrawalForm, actor: Actor, at: datetime
) -> None:
    reason = forms.tidy(form.reason.data)
    services.withdraw(dossier, reason, by=actor, at=at, asked=form.asked())


withdraw = Step(Verb.WITHDRAW, forms.WrittenWithdrawalForm, _withdraw)
refuse = Step(Verb.REFUSE, forms.RefuseForm, _refuse)
stop = Step(Verb.STOP, forms.StopForm, _stop)


def _departments(desk: Opened) -> list[Organisation]:
    """The departments that stand under the centre which received the dossier."""
    query = select(Organisation).where(
        Organisation.kind == OrganisationKind.DEPARTMENT,
        Organisation.parent_id == desk.dossier.receiving_unit_id,
        Organisation.is_active,
    )
    return list(db.session.scalars(query.order_by(Organisation.name)))


def _prepare_forward(form: forms.ForwardForm, desk: Opened) -> None:
    form.department.choices = forms.choices((one.public_id, one.name) for one in _departments(desk))
    if not form.is_submitted() and desk.dossier.department is not None:
        form.department.data = desk.dossier.department.public_id


def _forward(dossier: Dossier, form: forms.ForwardForm, actor: Actor, at: datetime) -> None:
    query = select(Organisation).filter_by(
        public_id=form.department.data, parent_id=dossier.receiving_unit_id
    )
    department = db.session.scalars(query).one()
    services.forward(dossier, department, by=actor, at=at)


forward = Step(Verb.FORWARD, forms.ForwardForm, _forward, _prepare_forward)


def _components(desk: Opened) -> list[Component]:
    return desk.dossier.procedure_version.components


def _prepare_supplement(form: forms.SupplementForm, desk: Opened) -> None:
    form.components.choices = forms.choices(
        (str(one.number), one.name) for one in _components(desk)
    )


def _ask_supplement(
    dossier: Dossier, form: forms.SupplementForm, actor: Actor, at: datetime
) -> object:
    chosen = set(form.components.data or [])
    items: list[dict[str, Any]] = [
        {"component": one.id, "text": one.name}
        for one in dossier.procedure_version.components
        if str(one.number) in chosen
    ]
    items += [{"component": None, "text": line} for line in form.lines()]
    reason = forms.tidy(form.reason.data)
    return services.ask_supplement(dossier, items, reason, by=actor, at=at)


ask_supplement = Step(
    Verb.ASK_SUPPLEMENT, forms.SupplementForm, _ask_supplement, _prepare_supplement
)


def _ask_payment(dossier: Dossier, form: forms.PaymentForm, actor: Actor, at: datetime) -> None:
    reason = forms.tidy(form.reason.data)
    services.ask_payment(dossier, form.dong(), reason, by=actor, at=at)


def _confirm_payment(dossier: Dossier, _form: Any, actor: Actor, at: datetime) -> None:
    services.confirm_payment(dossier, by=actor, at=at)


def _explain_payment(desk: Opened, _now: datetime) -> dict[str, Any]:
    asked = [event for event in desk.events if event.act == Verb.ASK_PAYMENT]
    return {"asked": asked[-1] if asked else None}


ask_payment = Step(Verb.ASK_PAYMENT, forms.PaymentForm, _ask_payment)
confirm_payment = Step(
    Verb.CONFIRM_PAYMENT, forms.StepForm, _confirm_payment, explain=_explain_payment
)


def _take_outcome(form: forms.DecideForm) -> None:
    """Check and store the file at once, so that a second try need not choose it again."""
    form.kept_file = None
    upload = form.outcome.data
    if upload is not None and upload.filename:
        form.kept_file = _keep(take(upload, "outcome"))
    elif form.kept.data:
        name, form.kept.data = form.kept.data, ""
        form.kept_file = parked.find(name, the_actor().user_id, request.path, "outcome")
    form.kept.data = form.kept_file.parked if form.kept_file else ""


def _keep(taken: Taken) -> Taken:
    """Give a file its row beside the form's own transaction: it stays whatever becomes of that."""
    if taken.parked:
        return taken
    actor, at = the_actor(), clock.now()
    with transaction(alone=True):
        looked = parking.Looked("outcome", taken.name, taken)
        row = parking.park(looked, actor.user_id, request.path, by=actor, at=at)
        return replace(taken, parked=row.public_id)


def _decide(dossier: Dossier, form: forms.DecideForm, actor: Actor, at: datetime) -> object:
    document = None
    taken = form.kept_file
    if taken is not None:
        title = dossier.procedure_version.outcome_name or _("Kết quả giải quyết")
        document = add_document(dossier, title, DocumentPurpose.OUTCOME, at)
        document.is_present = True
        attach(document, taken, by=actor, at=at)
    kind = OutcomeKind(form.kind.data)
    summary, number = forms.tidy(form.summary.data), forms.tidy(form.number.data)
    return services.decide(dossier, kind, summary, number, document, by=actor, at=at)


def _prepare_decide(form: forms.DecideForm, _desk: Opened) -> None:
    form.kept_name = form.kept_file.name if form.kept_file else ""


def _explain_decide(_desk: Opened, _now: datetime) -> dict[str, Any]:
    settings = current_app.config["SETTINGS"]
    return {
        "accept_types": messages.ACCEPT,
        "limits": messages.limits_hint(settings.max_upload_mb),
        "most_bytes": settings.max_upload_bytes,
    }


decide = Step(
    Verb.DECIDE, forms.DecideForm, _decide, _prepare_decide, _explain_decide, _take_outcome
)


def _prepare_return(form: forms.ReturnForm, desk: Opened) -> None:
    if not form.is_submitted():
        form.receiver.data = desk.dossier.applicant_name


def _return_outcome(dossier: Dossier, form: forms.ReturnForm, actor: Actor, at: datetime) -> None:
    """The receiver stands on the control sheet only: anyone with the key reads the history."""
    if dossier.return_mode is ReturnMode.POST:
        raise Conflict(_("Kết quả của hồ sơ này trả qua bưu chính: bàn giao cho bưu điện."))
    unit = actor.organisation.name if actor.organisation else ""
    sentence = _("Đã trả kết quả tại %(unit)s.", unit=unit)
    services.return_outcome(dossier, by=actor, at=at, sentence=sentence)
    taker = (_("Người nhận kết quả"), str(form.receiver.data))
    control_sheet.hand_over(dossier, (unit, actor.name), taker, at=at, note=form.note())


return_outcome = Step(Verb.RETURN_OUTCOME, forms.ReturnForm, _return_outcome, _prepare_return)
