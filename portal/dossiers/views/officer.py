"""The office's desk: inbox, search, one dossier with its pages, and whose work it is."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock, htmx
from portal.access import Actor, Role, the_actor
from portal.db import transaction
from portal.documents.models import DocumentFile
from portal.documents.openings import glanced
from portal.dossiers import (
    assignment,
    custody,
    finding,
    inbox,
    opened,
    openings,
    queries,
    services,
    viewer,
    withdrawals,
)
from portal.dossiers.declared import declared
from portal.dossiers.desks import DESKS, Tab
from portal.dossiers.standing import Present, present, standing_of
from portal.idempotency import keep

Assignment = Callable[..., None]


def door_of(actor: Actor) -> str:
    """The door through which this person comes: leaders have their own."""
    return "leader" if actor.role is Role.LEADER else "office"


def address_of(public_id: str, actor: Actor) -> str:
    """The dossier's page behind this person's door."""
    return url_for(f"{door_of(actor)}.dossier", public_id=public_id)


def index() -> ResponseReturnValue:
    """The inbox: one tab of it, narrowed as the address says."""
    actor = the_actor()
    at = present(clock.now())
    tab = inbox.tab_of(actor, request.args.get("muc", ""))
    filters = inbox.read_filters(request.args)
    page = inbox.page(
        actor,
        tab,
        filters,
        at,
        after=request.args.get("sau", ""),
        before=request.args.get("truoc", ""),
    )
    return render_template(
        "dossiers/officer/index.html",
        tab=tab,
        tabs=_tabs(actor, tab, at),
        filters=filters,
        page=page,
        statuses=sorted(DESKS[actor.role][tab], key=lambda status: status.number),
        procedures=inbox.procedures(actor),
    )


def search() -> ResponseReturnValue:
    """What was typed, found on dossiers and on their scanned pages."""
    return _search_page(finding.tidy(request.args.get("q", "")))


def search_typed() -> ResponseReturnValue:
    """A search from the box: a citizen's own number is answered here and kept out of addresses."""
    typed = finding.tidy(request.form.get("q", ""))
    if finding.is_personal(typed):
        return _search_page(typed)
    return htmx.go(url_for(f"{door_of(the_actor())}.search", q=typed))


def show(public_id: str) -> ResponseReturnValue:
    """One dossier: data beside the page that is looked at."""
    actor = the_actor()
    now = clock.now()
    desk = opened.open_dossier(public_id, for_=actor, now=now)
    view = viewer.look_at(desk, viewer.Wanted.of(request.args))
    page = htmx.show(
        "dossiers/officer/show.html",
        "dossiers/_viewer.html",
        desk=desk,
        view=view,
        custody=() if htmx.wanted() else custody.history(desk.dossier),
        door=door_of(actor),
        answers=() if htmx.wanted() else declared(desk.dossier),
        verbs=withdrawals.offered(desk.dossier, actor.role),
        standing=standing_of(desk.dossier, present(now)),
    )
    glanced(_read_on(desk, view))
    return page


def claim(public_id: str) -> ResponseReturnValue:
    """Take the dossier to work on."""
    return _assign(public_id, assignment.claim)


def release(public_id: str) -> ResponseReturnValue:
    """Put the dossier back."""
    return _assign(public_id, assignment.release)


def _read_on(desk: opened.Opened, view: viewer.View | None) -> list[DocumentFile]:
    """The files whose words are on the page: the one looked at, and those whose fields were read.

    A fragment shows the viewer only.
    """
    files = [] if htmx.wanted() else [file for file in desk.files if file.fields]
    return [*files, *([view.page.file] if view else [])]


def _search_page(typed: str) -> str:
    actor = the_actor()
    found = finding.find(actor, typed, present(clock.now())) if typed else None
    if found and finding.is_personal(typed):  # a look at one person, not at a desk
        openings.note(*[row.dossier for row in found.rows], is_row=True)
    page = render_template(
        "dossiers/officer/search.html",
        typed=typed,
        mark=None if finding.is_personal(typed) else typed,  # it stands in addresses
        found=found,
        door=door_of(actor),
    )
    glanced([hit.file for hit in found.pages] if found else [])
    return page


def _assign(public_id: str, verb: Assignment) -> ResponseReturnValue:
    actor = the_actor()
    with transaction():
        dossier = queries.get_dossier(public_id, for_=actor, lock=True)
        services.check_version(dossier, request.form.get("version"))
        verb(dossier, by=actor, at=clock.now())
        return keep(htmx.go(address_of(public_id, actor)))


def _tabs(actor: Actor, current: Tab, at: Present) -> list[dict[str, object]]:
    found = inbox.counts(actor, at)
    return [
        {
            "href": url_for("office.inbox", muc=tab.value),
            "text": tab.label,
            "count": count.total,
            "urgent": count.is_urgent,
            "current": tab is current,
            "hint": tab.hint,
        }
        for tab, count in found.items()
    ]
