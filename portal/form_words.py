"""What a form is called and what its fields ask, known from its address alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException
from wtforms import BooleanField, Form
from wtforms.fields.choices import SelectChoice

from portal import clock, idempotency
from portal.access import Actor
from portal.directory import queries as directory
from portal.dossiers import drafts
from portal.dossiers import queries as dossiers
from portal.dossiers.application import Application, Question
from portal.dossiers.application_forms import PROVINCE
from portal.dossiers.models.dossier import Channel
from portal.dossiers.views.step_page import Step
from portal.errors import NotFound
from portal.postal import pickup_form
from portal.postal.forms import PaperForm

TITLES = {
    "citizen.start": _l("Bắt đầu hồ sơ"),
    "citizen.save_page": _l("Tờ khai"),
    "citizen.add_files": _l("Thêm tệp vào giấy tờ"),
    "citizen.remove_file": _l("Bỏ một tệp"),
    "citizen.send": _l("Gửi hồ sơ"),
    "citizen.withdraw_post": _l("Rút hồ sơ"),
    "citizen.supplement_post": _l("Bổ sung hồ sơ"),
    "citizen.pickup_start": _l("Hẹn bưu tá đến lấy giấy tờ"),
    "citizen.save_pickup_page": _l("Hẹn bưu tá đến lấy giấy tờ"),
    "citizen.pickup_send": _l("Gửi lịch hẹn bưu tá"),
    "citizen.pickup_change": _l("Đổi lịch hẹn bưu tá"),
    "citizen.pickup_cancel": _l("Huỷ lịch hẹn bưu tá"),
    "office.claim": _l("Nhận xử lý"),
    "office.release": _l("Trả lại phòng"),
    "office.sign_handover": _l("Ký nhận bàn giao"),
    "post.claim": _l("Nhận hồ sơ tại quầy"),
    "post.walk_in_post": _l("Lập hồ sơ tại quầy"),
    "post.tally_post": _l("Kiểm đếm và niêm phong"),
    "post.add_paper": _l("Thêm giấy tờ"),
    "post.drop_scan": _l("Bỏ một tệp quét"),
    "post.unseal": _l("Mở niêm phong"),
    "post.propose": _l("Lập bàn giao"),
    "post.void_handover": _l("Huỷ bàn giao"),
    "post.deliver": _l("Phát kết quả"),
    "post.fail": _l("Báo không phát được"),
    "post.send_back": _l("Chuyển hoàn"),
}
# What a page puts in by itself, and the button that was pressed; nobody typed it.
FRAME = frozenset({idempotency.FIELD, "version", "action", "ve"})
TICKED = frozenset({"y", "1", "on"})

# By the name of a field: the words beside it, and those of its choices.
Known = dict[str, tuple[str, dict[str, str]]]


def title_of(path: str) -> str:
    """What is done with the form that is sent to `path`."""
    name, view, _values = _door(path)
    page = getattr(view, "__self__", None)
    if isinstance(page, Step):
        return page.verb.label
    return str(TITLES.get(name, _("Biểu mẫu ở trang %(path)s", path=urlsplit(path).path)))


def code_of(path: str, actor: Actor) -> str:
    """The code of the dossier the form is about, where this person may see that dossier."""
    public_id = _door(path)[2].get("public_id")
    if public_id is None:
        return ""
    try:
        return dossiers.get_dossier(public_id, for_=actor).code or ""
    except NotFound:
        return ""


def lines_of(
    path: str, fields: list[tuple[str, str]], actor: Actor | None
) -> list[tuple[str, str]]:
    """Everything that will be sent, each with the words beside its field where they are known."""
    name, view, values = _door(path)
    known = _labels(view)
    if actor is not None:
        known |= _asked_there(name, values, actor)
    lines = []
    for field, value in fields:
        if field not in FRAME and value.strip():
            label, choices = known.get(field, (field, {}))
            lines.append((label, choices.get(value) or _place(field, value, known) or value))
    return lines


def _place(field: str, value: str, known: Known) -> str:
    """A commune or province goes by its code, which nobody knows by heart."""
    if field.removesuffix(PROVINCE) + PROVINCE not in known:
        return ""
    unit = directory.unit(value)
    return unit.name if unit else ""


def _asked_there(name: str, values: dict[str, Any], actor: Actor) -> Known:
    """The words of a page whose questions only its dossier knows, if it is still his."""
    asks = ASKS.get(name)
    try:
        return asks(values, actor) if asks else {}
    except NotFound:
        return {}


def _declaration(values: dict[str, Any], actor: Actor) -> Known:
    draft = drafts.get_draft(values["public_id"], for_=actor, channel=Channel.ONLINE)
    return _questions(drafts.application_of(draft.procedure_version))


def _pickup(values: dict[str, Any], actor: Actor) -> Known:
    draft = drafts.get_draft(values["public_id"], for_=actor, channel=Channel.POST)
    return _questions(pickup_form.application(draft.procedure_version, clock.today()))


def _questions(application: Application) -> Known:
    known = {}
    for question in application.questions.values():
        known[question.name] = (question.label, _answers(question))
        if question.kind == "commune":
            known[question.name + PROVINCE] = (_("Tỉnh, thành phố"), {})
    return known


def _answers(question: Question) -> dict[str, str]:
    if question.kind == "checkbox":
        return dict.fromkeys(TICKED, _("Có"))
    return dict(question.options)


def _tally(values: dict[str, Any], actor: Actor) -> Known:
    """Each paper of the dossier has a row of its own, told apart by what stands before the name."""
    dossier = dossiers.get_dossier(values["public_id"], for_=actor)
    row = _words(PaperForm)
    pressed = {"save": _("Lưu kiểm đếm"), "seal": _("Lưu và niêm phong")}
    return {"act": (_("Việc sẽ làm"), pressed)} | {
        f"{document.public_id}-{field}": (f"{document.title}: {label}", choices)
        for document in dossier.documents
        for field, (label, choices) in row.items()
    }


ASKS: dict[str, Callable[[dict[str, Any], Actor], Known]] = {
    "citizen.save_page": _declaration,
    "citizen.save_pickup_page": _pickup,
    "post.tally_post": _tally,
}


def _door(path: str) -> tuple[str, Any, dict[str, Any]]:
    try:
        found = current_app.url_map.bind("").match(urlsplit(path).path, method="POST")
    except HTTPException:
        return "", None, {}
    name, values = found
    return str(name), getattr(current_app.view_functions[name], "__wrapped__", None), dict(values)


def _labels(view: Any) -> Known:
    """By field: its label, and the words of its choices. Two forms may disagree: then neither."""
    known: Known = {}
    unsure = set()
    for form in _forms_of(view):
        for name, words in _words(form).items():
            if known.setdefault(name, words) != words:
                unsure.add(name)
    return {name: words for name, words in known.items() if name not in unsure}


def _words(form: type[Form]) -> Known:
    """The fields of one form that have a label."""
    return {
        name: (_label(field), _choices(field))
        for name, field in vars(form).items()
        if hasattr(field, "field_class") and _label(field)
    }


def _forms_of(view: Any) -> Iterator[type[Form]]:
    """The forms a view may read: a step's own, else those its module knows."""
    page = getattr(view, "__self__", None)
    if isinstance(page, Step):
        yield from _with_parents(page.form)
        return
    for found in getattr(view, "__globals__", {}).values():
        if isinstance(found, type) and issubclass(found, Form):
            yield from _with_parents(found)


def _with_parents(form: type[Form]) -> Iterator[type[Form]]:
    yield from (one for one in form.__mro__ if issubclass(one, Form))


def _label(field: Any) -> str:
    return str(field.args[0] if field.args else field.kwargs.get("label", ""))


def _choices(field: Any) -> dict[str, str]:
    if issubclass(field.field_class, BooleanField):
        return dict.fromkeys(TICKED, _("Có"))
    choices = field.kwargs.get("choices")
    if not isinstance(choices, list | tuple):
        return {}
    pairs = [(one.value, one.label) if isinstance(one, SelectChoice) else one for one in choices]
    return {str(pair[0]): str(pair[1]) for pair in pairs if isinstance(pair, tuple) and pair}
