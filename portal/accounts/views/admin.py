"""The desk of those who run the site: overview, accounts and their roles."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock, htmx
from portal.access import Role, the_actor
from portal.accounts import queries, services, staffing
from portal.accounts.forms import NewAccountForm, PasswordForm, ReasonForm, RoleForm
from portal.accounts.models import User
from portal.audit.standing import standing
from portal.backups import queries as backups
from portal.db import transaction
from portal.directory import queries as directory
from portal.directory.models import Organisation
from portal.door_form import DoorForm
from portal.errors import Invalid
from portal.idempotency import keep
from portal.jobs import queries as jobs
from portal.paging import newest_first


def overview() -> ResponseReturnValue:
    """What there is to run, and what waits for somebody; who only reads the log is led there."""
    if the_actor().role is Role.AUDITOR:
        return htmx.go(url_for("admin.audit"))
    active, disabled = queries.counts()
    now, copy = clock.now(), backups.last_finished()
    return render_template(
        "accounts/admin/overview.html",
        active=active,
        disabled=disabled,
        organisations=directory.every_organisation(),
        stuck=jobs.how_many_stuck(now),
        chain=standing(now),
        copy=copy,
        is_copy_overdue=backups.is_overdue(copy, now),
    )


def index() -> ResponseReturnValue:
    """Accounts, newest first."""
    text = request.args.get("tim", "").strip()[:120]
    role = _role(request.args.get("vai-tro", ""))
    page = newest_first(queries.search(text, role), User, dict(request.args))
    asked = {"tim": text, "vai-tro": role.value if role else ""}
    asked = {name: value for name, value in asked.items() if value}
    return render_template(
        "accounts/admin/index.html", page=page, asked=asked, text=text, role=role, roles=Role
    )


def new() -> ResponseReturnValue:
    """The form for a new account."""
    return _new_page(NewAccountForm(formdata=None))


def create() -> ResponseReturnValue:
    """Make an account with its first role."""
    form = NewAccountForm()
    if not form.validate():
        return _new_page(form), 422
    try:
        with transaction():
            user = _create(form)
            return keep(htmx.go(url_for("admin.user", public_id=user.public_id)))
    except Invalid as error:
        form[error.field].errors = [error.sentence]
        return _new_page(form), 422


def show(public_id: str) -> ResponseReturnValue:
    """One account: who it is, which roles it holds."""
    return _page(public_id)


def give_role(public_id: str) -> ResponseReturnValue:
    """Let the person work in one more role."""
    form = RoleForm()

    def give(user: User) -> None:
        role = Role(form.role.data)
        staffing.give_role(user, role, _place(form.organisation.data), by=the_actor())

    return _change(public_id, form, give, opened="role")


def lose_role(public_id: str, number: int) -> ResponseReturnValue:
    """Take one role away; it works no more from the next request on."""
    form = ReasonForm(prefix=f"role-{number}-")

    def lose(user: User) -> None:
        membership = queries.get_membership(user, number)
        staffing.lose_role(membership, form.reason.data or "", by=the_actor())

    return _change(public_id, form, lose, opened=f"role-{number}")


def disable(public_id: str) -> ResponseReturnValue:
    """Shut the person out, at once."""
    form = ReasonForm(prefix="disable-")

    def shut_out(user: User) -> None:
        staffing.disable(user, form.reason.data or "", by=the_actor())

    return _change(public_id, form, shut_out, opened="disable")


def enable(public_id: str) -> ResponseReturnValue:
    """Let the person in again."""
    with transaction():
        staffing.enable(queries.get_user(public_id, lock=True), by=the_actor())
        return keep(htmx.go(url_for("admin.user", public_id=public_id)))


def set_password(public_id: str) -> ResponseReturnValue:
    """Give a new password."""
    form = PasswordForm()

    def give(user: User) -> None:
        staffing.set_password(user, form.password.data or "", by=the_actor())

    return _change(public_id, form, give, opened="password")


def forget_second_factor(public_id: str) -> ResponseReturnValue:
    """The telephone is lost: the next sign-in enrols a new authenticator."""
    form = ReasonForm(prefix="second-factor-")

    def forget(user: User) -> None:
        staffing.forget_second_factor(user, form.reason.data or "", by=the_actor())

    return _change(public_id, form, forget, opened="second-factor")


def _create(form: NewAccountForm) -> User:
    role, place = Role(form.role.data), _place(form.organisation.data)
    staffing.check_place(role, place)
    if queries.is_taken(form.email.data or ""):
        raise Invalid("email", _("Thư điện tử này đã có tài khoản."))
    name, email = (form.name.data or "").strip(), form.email.data or ""
    return services.create(email, name, form.password.data or "", role, place, by=the_actor())


def _change(
    public_id: str, form: DoorForm, act: Callable[[User], None], opened: str
) -> ResponseReturnValue:
    """Do one thing to an account, or show its page with what was typed and what is wrong."""
    if not form.validate():
        return _page(public_id, form, opened), 422
    try:
        with transaction():
            act(queries.get_user(public_id, lock=True))
            return keep(htmx.go(url_for("admin.user", public_id=public_id)))
    except Invalid as error:
        form[error.field].errors = [error.sentence]
        return _page(public_id, form, opened), 422


def _page(public_id: str, sent: DoorForm | None = None, opened: str = "") -> str:
    """`sent` is the form that came back with mistakes, `opened` the part of the page it is in."""

    def reason(part: str) -> DoorForm:
        return sent if sent and opened == part else ReasonForm(formdata=None, prefix=f"{part}-")

    user = queries.get_user(public_id)
    numbers = range(1, len(user.memberships) + 1)
    return render_template(
        "accounts/admin/show.html",
        user=user,
        form=sent,
        opened=opened,
        role_form=sent if sent and opened == "role" else RoleForm(formdata=None),
        password_form=sent if sent and opened == "password" else PasswordForm(formdata=None),
        disable_form=reason("disable"),
        second_factor_form=reason("second-factor"),
        lose_forms={number: reason(f"role-{number}") for number in numbers},
    )


def _new_page(form: NewAccountForm) -> str:
    return render_template("accounts/admin/new.html", form=form)


def _role(text: str) -> Role | None:
    return Role(text) if text in set(Role) else None


def _place(public_id: str | None) -> Organisation | None:
    return directory.get_organisation(public_id) if public_id else None
