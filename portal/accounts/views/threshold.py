"""What meets people at a closed door: sign in, unlock, or go on with what they had sent."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from portal import htmx, security
from portal.accounts import resume
from portal.accounts.forms import SignInForm, UnlockForm
from portal.extensions import csrf


def ask_to_sign_in() -> ResponseReturnValue:
    """A closed door: sign in first; a form that was sent comes along, word for word."""
    if request.method != "POST" and not htmx.wanted():
        return redirect(url_for("accounts.sign_in", next=_here()), 303)
    form = SignInForm(formdata=None, data=_what_was_wanted())
    page = render_template("accounts/sign_in.html", form=form, ended=True)
    return whole_page(page, 401)


def ask_to_unlock() -> ResponseReturnValue:
    """The shield: who is behind it, and the password field; a sent form waits inside."""
    form = UnlockForm(formdata=None, data=_what_was_wanted())
    return whole_page(render_template("accounts/locked.html", form=form), 403)


def offer_to_continue() -> ResponseReturnValue:
    """The form's token was too old: show it again, to be sent with a new one."""
    return whole_page(continue_page(_here(), resume.carried()), 400)


def go_on(
    next_path: str | None,
    resume_path: str | None,
    resume_fields: str | None,
    default: str = "/",
) -> ResponseReturnValue:
    """Where somebody goes who has just come in: on with the form, or to the page wanted."""
    if resume.is_postable(resume_path):
        return continue_page(resume_path or "", resume_fields or "")
    wanted = resume.safe_next(next_path, default)
    return redirect(default if wanted == "/" else wanted, 303)


def continue_page(path: str, fields: str) -> str:
    """Everything that was typed, and one button that sends it."""
    return render_template("accounts/continue.html", path=path, fields=resume.read(fields))


def whole_page(page: str, status: int) -> ResponseReturnValue:
    """A page in answer to whatever was asked for, a fragment too."""
    response = make_response(page, status)
    if htmx.wanted():
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _what_was_wanted() -> dict[str, str]:
    """The page to go back to, or the form to send again.

    A form is only taken along when it came from a page of ours: otherwise another site could lay
    one down here, to be sent in the name of whoever signs in next.
    """
    if request.method != "POST":
        return {"next": _page_wanted()}
    if not _is_form_of_ours():
        return {"next": ""}
    return {"next": "", "resume_path": _here(), "resume_fields": resume.carried()}


def _is_form_of_ours() -> bool:
    if security.comes_from_here():
        return True
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


def _page_wanted() -> str:
    if not htmx.wanted():
        return _here()
    return resume.page_of_fragment(request.headers.get("HX-Current-URL"), "/")


def _here() -> str:
    return request.full_path.rstrip("?")
