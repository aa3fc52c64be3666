"""Keeps a form with its files when nobody may send it now, and gives it back to its person."""

from __future__ import annotations

from flask import request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import ImmutableMultiDict

from portal import clock, security
from portal.access import Actor, current_actor
from portal.accounts import owners, resume, throttle
from portal.db import transaction
from portal.documents import parked, parking
from portal.errors import Conflict

FORMS_PER_HOUR = 60


class NoLongerKept(Conflict):
    """A day has gone by: the form cannot go on as if its files were still with it."""

    sentence = _l(
        "Các tệp gửi kèm đã quá 24 giờ nên không còn được giữ."
        " Ông/Bà mở lại trang, chọn lại tệp rồi gửi."
    )


def keep() -> str:
    """Take the present form into keeping for its person; what it is called, or nothing.

    Only a form from a page of ours, and only for somebody known: by the mark in the form, or by
    the session this browser had. Whoever else signs in here is never shown it.
    """
    if request.method != "POST" or not resume.is_form_of_ours():
        return ""
    owner = owners.of_form() or owners.of_browser()
    if owner is None:
        return ""
    security.refuse_nul_in_form()
    kept = resume.waiting(request.form.get(resume.FIELD, ""), owner.user_id)
    if kept is not None and kept.path == resume.here():
        return kept.public_id
    return _park(owner)


def hand_back(actor: Actor | None) -> None:
    """Put the files of a parked form into the request that goes on with it."""
    name = request.form.get(resume.FIELD, "")
    if not name or actor is None:
        return
    form = resume.waiting(name, actor.user_id)
    if form is None or form.path != resume.here():
        raise NoLongerKept
    sent = [(field, upload) for field, upload in request.files.items(multi=True) if upload.filename]
    kept = [(upload.name or "", upload) for upload in parked.uploads_of(form.id)]
    # Werkzeug caches what it parsed under this name; forms and views read it from there.
    vars(request)["files"] = ImmutableMultiDict([*kept, *sent])


def _park(owner: owners.Owner) -> str:
    fields, here, by = resume.typed(), resume.here(), current_actor()
    throttle.spend(f"park:{owner.user_id}", most=FORMS_PER_HOUR, seconds=3600)
    files = parking.look_at(request.files.items(multi=True))
    with transaction():
        told = [(file.name, file.refusal) for file in files]
        at = clock.now()
        form = resume.park(owner, here, fields, told, by=by, at=at)
        for file in files:
            parking.park(file, owner.user_id, here, form_id=form.id, by=by, at=at)
        return form.public_id
