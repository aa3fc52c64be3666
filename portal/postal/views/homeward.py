"""Papers go home: counted by the clerk, at his counter or the agency, or by the officer."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock, htmx
from portal.access import the_actor
from portal.conflicts import settle
from portal.dossiers import custody
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.queries import get_dossier
from portal.dossiers.services import check_version
from portal.errors import Conflict, Invalid
from portal.postal import homeward
from portal.postal.forms import CollectPapersForm, PapersDeliveryForm, PapersForm
from portal.postal.homeward import Counted, Lines
from portal.postal.views.results import recipient_of


def show(public_id: str) -> ResponseReturnValue:
    """What the post or the agency still holds of an ended dossier, and the step that is next."""
    dossier = get_dossier(public_id, for_=the_actor())
    held = _held(dossier)
    if not held["here"] and not held["away"]:
        return htmx.go(url_for("post.dossier", public_id=public_id))
    return _page(dossier, held=held)


def turn_round(public_id: str) -> ResponseReturnValue:
    """Papers that never left the post are counted and kept for the sender."""
    actor, form = the_actor(), PapersForm()
    if not form.validate():
        return _page(get_dossier(public_id, for_=actor), turn_form=form, status=422)

    def work() -> Response:
        dossier = get_dossier(public_id, for_=actor, lock=True)
        check_version(dossier, form.version.data)
        item = homeward.turn_round(dossier, _counted(form), by=actor, at=clock.now())
        return htmx.go(url_for("post.item", public_id=item.public_id))

    def again(conflict: Conflict) -> Response:
        dossier = get_dossier(public_id, for_=actor)
        if not homeward.at_counter(dossier):
            raise conflict
        return _page(dossier, turn_form=form, status=409, conflict=conflict)

    try:
        return settle(work, again, [form])
    except Invalid as problem:
        form.refuse(problem.field, str(problem.sentence))
        return _page(get_dossier(public_id, for_=actor), turn_form=form, status=422)


def collect(public_id: str) -> ResponseReturnValue:
    """The agency has given the papers back to the post."""
    actor, form = the_actor(), CollectPapersForm()
    if not form.validate():
        return _page(get_dossier(public_id, for_=actor), collect_form=form, status=422)

    def work() -> Response:
        dossier = get_dossier(public_id, for_=actor, lock=True)
        check_version(dossier, form.version.data)
        giver = form.giver_name.data or ""
        item = homeward.collect(dossier, giver, _counted(form), by=actor, at=clock.now())
        return htmx.go(url_for("post.item", public_id=item.public_id))

    def again(conflict: Conflict) -> Response:
        dossier = get_dossier(public_id, for_=actor)
        if not homeward.is_for_post(dossier):
            raise conflict
        return _page(dossier, collect_form=form, status=409, conflict=conflict)

    try:
        return settle(work, again, [form])
    except Invalid as problem:
        form.refuse(problem.field, str(problem.sentence))
        return _page(get_dossier(public_id, for_=actor), collect_form=form, status=422)


def at_desk(public_id: str) -> ResponseReturnValue:
    """The officer's form for papers that the citizen takes at the agency."""
    dossier = get_dossier(public_id, for_=the_actor())
    if not homeward.at_agency(dossier):
        return htmx.go(url_for("office.dossier", public_id=public_id))
    return _desk_page(dossier, PapersDeliveryForm(formdata=None))


def give_at_desk(public_id: str) -> ResponseReturnValue:
    """The citizen has his papers back, counted with the officer."""
    actor, form = the_actor(), PapersDeliveryForm()
    if not form.validate():
        return _desk_page(get_dossier(public_id, for_=actor), form, 422)

    def work() -> Response:
        dossier = get_dossier(public_id, for_=actor, lock=True)
        check_version(dossier, form.version.data)
        homeward.give_at_desk(dossier, recipient_of(form), by=actor, at=clock.now())
        return htmx.go(url_for("office.dossier", public_id=public_id))

    def again(conflict: Conflict) -> Response:
        dossier = get_dossier(public_id, for_=actor)
        if not homeward.at_agency(dossier):
            raise conflict
        return _desk_page(dossier, form, 409, conflict)

    try:
        return settle(work, again, [form])
    except Invalid as problem:
        form.refuse(problem.field, str(problem.sentence))
        return _desk_page(get_dossier(public_id, for_=actor), form, 422)


def _counted(form: PapersForm) -> Counted:
    return Counted(form.pages.data or 0, form.note.data or "")


def _page(
    dossier: Dossier,
    *,
    turn_form: PapersForm | None = None,
    collect_form: CollectPapersForm | None = None,
    conflict: Conflict | None = None,
    held: dict[str, Lines] | None = None,
    status: int = 200,
) -> Response:
    turn_form = turn_form or PapersForm(formdata=None)
    collect_form = collect_form or CollectPapersForm(formdata=None)
    for form in (turn_form, collect_form):
        form.version.data = str(dossier.version)
    page: Any = render_template(
        "postal/clerk/papers.html",
        dossier=dossier,
        turn_form=turn_form,
        collect_form=collect_form,
        **(held or _held(dossier)),
        conflict=conflict,
    )
    return make_response(page, status)


def _held(dossier: Dossier) -> dict[str, Lines]:
    """What lies at the counter, what waits at the agency for the post, and how it came there."""
    lines = custody.history(dossier)
    for_post = homeward.is_for_post(dossier, lines)
    return {
        "custody": lines,
        "here": homeward.at_counter(dossier, lines),
        "away": homeward.at_agency(dossier, lines) if for_post else [],
    }


def _desk_page(
    dossier: Dossier,
    form: PapersDeliveryForm,
    status: int = 200,
    conflict: Conflict | None = None,
) -> Response:
    form.version.data = str(dossier.version)
    page = render_template(
        "postal/handover/give_papers.html",
        dossier=dossier,
        form=form,
        conflict=conflict,
        lines=homeward.at_agency(dossier),
    )
    return make_response(page, status)
