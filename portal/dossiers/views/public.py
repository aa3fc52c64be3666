"""Open to everyone: a procedure and its three ways, looking up a dossier, verifying a paper."""

from __future__ import annotations

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal import clock, verification
from portal.access import Role, current_actor
from portal.accounts import throttle
from portal.catalogue import queries as catalogue
from portal.catalogue import wording
from portal.db import transaction
from portal.door_form import DoorForm
from portal.dossiers import custody, drafts, public_history, queries
from portal.dossiers.models.dossier import Channel, Dossier
from portal.dossiers.turns import turn_of
from portal.dossiers.ways import ways_in
from portal.errors import NotFound

TRIES_BY_ADDRESS = 20
TRIES_BY_CODE = 10
WINDOW_SECONDS = 300
PAPER_KINDS = {
    "acknowledgement": _l("Giấy xác nhận đã gửi"),
    "posting_slip": _l("Phiếu gửi hồ sơ"),
    "handover_record": _l("Biên bản giao nhận hồ sơ"),
    "receipt": _l("Giấy tiếp nhận hồ sơ và hẹn trả kết quả"),
    "supplement_request": _l("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"),
    "refusal": _l("Phiếu từ chối tiếp nhận giải quyết hồ sơ"),
    "stop_notice": _l("Thông báo dừng giải quyết hồ sơ"),
    "control_sheet": _l("Phiếu kiểm soát quá trình giải quyết hồ sơ"),
    "delivery_slip": _l("Phiếu phát kết quả"),
    "cover_sheet": _l("Tờ bìa hồ sơ"),
}


class LookUpForm(DoorForm):
    """The code of a dossier and the key printed beside it."""

    code = StringField(
        _l("Mã hồ sơ"),
        [InputRequired(_l("Nhập mã hồ sơ ghi trên giấy.")), Length(max=60)],
        description=_l("Ví dụ H32.10-261122-0007; chữ thường hay có dấu cách đều được"),
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"},
    )
    key = StringField(
        _l("Khoá tra cứu"),
        [InputRequired(_l("Nhập khoá tra cứu gồm 6 ký tự.")), Length(max=20)],
        description=_l("6 ký tự ghi ngay cạnh mã hồ sơ"),
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"},
    )


def show(code: str) -> ResponseReturnValue:
    """One procedure: for whom, which papers, what it costs, and the three ways to hand it in."""
    version = catalogue.in_force(code)
    if version is None:
        raise NotFound(_("Không có thủ tục này trong danh mục, hoặc thủ tục chưa có hiệu lực."))
    actor = current_actor()
    draft = pickup = None
    if actor is not None and actor.role is Role.CITIZEN:
        draft = drafts.find(actor, version.procedure_id, Channel.ONLINE)
        pickup = drafts.find(actor, version.procedure_id, Channel.POST)
    return render_template(
        "catalogue/public/show.html",
        version=version,
        procedure=version.procedure,
        ways=ways_in(version),
        draft=draft,
        pickup_draft=pickup,
        may_file=actor is None or actor.role is Role.CITIZEN,
        time=wording.time_of(version),
    )


def look_up() -> ResponseReturnValue:
    """The look-up form; the QR of a paper fills in the code, never the key."""
    form = LookUpForm(formdata=None, data={"code": request.args.get("ma", "")[:60]})
    return render_template("dossiers/public/look_up.html", form=form)


def look_up_post() -> ResponseReturnValue:
    """Where the dossier stands, for whoever holds code and key; all mistakes get one answer."""
    form = LookUpForm()
    if not form.validate():
        return render_template("dossiers/public/look_up.html", form=form), 422
    throttle.spend(f"look_up:{request.remote_addr}", most=TRIES_BY_ADDRESS, seconds=WINDOW_SECONDS)
    code = "".join((form.code.data or "").split()).upper()
    throttle.spend(f"look_up_code:{code[:60]}", most=TRIES_BY_CODE, seconds=WINDOW_SECONDS)
    with transaction():
        found = queries.look_up(form.code.data or "", form.key.data or "")
        page = _standing(found) if found is not None else None
    if page is None:
        form.key.errors = [_("Mã hồ sơ hoặc khoá tra cứu chưa đúng. Ông/Bà xem lại trên giấy.")]
        return render_template("dossiers/public/look_up.html", form=form), 422
    return make_response(page)


def _standing(dossier: Dossier) -> str:
    held = custody.now(dossier)
    return render_template(
        "dossiers/public/standing.html",
        custody=held,
        dossier=dossier,
        procedure=dossier.procedure_version.procedure,
        turn=turn_of(dossier, held),
        clock=queries.clock_of(dossier, clock.now()),
        history=public_history.lines(queries.timeline(dossier)),
    )


def verify() -> ResponseReturnValue:
    """Whether a paper came from here, by the seal in its QR."""
    token = request.args.get("ma", "").strip()
    paper = verification.check(token) if token else None
    return render_template(
        "dossiers/public/verify.html",
        token=token,
        paper=paper,
        kind=PAPER_KINDS.get(paper.kind, _("Giấy tờ của cổng")) if paper else "",
    )
