"""The way in and out: sign-in, second factor, shield, roles, display."""

from __future__ import annotations

from flask import current_app, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import htmx
from portal.access import Role, current_actor, the_actor
from portal.accounts import resume, services, sessions, totp
from portal.accounts.forms import CarryingForm, SecondFactorForm, SignInForm, UnlockForm
from portal.accounts.models import Membership, ParkedForm, User
from portal.accounts.views.threshold import way_on
from portal.audit.services import record
from portal.db import transaction
from portal.errors import Conflict, Forbidden, Invalid
from portal.extensions import db

HOME: dict[Role, str] = {}
SIZES = ("small", "normal", "large")


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
            services.note_failure(form.email.data or "", "password")
        form.password.errors = [_("Thư điện tử hoặc mật khẩu chưa đúng.")]
        return render_template("accounts/sign_in.html", form=form), 422
    if services.needs_second_factor(user, demo=current_app.config["SETTINGS"].demo):
        totp.remember(user, form.next.data)
        if form.resume.data:
            return _second_factor_page(SecondFactorForm(formdata=None, data=_carried_by(form)))
        return redirect(url_for("accounts.second_factor"), 303)
    return _enter(user.id, form)


def second_factor() -> ResponseReturnValue:
    """Ask for the code of the authenticator."""
    return _second_factor_page(SecondFactorForm(formdata=None))


def second_factor_post() -> ResponseReturnValue:
    """Check the code; a code opens the door once."""
    form = SecondFactorForm()
    waiting = totp.waiting()
    if waiting is None:
        return _start_again(form)
    if not form.validate():
        return _second_factor_page(form, 422)
    services.spend_code_try(waiting.user_id)
    try:
        with transaction():
            services.prove_second_factor(
                waiting.user_id, form.code.data or "", totp.new_secret(waiting)
            )
    except Invalid as wrong:
        with transaction():
            services.note_failure(waiting.email, "second_factor")
        form.code.errors = [wrong.sentence]
        return _second_factor_page(form, 422)
    services.forgive_code_tries(waiting.user_id)
    form.next.data = waiting.next
    return _enter(waiting.user_id, form)


def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    actor = current_actor()
    if actor is not None:
        with transaction():
            sessions.end_session(actor.session_id)
            record("account:sign_out", "session", by=actor)
    session.clear()
    return sessions.take_cookie(make_response(redirect(url_for("home"), 303)))


def left() -> ResponseReturnValue:
    """The data of somebody is erased; who it was, this page does not know."""
    return render_template("accounts/left.html")


def lock() -> ResponseReturnValue:
    """Put the shield up."""
    actor = the_actor()
    with transaction():
        sessions.lock(actor.session_id)
        record("account:lock", "session", by=actor)
    return redirect(_back(), 303)


def unlock() -> ResponseReturnValue:
    """Take the shield down for the person whose work it is."""
    actor = the_actor()
    form = UnlockForm()
    if form.validate() and not services.is_still(actor.user_id, form.password.data or ""):
        with transaction():
            services.note_failure(actor.email, "unlock")
        form.password.errors = [_("Mật khẩu chưa đúng.")]
    if form.errors:
        page = "accounts/_shield.html" if htmx.is_aside() else "accounts/locked.html"
        return render_template(page, form=form), 422
    with transaction():
        sessions.unlock(actor.session_id)
        record("account:unlock", "session", by=actor)
    if htmx.is_aside():
        return htmx.tell("", 200, "unlocked")
    return _go_on(form, actor.user_id, actor.role)


def roles() -> ResponseReturnValue:
    """The roles this person holds, to choose the one to work in."""
    return render_template("accounts/roles.html", memberships=_roles_held())


def take_role() -> ResponseReturnValue:
    """Go on working in another role; the old session ends, its twelve hours do not start anew."""
    actor = the_actor()
    chosen = request.form.get("membership", "")
    wanted_id = next((m.id for m in _roles_held() if str(m.id) == chosen), None)
    if wanted_id is None:
        raise Forbidden
    with transaction() as write:
        since = sessions.signed_in_at(actor.session_id)
        if not sessions.end_session(actor.session_id):
            raise Conflict(_("Vai trò vừa được đổi ở một cửa sổ khác. Ông/Bà tải lại trang."))
        membership = write.get_one(Membership, wanted_id)
        token = sessions.open_session(membership.user, membership, since=since)
        record("account:take_role", membership.user, by=actor, role_taken=membership.role.value)
        role = membership.role
    form = resume.waiting(request.form.get("resume"), actor.user_id)
    return sessions.give_cookie(make_response(way_on(None, form, _home_of(role))), token)


def set_display() -> ResponseReturnValue:
    """Letter size and contrast, kept in a cookie for a year; no account needed."""
    response = make_response(redirect(_back(), 303))
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


def _second_factor_page(form: SecondFactorForm, status: int = 200) -> ResponseReturnValue:
    waiting = totp.waiting()
    if waiting is None:
        return redirect(url_for("accounts.sign_in"), 303)
    enrolment = totp.enrolment(waiting)
    return render_template("accounts/second_factor.html", form=form, enrolment=enrolment), status


def _start_again(form: CarryingForm) -> ResponseReturnValue:
    """The five minutes between password and code are over; what was typed before them is not."""
    again = SignInForm(formdata=None, data=_carried_by(form))
    return render_template("accounts/sign_in.html", form=again, too_late=True), 401


def _enter(user_id: int, form: CarryingForm) -> ResponseReturnValue:
    """Open a session of its own for this sign-in; whatever this browser held before ends."""
    before = current_actor()
    with transaction() as write:
        if before is not None:
            sessions.end_session(before.session_id)
        user = write.get_one(User, user_id)
        membership = _membership_for(user, resume.waiting(form.resume.data, user_id))
        token = sessions.open_session(user, membership)
        record("account:sign_in", user, by=None, role_taken=membership.role.value)
        role = membership.role
    session.clear()
    return sessions.give_cookie(make_response(_go_on(form, user_id, role)), token)


def _membership_for(user: User, form: ParkedForm | None) -> Membership:
    """The role in which the form was typed that waits for this person; else the first one."""
    if form is not None and form.membership.is_active:
        return form.membership
    membership = services.first_membership(user)
    if membership is None:
        raise Forbidden
    return membership


def _go_on(form: CarryingForm, user_id: int, role: Role) -> ResponseReturnValue:
    """Somebody else than the form's own person just comes in, and learns nothing of it."""
    waiting = resume.waiting(form.resume.data, user_id)
    return way_on(form.next.data, waiting, _home_of(role))


def _carried_by(form: CarryingForm) -> dict[str, str | None]:
    return {
        "next": form.next.data,
        "resume": form.resume.data,
    }


def _roles_held() -> list[Membership]:
    user = db.session.get_one(User, the_actor().user_id)
    return [membership for membership in user.memberships if membership.is_active]


def _home_of(role: Role) -> str:
    return url_for(HOME.get(role, "home"))


def _back() -> str:
    """The page a form in the frame stood on; not all addresses can be read (a refused form's)."""
    path = resume.safe_next(request.form.get("next"))
    return path if resume.takes(path, "GET") else "/"
