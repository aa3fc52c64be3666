"""Results on their way home: fetched, put on a round, delivered, tried again, or sent back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from portal import clock, htmx
from portal.access import Actor, Role, the_actor
from portal.accounts.models import User
from portal.conflicts import settle
from portal.door_form import DoorForm
from portal.dossiers import custody
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.services import check_version
from portal.errors import Conflict, Invalid
from portal.extensions import db
from portal.postal import queries, returns, rounds
from portal.postal.forms import (
    CollectForm,
    CourierForm,
    DeliveryForm,
    FailureForm,
    PapersDeliveryForm,
    SendBackForm,
    choices_of,
)
from portal.postal.lifecycle import Cargo, FailureReason, ItemState, Relation
from portal.postal.models import PostalItem
from portal.postal.returns import Recipient

AT_HAND = (ItemState.COLLECTED, ItemState.FAILED)


def collect(public_id: str) -> Response:
    """The form with which a result is fetched from the agency."""
    dossier = queries.get_collectable(public_id, for_=the_actor())
    return _collect_page(dossier, CollectForm(formdata=None))


def collect_post(public_id: str) -> ResponseReturnValue:
    """The result is in the clerk's hands."""
    actor = the_actor()
    form = CollectForm()
    if not form.validate():
        return _collect_page(queries.get_collectable(public_id, for_=actor), form, 422)

    def work() -> Response:
        dossier = queries.get_collectable(public_id, for_=actor, lock=True)
        check_version(dossier, form.version.data)
        item = returns.collect(
            dossier, form.giver_name.data or "", form.note.data or "", by=actor, at=clock.now()
        )
        db.session.flush()
        return htmx.go(url_for("post.item", public_id=item.public_id))

    def again(conflict: Conflict) -> Response:
        return _collect_page(queries.get_collectable(public_id, for_=actor), form, 409, conflict)

    return settle(work, again, [form])


def show(public_id: str) -> Response:
    """One result in the hands of the post: where it is, what was tried, what comes next."""
    return _item_page(queries.get_item(public_id, for_=the_actor()))


def dispatch(public_id: str) -> ResponseReturnValue:
    """Put the result on a courier's round."""
    actor = the_actor()
    form = CourierForm()
    if not form.validate():
        return _item_page(queries.get_item(public_id, for_=actor), courier_form=form, status=422)

    def work() -> Response:
        item = _locked(public_id, actor, form)
        returns.dispatch(item, _courier(form, actor), by=actor, at=clock.now())
        return htmx.go(url_for("post.item", public_id=public_id))

    def again(conflict: Conflict) -> Response:
        item = queries.get_item(public_id, for_=actor)
        waits = (returns.next_on(item) or clock.today()) > clock.today()
        if item.state not in AT_HAND or returns.is_spent(item) or waits:
            raise conflict  # the page has no such form now
        return _item_page(item, courier_form=form, conflict=conflict, status=409)

    form.courier.choices = _couriers(actor)
    try:
        return settle(work, again, [form])
    except Invalid as problem:
        form.refuse(problem.field, str(problem.sentence))
        return _item_page(queries.get_item(public_id, for_=actor), courier_form=form, status=422)


def delivery(public_id: str) -> Response:
    """The proof of delivery, at the counter or at a door."""
    item = queries.get_item(public_id, for_=the_actor())
    return _form_page("postal/courier/delivery.html", item, _delivery_form(item, sent=False))


def deliver(public_id: str) -> ResponseReturnValue:
    """Somebody has the result in hand."""
    actor = the_actor()
    form = _delivery_form(queries.get_item(public_id, for_=actor), sent=True)
    page = "postal/courier/delivery.html"
    if not form.validate():
        return _form_page(page, queries.get_item(public_id, for_=actor), form, 422)

    def work() -> Response:
        item = _locked(public_id, actor, form)
        returns.deliver(item, recipient_of(form), by=actor, at=clock.now())
        return htmx.go(_home(actor, public_id))

    def again(conflict: Conflict) -> Response:
        return _form_page(page, queries.get_item(public_id, for_=actor), form, 409, conflict)

    try:
        return settle(work, again, [form])
    except Invalid as problem:
        form.refuse(problem.field, str(problem.sentence))
        return _form_page(page, queries.get_item(public_id, for_=actor), form, 422)


def failure(public_id: str) -> Response:
    """Why nobody took the result."""
    item = queries.get_item(public_id, for_=the_actor())
    return _form_page("postal/courier/failure.html", item, FailureForm(formdata=None))


def fail(public_id: str) -> ResponseReturnValue:
    """Write down an attempt that came to nothing."""
    actor = the_actor()
    form = FailureForm()
    page = "postal/courier/failure.html"
    if not form.validate():
        return _form_page(page, queries.get_item(public_id, for_=actor), form, 422)

    def work() -> Response:
        item = _locked(public_id, actor, form)
        reason = FailureReason(form.reason.data)
        returns.fail(item, reason, form.note.data or "", by=actor, at=clock.now())
        return htmx.go(_home(actor, public_id))

    def again(conflict: Conflict) -> Response:
        return _form_page(page, queries.get_item(public_id, for_=actor), form, 409, conflict)

    return settle(work, again, [form])


def send_back(public_id: str) -> ResponseReturnValue:
    """After two invitations the result goes back to the agency."""
    actor = the_actor()
    form = SendBackForm()
    if not form.validate():
        return _item_page(queries.get_item(public_id, for_=actor), back_form=form, status=422)

    def work() -> Response:
        item = _locked(public_id, actor, form)
        returns.send_back(item, form.taker_name.data or "", by=actor, at=clock.now())
        return htmx.go(url_for("post.item", public_id=public_id))

    def again(conflict: Conflict) -> Response:
        item = queries.get_item(public_id, for_=actor)
        if item.state not in AT_HAND or not returns.is_spent(item):
            raise conflict
        return _item_page(item, back_form=form, conflict=conflict, status=409)

    return settle(work, again, [form])


def _locked(public_id: str, actor: Actor, form: DoorForm) -> PostalItem:
    """The envelope as it is now, unless its dossier changed since the page was opened."""
    item = queries.get_item(public_id, for_=actor, lock=True)
    check_version(item.dossier, form["version"].data)
    return item


def _courier(form: CourierForm, actor: Actor) -> User:
    courier = rounds.get_courier(form.courier.data or "", of=actor)
    if courier is None:
        raise Invalid("courier", _("Chọn bưu tá của bưu cục."))
    return courier


def _couriers(actor: Actor) -> list[SelectChoice]:
    return _offered(rounds.couriers(actor))


def _offered(people: Sequence[User]) -> list[SelectChoice]:
    named = [(user.public_id, user.name) for user in people]
    return choices_of(named, _("Chọn bưu tá"))


def _delivery_form(item: PostalItem, *, sent: bool) -> DeliveryForm:
    """Papers are counted with whoever takes them; a result is not."""
    kind = DeliveryForm if item.cargo is Cargo.RESULT else PapersDeliveryForm
    return kind() if sent else kind(formdata=None)


def recipient_of(form: DeliveryForm) -> Recipient:
    """Who took it, in the words of the road."""
    counted = isinstance(form, PapersDeliveryForm)
    return Recipient(
        name=form.recipient_name.data or "",
        relation=Relation(form.relation.data),
        identity_paper=_("căn cước/hộ chiếu") if form.is_checked.data else "",
        authority_paper=form.authority_paper.data or "",
        pages=form.pages.data if counted else None,
        note=(form.note.data or "") if counted else "",
    )


def _home(actor: Actor, public_id: str) -> str:
    """A courier goes on with his round, a clerk stays with the item."""
    if actor.role is Role.COURIER:
        return url_for("post.round")
    return url_for("post.item", public_id=public_id)


def _collect_page(
    dossier: Dossier, form: CollectForm, status: int = 200, conflict: Conflict | None = None
) -> Response:
    form.version.data = str(dossier.version)
    page = render_template(
        "postal/clerk/collect.html", dossier=dossier, form=form, conflict=conflict
    )
    return make_response(page, status)


def _form_page(
    template: str,
    item: PostalItem,
    form: DoorForm,
    status: int = 200,
    conflict: Conflict | None = None,
) -> Response:
    """The form on the newest state; after a conflict sending it again decides on that."""
    form["version"].data = str(item.dossier.version)
    page = render_template(
        template,
        item=item,
        dossier=item.dossier,
        form=form,
        next_on=returns.next_on(item),
        pages_held=returns.pages_held(item),
        conflict=conflict,
    )
    return make_response(page, status)


def _item_page(
    item: PostalItem,
    *,
    courier_form: CourierForm | None = None,
    back_form: SendBackForm | None = None,
    conflict: Conflict | None = None,
    status: int = 200,
) -> Response:
    actor = the_actor()
    people = rounds.couriers(actor) if actor.role is Role.POSTAL_CLERK else []
    courier_form = courier_form or CourierForm(formdata=None)
    back_form = back_form or SendBackForm(formdata=None)
    courier_form.courier.choices = _offered(people)
    if len(people) == 1 and not courier_form.courier.data:
        courier_form.courier.data = people[0].public_id
    for form in (courier_form, back_form):
        form["version"].data = str(item.dossier.version)
    page: Any = render_template(
        "postal/clerk/item.html",
        item=item,
        dossier=item.dossier,
        courier_form=courier_form,
        back_form=back_form,
        next_on=returns.next_on(item),
        is_spent=returns.is_spent(item),
        custody=[line for line in custody.now(item.dossier) if line.bill_no == item.code],
        courier=next((user for user in people if user.id == item.courier_id), None),
        today=clock.today(),
        conflict=conflict,
    )
    return make_response(page, status)
