"""What a form is called and what its fields ask, known from its address alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException
from wtforms import Form

from portal import idempotency
from portal.access import Actor
from portal.dossiers import queries as dossiers
from portal.dossiers.views.step_page import Step
from portal.errors import NotFound

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
# What a page puts in by itself; nobody typed it.
FRAME = frozenset({idempotency.FIELD, "version"})


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


def lines_of(path: str, fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Everything that will be sent, each with the words beside its field where they are known."""
    known = _labels(_door(path)[1])
    lines = []
    for name, value in fields:
        if name not in FRAME and value.strip():
            label, choices = known.get(name, (name, {}))
            lines.append((label, choices.get(value, value)))
    return lines


def _door(path: str) -> tuple[str, Any, dict[str, Any]]:
    try:
        found = current_app.url_map.bind("").match(urlsplit(path).path, method="POST")
    except HTTPException:
        return "", None, {}
    name, values = found
    return str(name), getattr(current_app.view_functions[name], "__wrapped__", None), dict(values)


def _labels(view: Any) -> dict[str, tuple[str, dict[str, str]]]:
    """By field: its label, and the words of its choices. Two forms may disagree: then neither."""
    known: dict[str, tuple[str, dict[str, str]]] = {}
    unsure = set()
    for form in _forms_of(view):
        for name, field in vars(form).items():
            if not hasattr(field, "field_class"):
                continue
            words = (_label(field), _choices(field))
            if words[0] and known.setdefault(name, words) != words:
                unsure.add(name)
    return {name: words for name, words in known.items() if name not in unsure}


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
    choices = field.kwargs.get("choices")
    if not isinstance(choices, list | tuple):
        return {}
    return {str(one[0]): str(one[1]) for one in choices if isinstance(one, tuple) and one}
