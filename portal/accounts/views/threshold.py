"""What meets people at a closed door: sign in, unlock, or go on with what they had sent."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal import htmx
from portal.accounts import resume
from portal.accounts.forms import SignInForm, UnlockForm
from portal.accounts.models import ParkedForm

ENDED = _l(
    "Phiên làm việc đã hết. Nội dung đang nhập vẫn còn trên trang này: bấm nút gửi của trang"
    " rồi đăng nhập lại để tiếp tục."
)


def ask_to_sign_in(kept: str = "", *, is_anothers: bool = False) -> ResponseReturnValue:
    """A closed door: sign in first; a form that was sent waits for its own person."""
    if request.method != "POST" and not htmx.wanted():
        return redirect(url_for("accounts.sign_in", next=resume.here()), 303)
    if htmx.is_aside():
        return htmx.tell(str(ENDED), 401, "ended")
    form = SignInForm(formdata=None, data=_what_was_wanted(kept))
    page = render_template("accounts/sign_in.html", form=form, ended=True, is_anothers=is_anothers)
    return htmx.whole_page(page, 401)


def ask_to_unlock(kept: str = "") -> ResponseReturnValue:
    """The shield: who is behind it, and the password field; a sent form waits elsewhere.

    A page that asked by itself, or sent a form by htmx, is covered: it keeps what stands in it.
    """
    form = UnlockForm(formdata=None, data=_what_was_wanted(kept))
    if htmx.wanted():
        return htmx.cover(render_template("accounts/_shield.html", form=form), 403)
    return make_response(render_template("accounts/locked.html", form=form), 403)


def way_on(next_path: str | None, form: ParkedForm | None, default: str) -> ResponseReturnValue:
    """Where somebody goes who has just come in: on with the form, or to the page wanted."""
    if form is not None:
        return redirect(url_for("accounts.go_on", public_id=form.public_id), 303)
    wanted = resume.safe_next(next_path, default)
    return redirect(default if wanted == "/" else wanted, 303)


def _what_was_wanted(kept: str) -> dict[str, str]:
    """The page to go back to, or the name of the form that waits."""
    if request.method == "POST":
        return {"next": "", "resume": kept}
    return {"next": resume.here()}
