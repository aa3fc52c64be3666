"""Shows a person what waits for him: what it is, why, every word of it, and one way to send it."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import form_words, htmx, idempotency
from portal.access import the_actor
from portal.accounts import resume
from portal.accounts.models import ParkedForm
from portal.accounts.resume import Content, Why
from portal.audit.services import record
from portal.db import transaction
from portal.documents import parked
from portal.errors import NotFound


def offer(kept: str, status: int) -> ResponseReturnValue:
    """The form could not be taken as it was sent: show it again, to be sent anew."""
    return htmx.whole_page(_page_of(_waiting(kept)), status)


def offer_to_repeat() -> ResponseReturnValue:
    """The same for a visitor's form, which belongs to nobody and goes back to who sent it."""
    content = Content(resume.typed(), [], Why.STALE)
    return htmx.whole_page(_page(resume.here(), content), 400)


def offer_without_files(why: Why) -> ResponseReturnValue:
    """The files are not with us any more: the words are, and the files must be chosen again."""
    return htmx.whole_page(_page(resume.here(), Content(resume.typed(), [], why)), 409)


def go_on(public_id: str) -> ResponseReturnValue:
    """The form that waits for this person: all that was typed, and one button that sends it."""
    return _page_of(_waiting(public_id))


def throw_away(public_id: str) -> ResponseReturnValue:
    """The person does not want it: the words go at once, the files with the next sweep."""
    actor = the_actor()
    with transaction() as session:
        form = _waiting(public_id)
        record("form:throw_away", form, by=actor)
        parked.let_go(form.id)
        session.delete(form)
        return idempotency.keep(htmx.go(url_for("home")))


def settle() -> None:
    """What waited has been sent: nobody is asked about it again."""
    name = request.form.get(resume.FIELD) or request.form.get(resume.WORDS)
    form = resume.waiting(name, the_actor().user_id) if name else None
    if form is None or form.path != resume.here():
        return
    with transaction() as session:
        parked.let_go(form.id)
        session.delete(session.get_one(ParkedForm, form.id))


def waiting_here() -> list[tuple[str, ParkedForm]]:
    """What this person has not sent yet in the present role, each with what it is called."""
    actor = the_actor()
    forms = resume.all_waiting(actor.user_id, actor.membership_id)
    return [(form_words.title_of(form.path), form) for form in forms]


def _waiting(public_id: str) -> ParkedForm:
    form = resume.waiting(public_id, the_actor().user_id)
    if form is None:
        raise NotFound
    return form


def _page_of(form: ParkedForm) -> str:
    if form.membership_id != the_actor().membership_id:
        return render_template("accounts/other_role.html", form=form, membership=form.membership)
    return _page(form.path, resume.read(form), form)


def _page(path: str, content: Content, form: ParkedForm | None = None) -> str:
    actor = the_actor() if form is not None else None
    return render_template(
        "accounts/continue.html",
        path=path,
        page=path if resume.takes(path, "GET") else "",
        content=content,
        why=content.why.value,
        waiting=form,
        title=form_words.title_of(path),
        code=form_words.code_of(path, actor) if actor else "",
        lines=form_words.lines_of(path, content.fields, actor),
    )
