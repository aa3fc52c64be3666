"""The way in and out: sign-in, second factor, shield, roles, display."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import (
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import htmx
from portal.access import Role, current_actor, the_actor
from portal.accounts import passwords, resume, services, sessions, throttle, totp
from portal.accounts.forms import SecondFactorForm, SignInForm, UnlockForm
from portal.accounts.models import Membership, User
from portal.audit.services import record
from portal.db import transaction
from portal.errors import Forbidden
from portal.extensions import db

HOME: dict[Role, str] = {}
SIZES = ("small", "normal", "large")


def home() -> ResponseReturnValue:
    """The front page."""
    return render_template("home/index.html")


def sign_in() -> ResponseReturnValue:
    """The sign-in form."""
    form = SignInForm(formdata=None, data={"next": resume.safe_next(request.args.get("next"))})
    return render_template("accounts/sign_in.html", form=form)


def sign_in_post() -> ResponseReturnValue:
    """Check the password; staff outside the demo go on to the second factor."""
    form = SignInForm()
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form), 422
    user = services.check_password(
        form.email.data or "", form.password.data or "", request.remote_addr or ""
    )
    if user is None:
        with transaction():
            record("account:sign_in_failed", "visitor", by=None)
        form.password.errors = [_("Thư điện tử hoặc mật khẩu chưa đúng.")]
        return render_template("accounts/sign_in.html", form=form), 422
    if services.needs_second_factor(user, demo=current_app.config["SETTINGS"].demo):
        totp.remember(user, form.next.data, form.resume_path.data, form.resume_fields.data)
        return redirect(url_for("accounts.second_factor"), 303)
    return _enter(user, form.next.data, form.resume_path.data, form.resume_fields.data)


def second_factor() -> ResponseReturnValue:
    """Ask for the code of the authenticator."""
    return _second_factor_page(SecondFactorForm(formdata=None))


def second_factor_post() -> ResponseReturnValue:
    """Check the code; a code opens the door once."""
    waiting = totp.waiting()
    if waiting is None:
        return redirect(url_for("accounts.sign_in"), 303)
    form = SecondFactorForm()
    throttle.spend(f"code:{waiting.user.id}", most=services.TRIES_PER_MINUTE, seconds=300)
    user_id = waiting.user.id
    with transaction() as write:
        user = write.get_one(User, user_id)
        if not user.totp_secret:
            user.totp_secret = totp.new_secret()
        is_right = form.validate() and services.use_totp(user, form.code.data or "")
        if not is_right:
            write.rollback()
    if not is_right:
        form.code.errors = [_("Mã chưa đúng hoặc đã dùng. Ông/Bà nhập mã đang hiện.")]
        return _second_factor_page(form, 422)
    throttle.forgive(f"code:{user_id}")
    totp.forget()
    return _enter(waiting.user, waiting.next, waiting.resume_path, waiting.resume_fields)


def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    actor = current_actor()
    if actor is not None:
        with transaction():
            sessions.end_session(actor.session_id)
            record("account:sign_out", "session", by=actor)
    session.clear()
    return sessions.take_cookie(make_response(redirect(url_for("home"), 303)))


def lock() -> ResponseReturnValue:
    """Put the shield up."""
    actor = the_actor()
    with transaction():
        sessions.lock(actor.session_id)
    next_path = resume.safe_next(request.form.get("next"))
    return redirect(next_path, 303)


def ask_to_unlock() -> ResponseReturnValue:
    """The shield: who is behind it, and the password field; a sent form waits inside."""
    form = UnlockForm(formdata=None, data=_what_was_wanted())
    return _whole_page(render_template("accounts/locked.html", form=form), 403)


def unlock() -> ResponseReturnValue:
    """Take the shield down for the person whose work it is."""
    actor = the_actor()
    form = UnlockForm()
    throttle.spend(f"unlock:{actor.session_id}", most=services.TRIES_PER_MINUTE, seconds=60)
    user = db.session.get_one(User, actor.user_id)
    if not form.validate() or not passwords.is_right(form.password.data or "", user.password_hash):
        form.password.errors = [_("Mật khẩu chưa đúng.")]
        return render_template("accounts/locked.html", form=form), 422
    with transaction():
        sessions.unlock(actor.session_id)
        record("account:unlock", "session", by=actor)
    return _go_on(form.next.data, form.resume_path.data, form.resume_fields.data)


def roles() -> ResponseReturnValue:
    """The roles this person holds, to choose the one to work in."""
    user = db.session.get_one(User, the_actor().user_id)
    memberships = [m for m in user.memberships if m.is_active]
    return render_template("accounts/roles.html", memberships=memberships)


def take_role() -> ResponseReturnValue:
    """Go on working in another role; the old session ends."""
    actor = the_actor()
    wanted = db.session.get(Membership, request.form.get("membership", type=int) or 0)
    if wanted is None or wanted.user_id != actor.user_id or not wanted.is_active:
        raise Forbidden
    wanted_id = wanted.id
    with transaction() as write:
        sessions.end_session(actor.session_id)
        membership = write.get_one(Membership, wanted_id)
        token = sessions.open_session(membership.user, membership)
        record("account:take_role", membership.user, by=actor, role_taken=membership.role.value)
        home_of = HOME.get(membership.role, "home")
    return sessions.give_cookie(make_response(redirect(url_for(home_of), 303)), token)


def set_display() -> ResponseReturnValue:
    """Letter size and contrast, kept in a cookie for a year; no account needed."""
    response = make_response(redirect(resume.safe_next(request.form.get("next")), 303))
    size = request.form.get("size")
    contrast = request.form.get("contrast")
    for name, value, known in (
        ("display_size", size, SIZES),
        ("display_contrast", contrast, ("0", "1")),
    ):
        if value is not None and value in known:
            response.set_cookie(
                name,
                value,
                max_age=365 * 86400,
                samesite="Lax",
                httponly=True,
                secure=current_app.config["SESSION_COOKIE_SECURE"],
            )
    return response


def ask_to_sign_in() -> ResponseReturnValue:
    """A closed door: sign in first; a form that was sent comes along, word for word."""
    if request.method != "POST" and not htmx.wanted():
        return redirect(url_for("accounts.sign_in", next=_here()), 303)
    form = SignInForm(formdata=None, data=_what_was_wanted())
    return _whole_page(render_template("accounts/sign_in.html", form=form, ended=True), 401)


def came_from_here() -> bool:
    """Whether the browser itself says that the form was sent from a page of ours."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    own = urlsplit(current_app.config["SETTINGS"].public_url).netloc
    return urlsplit(request.headers.get("Origin", "")).netloc == own


def offer_to_continue() -> ResponseReturnValue:
    """The form's token was too old: show it again, to be sent with a new one."""
    page = _continue_page(request.full_path.rstrip("?"), resume.carried())
    return _whole_page(page, 400)


def _second_factor_page(form: SecondFactorForm, status: int = 200) -> ResponseReturnValue:
    waiting = totp.waiting()
    if waiting is None:
        return redirect(url_for("accounts.sign_in"), 303)
    enrolment = totp.enrolment(waiting.user)
    return render_template("accounts/second_factor.html", form=form, enrolment=enrolment), status


def _enter(
    user: User, next_path: str | None, resume_path: str | None, resume_fields: str | None
) -> ResponseReturnValue:
    user_id = user.id
    with transaction() as write:
        user = write.get_one(User, user_id)
        membership = services.first_membership(user)
        token = sessions.open_session(user, membership)
        record("account:sign_in", user, by=None)
        role = membership.role if membership else Role.CITIZEN
    session.clear()
    default = url_for(HOME.get(role, "home"))
    answer = _go_on(next_path, resume_path, resume_fields, default)
    return sessions.give_cookie(make_response(answer), token)


def _go_on(
    next_path: str | None,
    resume_path: str | None,
    resume_fields: str | None,
    default: str = "/",
) -> ResponseReturnValue:
    if resume.is_postable(resume_path):
        return _continue_page(resume_path or "", resume_fields or "")
    wanted = resume.safe_next(next_path, default)
    return redirect(default if wanted == "/" else wanted, 303)


def _continue_page(path: str, fields: str) -> str:
    return render_template("accounts/continue.html", path=path, fields=resume.read(fields))


def _what_was_wanted() -> dict[str, str]:
    if request.method != "POST":
        return {"next": _here()}
    return {
        "next": "",
        "resume_path": request.full_path.rstrip("?"),
        "resume_fields": resume.carried(),
    }


def _here() -> str:
    return request.full_path.rstrip("?")


def _whole_page(page: str, status: int) -> ResponseReturnValue:
    response = make_response(page, status)
    if htmx.wanted():
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response
