"""A citizen's own dossiers: the list, one dossier, taking one back."""

from __future__ import annotations

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal import clock, htmx, papers
from portal.access import the_actor
from portal.conflicts import settle
from portal.directory import queries as directory
from portal.documents.models import DocumentPurpose
from portal.door_form import DoorForm
from portal.dossiers import aging, custody, lifecycle, mine, openings, queries, services
from portal.dossiers import looks as who_looked
from portal.dossiers.lifecycle import Status, Verb
from portal.dossiers.models.dossier import Channel, Dossier
from portal.dossiers.models.notices import Outcome
from portal.dossiers.papers import look_up_address
from portal.dossiers.turns import turn_of
from portal.errors import Conflict, NotFound, StepRefused
from portal.extensions import db
from portal.paging import row_number


class WithdrawForm(DoorForm):
    """Why the dossier is taken back: the office reads it."""

    version = HiddenField()
    reason = TextAreaField(
        _l("Vì sao Ông/Bà rút hồ sơ?"),
        [DataRequired(_l("Ghi lý do rút hồ sơ.")), Length(max=500)],
        description=_l("Viết ngắn gọn, cơ quan sẽ đọc lý do này"),
    )


def index() -> ResponseReturnValue:
    """All his dossiers, newest first, each with whose turn it is."""
    page = mine.page(the_actor(), before=request.args.get("truoc", type=row_number))
    return render_template(
        "dossiers/citizen/index.html",
        page=page,
        turn_of=turn_of,
        goes_at=lambda draft: aging.goes_at(draft, clock.now()),
    )


def show(public_id: str) -> ResponseReturnValue:
    """One dossier: whose turn it is, its history, its clock, its papers."""
    dossier = queries.get_dossier(public_id, for_=the_actor())
    if dossier.status is Status.DRAFT:
        return htmx.go(draft_address(dossier))
    return _show(dossier)


def _show(dossier: Dossier) -> str:
    events, lines = queries.timeline(dossier), custody.history(dossier)
    waiting = dossier.status is Status.SUPPLEMENT_REQUIRED
    outcome = None
    if dossier.finished_at is not None:
        outcome = db.session.query(Outcome).filter_by(dossier_id=dossier.id).one_or_none()
    return render_template(
        "dossiers/citizen/show.html",
        dossier=dossier,
        procedure=dossier.procedure_version.procedure,
        turn=turn_of(dossier, lines),
        return_place=_return_place(dossier),
        clock=queries.clock_of(dossier, clock.now()),
        events=events,
        custody=lines,
        rounds=sum(event.act == Verb.ASK_SUPPLEMENT.value for event in events),
        pickup=any(event.act == "pickup_request" for event in events),
        request_open=services.open_request(dossier) if waiting else None,
        outcome=outcome,
        papers=[d for d in dossier.documents if d.purpose is not DocumentPurpose.OUTCOME],
        outcome_papers=[d for d in dossier.documents if d.purpose is DocumentPurpose.OUTCOME],
        may_withdraw=_may_withdraw(dossier),
    )


def looks(public_id: str) -> ResponseReturnValue:
    """Who has seen his dossier, and to whom it was passed on."""
    actor = the_actor()
    found = db.session.scalar(queries.visible(actor).where(Dossier.public_id == public_id))
    if found is None:
        raise NotFound
    openings.note(found)
    own = request.args.get("ca-toi") == "1"
    page = who_looked.page(found, dict(request.args), by=actor, own=own, at=clock.now())
    return render_template("dossiers/citizen/looks.html", dossier=found, page=page, own=own)


def sent(public_id: str) -> ResponseReturnValue:
    """It is sent: code, key, what comes next; the owner may come back to this page."""
    dossier = queries.get_dossier(public_id, for_=the_actor())
    if dossier.status is Status.DRAFT:
        raise NotFound
    return render_template(
        "dossiers/citizen/sent.html",
        dossier=dossier,
        procedure=dossier.procedure_version.procedure,
        qr=papers.qr(look_up_address(dossier)),
        return_place=_return_place(dossier),
    )


def ask_withdraw(public_id: str) -> ResponseReturnValue:
    """What taking back means, before it is done."""
    dossier = queries.get_dossier(public_id, for_=the_actor())
    _must_be_withdrawable(dossier)
    form = WithdrawForm(formdata=None, data={"version": str(dossier.version)})
    return render_template("dossiers/citizen/withdraw.html", dossier=dossier, form=form)


def withdraw(public_id: str) -> ResponseReturnValue:
    """Take the dossier back."""
    actor = the_actor()
    form = WithdrawForm()
    if not form.validate():
        dossier = queries.get_dossier(public_id, for_=actor)
        return render_template("dossiers/citizen/withdraw.html", dossier=dossier, form=form), 422

    def work() -> Response:
        dossier = queries.get_dossier(public_id, for_=actor, lock=True)
        services.check_version(dossier, form.version.data)
        services.withdraw(dossier, form.reason.data.strip(), by=actor, at=clock.now())
        return htmx.go(url_for("citizen.dossier", public_id=public_id))

    def again(conflict: Conflict) -> Response:
        dossier = queries.get_dossier(public_id, for_=actor)
        _must_be_withdrawable(dossier)
        form.version.data = str(dossier.version)
        page = "dossiers/citizen/withdraw.html"
        shown = render_template(page, dossier=dossier, form=form, conflict=conflict)
        return make_response(shown, 409)

    return settle(work, again, [form])


def draft_address(dossier: Dossier) -> str:
    """Where a draft is continued: drafts of pick-ups have pages of their own."""
    name = "citizen.pickup_next" if dossier.channel is Channel.POST else "citizen.draft"
    return url_for(name, public_id=dossier.public_id)


def _return_place(dossier: Dossier) -> str:
    if not dossier.return_address:
        return ""
    commune = directory.full_name(dossier.return_commune_code or "")
    return ", ".join(filter(None, [dossier.return_address, commune]))


def _may_withdraw(dossier: Dossier) -> bool:
    return Verb.WITHDRAW in lifecycle.allowed(dossier.status, the_actor().role.value)


def _must_be_withdrawable(dossier: Dossier) -> None:
    if not _may_withdraw(dossier):
        raise StepRefused
