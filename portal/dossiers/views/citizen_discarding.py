"""A citizen throws away a draft of his own: what goes with it, then once and for good."""

from __future__ import annotations

from flask import Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import HiddenField

from portal import clock, htmx
from portal.access import Actor, the_actor
from portal.conflicts import settle
from portal.documents.queries import files_of
from portal.door_form import DoorForm
from portal.dossiers import drafts, erasing, queries, services
from portal.dossiers.models.dossier import Dossier
from portal.errors import Conflict, NotFound

WHY = "citizen"


class DiscardForm(DoorForm):
    """Nothing to fill in: the page says what goes, the button does it."""

    version = HiddenField()


def ask(public_id: str) -> ResponseReturnValue:
    """What is thrown away, before it is."""
    dossier = _draft(public_id, the_actor())
    form = DiscardForm(formdata=None, data={"version": str(dossier.version)})
    return _page(dossier, form)


def discard(public_id: str) -> ResponseReturnValue:
    """Throw it away; what was written meanwhile at another screen is shown first."""
    actor = the_actor()
    form = DiscardForm()

    def work() -> Response:
        dossier = _draft(public_id, actor, lock=True)
        services.check_version(dossier, form.version.data)
        erasing.erase_draft(dossier, by=actor, at=clock.now(), why=WHY)
        return htmx.go(url_for("citizen.index", xoa="nhap"))

    def again(conflict: Conflict) -> Response:
        dossier = _draft(public_id, actor)
        form.version.data = str(dossier.version)
        return make_response(_page(dossier, form, conflict), 409)

    return settle(work, again, [form])


def _draft(public_id: str, actor: Actor, *, lock: bool = False) -> Dossier:
    try:
        return drafts.get_draft(public_id, for_=actor, channel=None, lock=lock)
    except NotFound:
        queries.get_dossier(public_id, for_=actor)
        raise Conflict(
            _("Hồ sơ này đã được gửi nên không xoá được nữa. Ông/Bà mở hồ sơ nếu muốn rút.")
        ) from None


def _page(dossier: Dossier, form: DiscardForm, conflict: Conflict | None = None) -> str:
    return render_template(
        "dossiers/citizen/discard.html",
        dossier=dossier,
        form=form,
        files=files_of(dossier.id),
        conflict=conflict,
    )
