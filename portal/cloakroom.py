"""Keeps a form with its files when nobody may send it now, and gives it back to its person."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, request
from flask_babel import gettext as _
from werkzeug.datastructures import ImmutableMultiDict

from portal import clock, security
from portal.access import Actor, current_actor
from portal.accounts import owners, resume, throttle
from portal.accounts.resume import Content, Why
from portal.db import transaction
from portal.documents import parked, parking

FORMS_PER_HOUR = 60
# A dossier's worth, chosen again after a mistake, and once more.
DOSSIERS_A_DAY = 3
MEGABYTE = 1024 * 1024


def keep(why: Why) -> str:
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
    name = request.form.get(resume.FIELD) or request.form.get(resume.WORDS, "")
    kept = resume.waiting(name, owner.user_id)
    if kept is not None and kept.path == resume.here():
        return kept.public_id
    return _park(owner, why)


def hand_back(actor: Actor | None) -> Why | None:
    """Put the files of a parked form into the request that goes on with it; why not, if not."""
    name = request.form.get(resume.FIELD, "")
    if not name or actor is None:
        return None
    form = resume.waiting(name, actor.user_id)
    if form is None:
        return Why.TOO_LATE
    if form.path != resume.here():
        return Why.ELSEWHERE
    sent = [(field, upload) for field, upload in request.files.items(multi=True) if upload.filename]
    kept = [(upload.name or "", upload) for upload in parked.uploads_of(form.id)]
    # Werkzeug caches what it parsed under this name; forms and views read it from there.
    vars(request)["files"] = ImmutableMultiDict([*kept, *sent])
    return None


def _park(owner: owners.Owner, why: Why) -> str:
    fields, here, by = resume.typed(), resume.here(), _who_is_there(owner)
    throttle.spend(_purse(owner), most=FORMS_PER_HOUR, seconds=3600)
    at = clock.now()
    files = parking.look_at(request.files.items(multi=True), _room_for(owner))
    with transaction():
        content = Content(fields, [(file.name, file.refusal) for file in files], why)
        form = resume.park(owner, here, content, by=by, at=at)
        for file in files:
            parking.park(file, owner.user_id, here, form_id=form.id, by=by, at=at)
        return form.public_id


def _who_is_there(owner: owners.Owner) -> Actor | None:
    """The person, if it can have been his own act: behind the shield sits nobody we know."""
    actor = current_actor()
    if actor is None or actor.locked or actor.user_id != owner.user_id:
        return None
    return actor


def _purse(owner: owners.Owner) -> str:
    """Whose allowance of forms is spent: what comes from elsewhere is not the person's own."""
    if owner.is_at_own_browser:
        return f"park:{owner.user_id}"
    return f"park-elsewhere:{request.remote_addr}"


def _room_for(owner: owners.Owner) -> parking.Room:
    if not owner.is_at_own_browser:
        return parking.Room(
            -1,
            _(
                "Tệp không được giữ vì gửi từ trình duyệt chưa đăng nhập tài khoản này."
                " Ông/Bà chọn lại tệp."
            ),
        )
    most = DOSSIERS_A_DAY * current_app.config["SETTINGS"].max_dossier_mb
    kept = parked.bytes_kept(owner.user_id, clock.now() - timedelta(days=1))
    return parking.Room(
        most * MEGABYTE - kept,
        _(
            "Tệp không được giữ vì trong một ngày chỉ giữ được %(most)s MB tệp chờ gửi."
            " Ông/Bà chọn lại tệp.",
            most=most,
        ),
    )
