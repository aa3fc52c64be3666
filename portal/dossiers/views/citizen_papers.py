"""The papers of a citizen's draft: handing in files, several at once, and taking them back."""

from __future__ import annotations

from flask import current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import MultipleFileField

from portal import clock, htmx
from portal.access import Actor, the_actor
from portal.db import transaction
from portal.documents import messages
from portal.documents import services as documents
from portal.door_form import DoorForm
from portal.dossiers import drafts, queries
from portal.dossiers.handing_in import ACCEPT, attach_all, chosen, take_all
from portal.dossiers.models.dossier import Channel, Dossier
from portal.errors import Conflict, NotFound
from portal.idempotency import keep

FIELD = "files"


class FilesForm(DoorForm):
    """Pictures or PDFs of one paper, as many as it has pages."""

    files = MultipleFileField(_l("Chọn ảnh chụp hoặc tệp PDF"))


def paper(public_id: str, document_id: str) -> ResponseReturnValue:
    """One paper: what was handed in for it, and room for more."""
    dossier = _draft(public_id, the_actor())
    return _paper(dossier, _line(dossier, document_id), FilesForm(formdata=None))


def add_files(public_id: str, document_id: str) -> ResponseReturnValue:
    """Take the good files; each bad one gets its sentence beside the field."""
    actor = the_actor()
    line = _line(_draft(public_id, actor), document_id)
    uploads = request.files.getlist(FIELD)
    form = FilesForm(formdata=None)
    if not chosen(uploads):
        form.files.errors = [messages.missing()]
        return _paper(_draft(public_id, actor), line, form), 422
    batch = take_all(uploads, FIELD)
    if not batch.taken:
        form.files.errors = batch.mistakes
        dossier = _draft(public_id, actor)
        return _paper(dossier, _line(dossier, document_id), form), 422
    with transaction():
        dossier = _draft(public_id, actor, lock=True)
        line = _line(dossier, document_id)
        attach_all(line.document, batch, by=actor, at=clock.now())
        drafts.touch(dossier, clock.now())
        if not batch.mistakes:
            here = url_for("citizen.paper", public_id=public_id, document_id=document_id)
            return keep(htmx.go(here))
        form.files.errors = batch.mistakes
        page = _paper(dossier, _line(dossier, document_id), form)
        return keep(make_response(page, 422))


def remove_file(public_id: str, document_id: str, file_id: str) -> ResponseReturnValue:
    """Take a file back before the dossier is sent."""
    actor = the_actor()
    with transaction():
        dossier = _draft(public_id, actor, lock=True)
        line = _line(dossier, document_id)
        file = next((f for f in line.document.live_files if f.public_id == file_id), None)
        if file is None:
            raise NotFound
        documents.withdraw_file(file, by=actor, at=clock.now())
        line.document.is_present = bool(line.document.live_files)
        drafts.touch(dossier, clock.now())
        here = url_for("citizen.paper", public_id=public_id, document_id=document_id)
        return keep(htmx.go(here))


def _draft(public_id: str, actor: Actor, *, lock: bool = False) -> Dossier:
    try:
        return drafts.get_draft(public_id, for_=actor, channel=Channel.ONLINE, lock=lock)
    except NotFound:
        queries.get_dossier(public_id, for_=actor)
        raise Conflict(_("Hồ sơ này đã được gửi nên không đổi tệp được nữa.")) from None


def _line(dossier: Dossier, document_id: str) -> drafts.PaperLine:
    line = next((p for p in drafts.papers(dossier) if p.document.public_id == document_id), None)
    if line is None or line.need == "covered":
        raise NotFound
    return line


def _paper(dossier: Dossier, line: drafts.PaperLine, form: FilesForm) -> str:
    settings = current_app.config["SETTINGS"]
    from_check = request.values.get("ve") == "kiem-tra"
    back = "citizen.check" if from_check else "citizen.draft"
    return render_template(
        "dossiers/citizen/paper.html",
        dossier=dossier,
        line=line,
        document=line.document,
        form=form,
        accept=ACCEPT,
        limits=messages.limits_hint(settings.max_upload_mb),
        max_bytes=settings.max_upload_bytes,
        back=url_for(back, public_id=dossier.public_id),
        from_check=from_check,
    )
