"""A dossier for somebody who stands at the counter without an account."""

from __future__ import annotations

from flask import request, url_for
from flask.templating import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock, htmx
from portal.access import Actor, the_actor
from portal.catalogue import queries as catalogue
from portal.db import transaction
from portal.directory import queries as directory
from portal.dossiers.models.dossier import ReturnMode
from portal.errors import Invalid
from portal.idempotency import keep
from portal.postal import services
from portal.postal.forms import WalkInForm, choices_of
from portal.postal.services import Applicant, Return
from vietnam import card_qr, citizen_number, names, phones


def new() -> str:
    """The empty form."""
    return _page(WalkInForm(formdata=None, data={"return_mode": ReturnMode.POST.value}))


def create() -> ResponseReturnValue:
    """Read the card, or send the dossier; Enter after a scan presses the first button."""
    actor = the_actor()
    form = WalkInForm()
    card = (form.card.data or "").strip()
    if card:
        return _read_card(form, card)
    if not form.validate():
        return _page(form), 422
    try:
        with transaction():
            version = catalogue.in_force(form.procedure.data or "")
            dossier = services.walk_in(
                version, _applicant(form), _return(form), by=actor, at=clock.now()
            )
            address = url_for("post.tally", public_id=dossier.public_id, moi=1)
            return keep(htmx.go(address))
    except Invalid as problem:
        form.refuse(problem.field, str(problem.sentence))
        return _page(form), 422


def _read_card(form: WalkInForm, text: str) -> ResponseReturnValue:
    """Fill in what the card says; what is already typed is kept, nothing is proven by it."""
    card = card_qr.parse(text)
    if card is None:
        form.card.errors = [
            _("Không đọc được QR thẻ căn cước. Quét lại, hoặc nhập tay các ô dưới.")
        ]
        return _page(form), 422
    form.applicant_name.data = names.titled(card.full_name)
    form.citizen_number.data = card.number
    form.address.data = form.address.data or card.residence
    form.card.data = ""
    return _page(form, card=card)


def _applicant(form: WalkInForm) -> Applicant:
    return Applicant(
        name=form.applicant_name.data or "",
        citizen_number=citizen_number.bare(form.citizen_number.data or ""),
        phone=phones.normalise(form.phone.data or "") or "",
        email=(form.email.data or "").strip(),
        address=form.address.data or "",
        commune_code=form.commune_code.data or None,
    )


def _return(form: WalkInForm) -> Return:
    mode = ReturnMode(form.return_mode.data)
    if mode is not ReturnMode.POST:
        return Return(mode)
    return Return(
        mode, form.return_address.data or form.address.data or "", form.commune_code.data or None
    )


def _page(form: WalkInForm, card: card_qr.CardData | None = None) -> str:
    actor = the_actor()
    form.procedure.choices = choices_of(
        [
            (version.procedure.code, f"{version.procedure.name} ({version.procedure.code})")
            for version in catalogue.listed()
            if version.post_in
        ],
        _("Chọn thủ tục"),
    )
    form.commune_code.choices = choices_of(
        _communes(actor), _("Chọn, hoặc để trống nếu ngoài tỉnh")
    )
    return render_template("postal/clerk/walk_in.html", form=form, card=card, sent=request.form)


def _communes(actor: Actor) -> list[tuple[str, str]]:
    province = actor.organisation.province_code if actor.organisation else None
    if province is None:
        return []
    return [(unit.code, unit.name) for unit in directory.communes(province)]
