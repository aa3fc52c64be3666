"""A citizen has his data erased: what goes, what stays and why, his password once more."""

from __future__ import annotations

from flask import make_response, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField
from wtforms.validators import InputRequired

from portal import clock, htmx, retention
from portal.access import the_actor
from portal.accounts import services as accounts
from portal.accounts import sessions
from portal.accounts.models import User
from portal.db import transaction
from portal.door_form import DoorForm
from portal.dossiers import leaving
from portal.dossiers.turns import turn_of
from portal.errors import Conflict
from portal.extensions import db
from portal.idempotency import keep


class LeaveForm(DoorForm):
    """Nobody does this by mistake, or at a browser left open."""

    is_sure = BooleanField(
        _l("Tôi hiểu rằng không lấy lại được"),
        [InputRequired(_l("Đánh dấu vào ô này nếu Ông/Bà muốn xoá dữ liệu."))],
    )
    password = PasswordField(
        _l("Mật khẩu của Ông/Bà"),
        [InputRequired(_l("Nhập mật khẩu để xác nhận chính Ông/Bà yêu cầu."))],
        render_kw={"autocomplete": "current-password"},
    )


def ask() -> ResponseReturnValue:
    """What is erased, what is kept, what stands against it."""
    return _page(LeaveForm(formdata=None))


def leave() -> ResponseReturnValue:
    """Erase it, sign out everywhere, and say so."""
    actor = the_actor()
    form = LeaveForm()
    if form.validate() and not accounts.is_still(actor.user_id, form.password.data or ""):
        form.password.errors = [_("Mật khẩu chưa đúng.")]
        with transaction():
            accounts.note_failure(actor.email, "erase")
            return keep(make_response(_page(form), 422))
    if form.errors:
        return _page(form), 422
    try:
        with transaction():
            leaving.leave(actor.user_id, by=actor, at=clock.now())
            response = keep(htmx.go(url_for("accounts.left")))
    except Conflict as barrier:
        return _page(form, str(barrier.sentence)), 409
    session.clear()
    return sessions.take_cookie(response)


def _page(form: LeaveForm, barrier: str = "") -> str:
    user = db.session.get_one(User, the_actor().user_id)
    return render_template(
        "dossiers/citizen/leave.html",
        form=form,
        barrier=barrier,
        plan=leaving.plan_for(user),
        turn_of=turn_of,
        duties=retention.duties(clock.today()),
    )
