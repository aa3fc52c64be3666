"""The archive opens a sealed dossier: by its code, with a reason that is written down."""

from __future__ import annotations

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from portal.access import Actor, the_actor
from portal.audit.services import record
from portal.db import transaction
from portal.documents.models import DocumentFile
from portal.documents.serving import served
from portal.documents.store import open_object
from portal.documents.virus import must_be_open
from portal.door_form import DoorForm
from portal.dossiers import drafts, queries, review, sealing
from portal.dossiers.sealing import Opened
from portal.errors import NotFound
from vietnam import dossier_code

PAGE = "dossiers/officer/sealed.html"


class OpenForm(DoorForm):
    """Which dossier, and why it is opened."""

    code = StringField(_l("Mã hồ sơ"), [DataRequired(_l("Nhập mã hồ sơ.")), Length(max=40)])
    reason = TextAreaField(
        _l("Lý do mở"),
        [
            DataRequired(_l("Ghi lý do mở; lý do được lưu vào nhật ký.")),
            Length(max=300, message=_l("Lý do dài quá 300 ký tự.")),
        ],
        description=_l("Ví dụ số văn bản yêu cầu. Không ghi tên, số định danh của người dân."),
    )

    def validate_code(self, field: StringField) -> None:
        """A code of ours."""
        if dossier_code.parse(field.data) is None:
            raise ValidationError(_l("Nhập mã như trên giấy tiếp nhận, ví dụ H32.10-260316-0007."))


def ask() -> ResponseReturnValue:
    """The empty form."""
    return render_template(PAGE, form=OpenForm(formdata=None), opened=None)


def open_one() -> ResponseReturnValue:
    """Everything of it, once the reason is in the log."""
    form = OpenForm()
    if not form.validate():
        return render_template(PAGE, form=form, opened=None), 422
    with transaction():
        opened = _found(form, the_actor())
        if opened is not None:
            _write_down("dossier:open_sealed", opened, opened.sealed.dossier, form)
    opened = _found(form, the_actor())
    if opened is None:
        form.code.errors = [_("Cơ quan không có hồ sơ niêm phong nào mang mã này.")]
        return render_template(PAGE, form=form, opened=None), 422
    return _page(form, opened)


def open_file() -> ResponseReturnValue:
    """A paper as it came, only to be saved; the reason is that of the dossier."""
    form = OpenForm()
    actor = the_actor()
    opened = _found(form, actor) if form.validate() else None
    files = _files(opened) if opened else []
    file = next((one for one in files if one.public_id == request.form.get("file")), None)
    if opened is None or file is None:
        raise NotFound
    name = opened.of("document_files", file.id).get("name") or "tep"
    content_type, key, digest = file.content_type, file.original_key, file.original_sha256
    must_be_open(file)
    data = open_object(key, digest)
    with transaction():
        again = _found(form, actor)
        if again is None:
            raise NotFound
        _write_down("file:open_original", again, file, form)
    return served(data, content_type, save_as=str(name))


def _found(form: OpenForm, actor: Actor) -> Opened | None:
    code = dossier_code.parse(form.code.data or "")
    return sealing.find(str(code), actor.place_id)


def _write_down(act: str, opened: Opened, subject: object, form: OpenForm) -> None:
    reason = (form.reason.data or "").strip()
    number = opened.sealed.dossier_id
    record(act, subject, by=the_actor(), dossier_id=number, reason=reason)


def _files(opened: Opened) -> list[DocumentFile]:
    return [file for paper in opened.sealed.dossier.documents for file in paper.live_files]


def _page(form: OpenForm, opened: Opened) -> Response:
    dossier = opened.sealed.dossier
    application = drafts.application_of(dossier.procedure_version)
    page = render_template(
        PAGE,
        form=form,
        opened=opened,
        dossier=dossier,
        facts=opened.of("dossiers", dossier.id),
        sections=review.sections(application, drafts.answers_of(dossier)),
        events=queries.timeline(dossier),
        files=_files(opened),
    )
    return make_response(page)
