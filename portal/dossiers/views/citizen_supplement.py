"""Answering a request for more papers: one list, one answer, and the clock goes on."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock, htmx
from portal.access import Actor, the_actor
from portal.db import transaction
from portal.documents import messages
from portal.dossiers import custody, queries, services, supplements
from portal.dossiers.handing_in import ACCEPT, Batch, attach_all, take_all
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.custody import Holder
from portal.dossiers.models.dossier import Dossier
from portal.errors import Conflict, StepRefused
from portal.idempotency import keep

LONGEST_REPLY = 1000


@dataclass
class Answer:
    """What the citizen gives to one item: files just sent, words, and what was wrong."""

    words: str = ""
    batch: Batch = field(default_factory=Batch)
    errors: list[str] = field(default_factory=list)


def show(public_id: str) -> ResponseReturnValue:
    """The items asked for, each with its files and room for more."""
    dossier = _waiting(public_id, the_actor())
    return _page(dossier, {})


def answer(public_id: str) -> ResponseReturnValue:
    """Keep what was given; with `send` the round is closed, once everything is answered."""
    actor = the_actor()
    dossier = _waiting(public_id, actor)
    given = _given(len(supplements.items(dossier)))
    closes = request.form.get("action") == "send"
    with transaction():
        dossier = _waiting(public_id, actor, lock=True)
        conflict = _changed_meanwhile(dossier) if closes else None
        _attach(dossier, given, actor)
        words = {number: one.words for number, one in given.items()}
        supplements.keep_words(dossier, words)
        if conflict is not None:
            return keep(make_response(_page(dossier, given, conflict), 409))
        if closes:
            _must_be_complete(dossier, given)
        wrong = any(one.errors for one in given.values())
        if wrong:
            return keep(make_response(_page(dossier, given), 422))
        if not closes:
            return keep(htmx.go(url_for("citizen.supplement", public_id=public_id)))
        supplements.note_words(dossier, words, by=actor, at=clock.now())
        services.supplement(dossier, by=actor, at=clock.now())
        return keep(htmx.go(url_for("citizen.dossier", public_id=public_id)))


def _given(count: int) -> dict[int, Answer]:
    """Every item's words and checked files; the files are read here, before the transaction."""
    found = {}
    for number in range(count):
        words = request.form.get(f"words-{number}", "").strip()[:LONGEST_REPLY]
        name = f"files-{number}"
        batch = take_all(request.files.getlist(name), name)
        found[number] = Answer(words, batch, list(batch.mistakes))
    return found


def _attach(dossier: Dossier, given: dict[int, Answer], actor: Actor) -> None:
    for item in supplements.items(dossier):
        one = given.get(item.number)
        if one is not None and one.batch.taken:
            document = supplements.document_for(dossier, item, clock.now())
            attach_all(document, one.batch, by=actor, at=clock.now())
            one.errors = list(one.batch.mistakes)


def _must_be_complete(dossier: Dossier, given: dict[int, Answer]) -> None:
    for item in supplements.items(dossier):
        one = given.setdefault(item.number, Answer())
        if not (item.new_files or one.batch.taken or one.words or one.errors):
            one.errors.append(_("Thêm tệp hoặc ghi câu trả lời cho mục này."))


def _waiting(public_id: str, actor: Actor, *, lock: bool = False) -> Dossier:
    dossier = queries.get_dossier(public_id, for_=actor, lock=lock)
    if dossier.status is not Status.SUPPLEMENT_REQUIRED:
        raise StepRefused(_("Hồ sơ này hiện không chờ bổ sung."))
    return dossier


def _changed_meanwhile(dossier: Dossier) -> Conflict | None:
    """What happened since the page was opened; files and words are taken all the same."""
    try:
        services.check_version(dossier, request.form.get("version"))
    except Conflict as conflict:
        return conflict
    return None


def _page(dossier: Dossier, given: dict[int, Answer], conflict: Conflict | None = None) -> str:
    settings = current_app.config["SETTINGS"]
    return render_template(
        "dossiers/citizen/supplement.html",
        dossier=dossier,
        request_open=services.open_request(dossier),
        items=supplements.items(dossier),
        given=given,
        conflict=conflict,
        at_post=[one for one in custody.now(dossier) if one.holder is Holder.POST],
        accept=ACCEPT,
        limits=messages.limits_hint(settings.max_upload_mb),
        max_bytes=settings.max_upload_bytes,
    )
