"""Stands at every door: who may enter, from where a form comes, and that it counts once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import MethodNotAllowed

from portal import cloakroom, continuing, htmx, idempotency, security
from portal.access import ANYONE, Actor, Role, current_actor, must_be
from portal.accounts import owners, sessions
from portal.accounts.resume import Why
from portal.accounts.views import threshold
from portal.dossiers import openings
from portal.errors import Conflict
from portal.extensions import csrf
from portal.patience import READ_ONLY
from portal.postal.views import station

View = Callable[..., ResponseReturnValue]
Done = TypeVar("Done")

SHOWS_NOTHING = frozenset({204, 302, 303})
MOST_TRIES = 3
GAVE_WAY = frozenset({"40P01", "40001"})  # deadlock, and what cannot be put in one order
WORTH_ANOTHER_TRY = GAVE_WAY | READ_ONLY


@dataclass(frozen=True)
class Row:
    """One address: its endpoint name, path, view, methods, and the roles that may enter.

    `who` empty means anyone. `changes` means the form carries an idempotency key and its
    view keeps its answer. `while_locked` lets a person behind the shield through. `is_polled`
    is for what a page asks for by itself: it does not count as somebody being there. A door for
    machines (`is_machine`) asks for a station's token, unless it is the one where it is given
    (`is_paired`); sessions and cookies mean nothing there.
    """

    name: str
    path: str
    view: View
    who: frozenset[Role]
    method: str = "GET"
    changes: bool = False
    while_locked: bool = False
    is_polled: bool = False
    is_machine: bool = False
    is_paired: bool = True


def see(name: str, path: str, view: View, who: frozenset[Role] = ANYONE) -> Row:
    """A row for reading."""
    return Row(name, path, view, who)


def poll(name: str, path: str, view: View, who: frozenset[Role] = ANYONE) -> Row:
    """A row for a fragment that a page asks for again and again by itself."""
    return Row(name, path, view, who, is_polled=True)


def do(name: str, path: str, view: View, who: frozenset[Role]) -> Row:
    """A row for changing something, once for each form however often it is sent."""
    return Row(name, path, view, who, "POST", changes=True)


def ask(name: str, path: str, view: View, who: frozenset[Role] = ANYONE) -> Row:
    """A row for a posted question that changes nothing worth repeating (sign-in, look-up)."""
    return Row(name, path, view, who, "POST")


def serve(name: str, path: str, view: View, method: str = "POST") -> Row:
    """A row for the counter's computers, which show the token they were paired with."""
    return Row(name, path, view, ANYONE, method, is_machine=True)


def welcome(name: str, path: str, view: View) -> Row:
    """The row where a computer that nobody knows yet gets its token."""
    return Row(name, path, view, ANYONE, "POST", is_machine=True, is_paired=False)


def hang_one(app: Flask, row: Row) -> None:
    """Hang one door, with its guard."""
    app.add_url_rule(
        row.path,
        endpoint=row.name,
        view_func=_machine(row) if row.is_machine else _guarded(row),
        methods=[row.method],
        provide_automatic_options=False,
    )


def _machine(row: Row) -> View:
    """No form and no session: what a browser sends from another site is refused all the same."""

    @wraps(row.view)
    def enter(**values: Any) -> ResponseReturnValue:
        g.actor = None
        if request.method == "HEAD":
            raise MethodNotAllowed(valid_methods=[row.method])
        security.refuse_foreign_form()
        openings.begin()
        if row.is_paired:
            station.who_is_there()
        return _untangled(row.view, values)

    return enter


def _guarded(row: Row) -> View:
    @wraps(row.view)
    def enter(**values: Any) -> ResponseReturnValue:
        _refuse_method(row)
        refusal = _stop_at_door(row, current_actor())
        if refusal is not None:
            return refusal
        if not row.is_polled:
            sessions.touch()
        openings.begin()
        try:
            return _noted(row, _answered(row, values))
        except Conflict as conflict:
            if conflict.changes:  # its page tells what happened to the dossier
                _write_down(row)
            raise

    return enter


def _answered(row: Row, values: dict[str, Any]) -> ResponseReturnValue:
    if row.method != "POST":
        return row.view(**values)
    security.refuse_nul_in_form()
    try:
        csrf.protect()
    except CSRFError:
        return _token_too_old(row)
    lost = cloakroom.hand_back(current_actor())
    if row.changes:
        return _settled(_once(row.view, values, lost))
    return continuing.offer_without_files(lost) if lost else row.view(**values)


def _noted(row: Row, answer: ResponseReturnValue) -> ResponseReturnValue:
    """Whoever is shown a dossier is in the log before the page leaves, or it does not leave."""
    response = current_app.make_response(answer)
    if response.status_code not in SHOWS_NOTHING:
        _write_down(row)
    return response


def _write_down(row: Row) -> None:
    """Pages each time; parts of one, forms that came back and one's own pages once in a while."""
    actor = current_actor()
    if actor is None:
        return
    is_page = row.method == "GET" and not row.is_polled and not htmx.wanted()
    each_time = is_page and actor.role is not Role.CITIZEN
    _untangled(openings.write_down, {"page": row.name, "by": actor, "each_time": each_time})


def _refuse_method(row: Row) -> None:
    """Before anybody is asked who he is: what other sites send or load, and HEAD of the private.

    Whoever knows the length of a private page has opened it, and nobody needs only that.
    """
    if row.method == "POST":
        security.refuse_foreign_form()
    elif row.who:
        security.refuse_foreign_load()
    if request.method == "HEAD" and row.who:
        raise MethodNotAllowed(valid_methods=["GET"])


def _stop_at_door(row: Row, actor: Actor | None) -> ResponseReturnValue | None:
    if not row.who:
        return None
    if actor is None:
        return threshold.ask_to_sign_in(cloakroom.keep(Why.ENDED))
    if row.while_locked:
        must_be(actor, row.who)
        return None
    if _is_anothers(row, actor):
        return threshold.ask_to_sign_in(cloakroom.keep(Why.ANOTHERS), is_anothers=True)
    if actor.locked:
        # What htmx sent stays in its page, under the shield: it need not be kept here too.
        return threshold.ask_to_unlock("" if htmx.wanted() else cloakroom.keep(Why.LOCKED))
    return _stop_in_this_role(row, actor)


def _stop_in_this_role(row: Row, actor: Actor) -> ResponseReturnValue | None:
    """A form is taken in the role it was shown in: another may sit at another desk."""
    owner = owners.of_form() if row.changes else None
    if owner is not None and owner.membership_id != actor.membership_id:
        kept = cloakroom.keep(Why.ROLE)
        if kept:
            return continuing.offer(kept, 409)
    must_be(actor, row.who)
    return None


def _is_anothers(row: Row, actor: Actor) -> bool:
    """Whether the form was shown to somebody who sat at this browser before."""
    owner = owners.of_form() if row.method == "POST" else None
    return owner is not None and owner.user_id != actor.user_id


def _token_too_old(row: Row) -> ResponseReturnValue:
    """A form of ours is offered again to whom it was shown to; any other is refused."""
    if not security.comes_from_here():
        raise CSRFError("The token does not fit.")
    if not row.who:
        return continuing.offer_to_repeat()
    if owners.of_form() is None:
        raise CSRFError("Nobody can say to whom this form was shown.")
    return continuing.offer(cloakroom.keep(Why.STALE), 400)


def _settled(answer: ResponseReturnValue) -> ResponseReturnValue:
    if idempotency.is_answered():
        continuing.settle()
    return answer


def _once(view: View, values: dict[str, Any], lost: Why | None) -> ResponseReturnValue:
    """Answer a repeated form with its first answer, also when both arrive together.

    One whose files are gone may have been answered before: its key alone says so.
    """
    idempotency.expect_key()
    known: Response | None = idempotency.replayed(by_key_alone=lost is not None)
    if known is not None:
        return known
    if lost is not None:
        return continuing.offer_without_files(lost)
    try:
        return _untangled(view, values)
    except idempotency.AlreadyAnswered:
        answer = idempotency.replayed()
        if answer is None:
            raise
        return answer


def _untangled(work: Callable[..., Done], values: dict[str, Any]) -> Done:
    """Do it again when the database chose it to give way to another's.

    Also when our connection still led to what was a copy a moment ago: the next may lead to a
    server that writes. Nothing of the form was kept, so nobody need know; its files are read from
    their beginning. What failed after its effect was kept is not done twice.
    """
    was_answered = idempotency.is_answered()
    for _ in range(MOST_TRIES - 1):
        try:
            return work(**values)
        except DBAPIError as error:
            gave_way = getattr(error.orig, "sqlstate", None) in WORTH_ANOTHER_TRY
            if not gave_way or idempotency.is_answered() != was_answered:
                raise
            for uploads in request.files.listvalues():
                for upload in uploads:
                    upload.stream.seek(0)
    return work(**values)
