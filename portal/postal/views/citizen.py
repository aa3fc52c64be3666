"""A citizen asks for a courier: four short pages, a check, one send; then changes or cancels."""

from __future__ import annotations

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice

from portal import clock, htmx, papers
from portal.access import Actor, the_actor
from portal.calendar.queries import working_calendar
from portal.catalogue import queries as catalogue
from portal.catalogue.models import ProcedureVersion
from portal.catalogue.rules import INTRA, Carriage
from portal.conflicts import settle
from portal.db import transaction
from portal.directory import queries as directory
from portal.door_form import DoorForm
from portal.dossiers import answers as rules
from portal.dossiers import drafts, pinning, queries, review, services
from portal.dossiers.application import Application
from portal.dossiers.application_forms import PageForm
from portal.dossiers.forms import choices
from portal.dossiers.generic_form import REQUESTER_COMMUNE
from portal.dossiers.models.dossier import Channel, Dossier
from portal.dossiers.papers import look_up_address
from portal.errors import Conflict, Invalid, NotFound
from portal.idempotency import keep
from portal.postal import pickup_form, pickups
from portal.postal.models import Pickup

POST = Channel.POST


class RescheduleForm(DoorForm):
    """Another half-day for the courier."""

    version = HiddenField()
    pickup_slot = RadioField(_l("Chọn buổi khác"), validate_choice=False)


def begin(code: str) -> ResponseReturnValue:
    """How a pick-up goes and what it costs, before anything is filled in."""
    version = _version(code)
    return render_template(
        "postal/citizen/begin.html",
        version=version,
        procedure=version.procedure,
        draft=drafts.find(the_actor(), version.procedure_id, POST),
        intra=catalogue.postage_of(Carriage(INTRA)),
    )


def start(code: str) -> ResponseReturnValue:
    """Open a booking, or go on with the one that is open."""
    actor = the_actor()
    with transaction():
        version = _version(code)
        draft = drafts.find(actor, version.procedure_id, POST, lock=True)
        if draft is None:
            draft = services.start_draft(version, POST, by=actor, at=clock.now())
        return keep(htmx.go(url_for("citizen.pickup_next", public_id=draft.public_id)))


def next_page(public_id: str) -> ResponseReturnValue:
    """The first page that is not done yet, or the check."""
    dossier = _draft(public_id, the_actor())
    return htmx.go(_next(dossier, _application(dossier)))


def page(public_id: str, page_id: str) -> ResponseReturnValue:
    """One page of the booking."""
    actor = the_actor()
    dossier = _draft(public_id, actor)
    return _page(dossier, _form(dossier, page_id, actor, sent=False))


def save_page(public_id: str, page_id: str) -> ResponseReturnValue:
    """Keep one page; an address where no courier comes is said at once."""
    actor = the_actor()
    dossier = _draft(public_id, actor)
    form = _form(dossier, page_id, actor, sent=True)
    action = request.form.get("action", "save")
    if action == "province":
        return _page(dossier, form)
    if not form.fits() or (action != "later" and not _is_right(form)):
        return _page(dossier, form), 422
    with transaction():
        dossier = _draft(public_id, actor, lock=True)
        drafts.keep(dossier, form.given, by=actor, at=clock.now())
        if action == "later":
            return keep(htmx.go(url_for("citizen.index")))
        return keep(htmx.go(_after(dossier, form)))


def check(public_id: str) -> ResponseReturnValue:
    """Everything once more before a courier is promised."""
    return _check(_draft(public_id, the_actor()))


def send(public_id: str) -> ResponseReturnValue:
    """Send the dossier and book the courier, together and once."""
    actor = the_actor()
    try:
        with transaction():
            dossier = _draft(public_id, actor, lock=True)
            services.check_version(dossier, request.form.get("version"))
            if pinning.follow_procedure(dossier):
                page = _check(dossier, pinning.changed_meanwhile())
                return keep(make_response(page, 422))
            now = clock.now()
            given = drafts.answers_of(dossier)
            drafts.complete(dossier, _application(dossier), now.date())
            services.submit(dossier, by=actor, at=now)
            pickups.book(dossier, given, by=actor, at=now)
            return keep(htmx.go(url_for("citizen.pickup_sent", public_id=public_id)))
    except Invalid as error:
        return _check(_draft(public_id, actor), str(error.sentence)), 422


def sent(public_id: str) -> ResponseReturnValue:
    """The promise in writing: request code, dossier code, look-up key, what to have ready."""
    pickup = pickups.get_pickup(public_id, for_=the_actor())
    dossier = pickup.dossier
    return render_template(
        "postal/citizen/sent.html",
        pickup=pickup,
        visit=_visit(pickup),
        dossier=dossier,
        place=directory.full_name(pickup.commune_code),
        qr=papers.qr(look_up_address(dossier)),
        needed=dossier.procedure_version.components,
    )


def show(public_id: str) -> ResponseReturnValue:
    """The booking as it stands, with other times to choose from while that is possible."""
    pickup = pickups.get_pickup(public_id, for_=the_actor())
    return _show(pickup, _reschedule_form(pickup))


def reschedule(public_id: str) -> ResponseReturnValue:
    """Choose another time."""
    actor = the_actor()
    value = request.form.get(pickup_form.SLOT, "")

    def work() -> Response:
        pickup = pickups.get_pickup(public_id, for_=actor, lock=True)
        services.check_version(pickup.dossier, request.form.get("version"))
        pickups.reschedule(pickup, value, by=actor, at=clock.now())
        return htmx.go(url_for("citizen.pickup", public_id=public_id))

    def again(conflict: Conflict) -> Response:
        pickup = pickups.get_pickup(public_id, for_=actor)
        if not pickups.may_change(pickup):
            raise conflict
        form = _reschedule_form(pickup)
        form.pickup_slot.data = value
        return make_response(_show(pickup, form, conflict), 409)

    typed = RescheduleForm()
    typed.pickup_slot.choices = _times()
    try:
        return settle(work, again, [typed])
    except Invalid as error:
        pickup = pickups.get_pickup(public_id, for_=actor)
        form = _reschedule_form(pickup)
        form.pickup_slot.errors = [str(error.sentence)]
        return _show(pickup, form), 422


def cancel(public_id: str) -> ResponseReturnValue:
    """No courier is wanted any more."""
    actor = the_actor()
    with transaction():
        pickup = pickups.get_pickup(public_id, for_=actor, lock=True)
        services.check_version(pickup.dossier, request.form.get("version"))
        pickups.cancel(pickup, by=actor, at=clock.now())
        return keep(htmx.go(url_for("citizen.pickup", public_id=public_id)))


def _version(code: str) -> ProcedureVersion:
    version = catalogue.in_force(code)
    if version is None:
        raise NotFound
    if not version.post_in:
        raise Conflict(version.post_note or _("Thủ tục này không nhận hồ sơ qua bưu chính."))
    return version


def _draft(public_id: str, actor: Actor, *, lock: bool = False) -> Dossier:
    try:
        return drafts.get_draft(public_id, for_=actor, channel=POST, lock=lock)
    except NotFound:
        queries.get_dossier(public_id, for_=actor)
        raise Conflict(
            _("Yêu cầu này đã được gửi. Ông/Bà mở “Hồ sơ của tôi” để xem hoặc đổi lịch.")
        ) from None


def _application(dossier: Dossier) -> Application:
    return pickup_form.application(dossier.procedure_version, clock.today())


def _form(dossier: Dossier, page_id: str, actor: Actor, *, sent: bool) -> PageForm:
    application = _application(dossier)
    topic = application.page(page_id)
    if topic is None:
        raise NotFound
    kept = drafts.answers_of(dossier) if sent else drafts.first_answers(dossier, actor)
    return PageForm(application, topic, kept, directory, request.form if sent else None)


def _is_right(form: PageForm) -> bool:
    right = form.check(clock.today())
    commune = form.given.get(REQUESTER_COMMUNE)
    if right and commune and pickups.office_for(commune) is None:
        form.fields[REQUESTER_COMMUNE].errors = [pickups.no_office()]
        return False
    return right


def _page(dossier: Dossier, form: PageForm) -> str:
    from_check = request.values.get("ve") == "kiem-tra"
    back = (
        url_for("citizen.pickup_check", public_id=dossier.public_id)
        if from_check
        else _before(dossier, form)
    )
    return render_template(
        "dossiers/citizen/page.html",
        dossier=dossier,
        form=form.fields,
        page=form.page,
        application=form.application,
        nodes=form.nodes,
        save_at=url_for(
            "citizen.save_pickup_page", public_id=dossier.public_id, page_id=form.page.id
        ),
        back=back,
        back_to_check=from_check,
    )


def _before(dossier: Dossier, form: PageForm) -> str:
    pages = form.application.pages
    place = pages.index(form.page)
    if place == 0:
        code = dossier.procedure_version.procedure.code
        return url_for("citizen.pickup_begin", code=code)
    return _address(dossier, pages[place - 1].id)


def _after(dossier: Dossier, form: PageForm) -> str:
    pages = form.application.pages
    place = pages.index(form.page) + 1
    if request.form.get("ve") == "kiem-tra" or place == len(pages):
        return url_for("citizen.pickup_check", public_id=dossier.public_id)
    return _address(dossier, pages[place].id)


def _next(dossier: Dossier, application: Application) -> str:
    answers = drafts.answers_of(dossier)
    for topic in application.pages:
        if rules.standing(application, topic, answers, clock.today()) in ("todo", "partial"):
            return _address(dossier, topic.id)
    return url_for("citizen.pickup_check", public_id=dossier.public_id)


def _address(dossier: Dossier, page_id: str) -> str:
    return url_for("citizen.pickup_page", public_id=dossier.public_id, page_id=page_id)


def _check(dossier: Dossier, problem: str = "") -> str:
    application = _application(dossier)
    answers = drafts.answers_of(dossier)
    topics = review.topics(dossier, application, clock.today())
    return render_template(
        "postal/citizen/check.html",
        dossier=dossier,
        sections=review.sections(application, answers),
        undone=[topic for topic in topics if topic.blocks],
        quote=pickups.quote(dossier.procedure_version, answers),
        office=pickups.office_for(answers.get(REQUESTER_COMMUNE, "")),
        problem=problem,
    )


def _visit(pickup: Pickup) -> pickup_form.Visit:
    return pickup_form.Visit(pickup.slot_on, pickup.slot)


def _reschedule_form(pickup: Pickup) -> RescheduleForm:
    form = RescheduleForm(formdata=None, data={"version": str(pickup.dossier.version)})
    form.pickup_slot.choices = _times()
    return form


def _times() -> list[SelectChoice]:
    offered = pickup_form.visits(clock.today(), working_calendar())
    return choices((visit.value, visit.text) for visit in offered)


def _show(pickup: Pickup, form: RescheduleForm, conflict: Conflict | None = None) -> str:
    return render_template(
        "postal/citizen/show.html",
        pickup=pickup,
        visit=_visit(pickup),
        dossier=pickup.dossier,
        place=directory.full_name(pickup.commune_code),
        form=form,
        may_change=pickups.may_change(pickup),
        conflict=conflict,
    )
